"""
X's own endpoints: who asks, does the window hold it, does something go wrong, and the answer.

Everything is noted in the journal, also what was refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shared.clock import Clock
from simulator import problems, query
from simulator.auth import Doorkeeper
from simulator.faults import Faults
from simulator.grants import Grants
from simulator.home import answer_home, write_answer
from simulator.journal import Entry, Journal
from simulator.ledger import Ledger
from simulator.people import Person
from simulator.query import InvalidError
from simulator.render import Renderer
from simulator.signers import Signers
from simulator.spoil import spoil
from simulator.windows import Window, Windows, headers
from simulator.world import World

_JSON = "application/json; charset=utf-8"

Answer = tuple[int, bytes, list[int]]  # status, body, the tweets in its data
Answering = Callable[[Person, dict[str, str], int], tuple[bytes, list[int]]]


@dataclass(frozen=True, slots=True)
class Simulation:
    """Everything the endpoints share."""

    world: World
    renderer: Renderer
    doorkeeper: Doorkeeper
    grants: Grants
    signers: Signers
    ledger: Ledger
    windows: Windows
    faults: Faults
    journal: Journal
    clock: Clock
    latency_ms: int


class Upstream:
    """X's read endpoints over one simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    async def me(self, request: Request) -> Response:
        """Answer `GET /2/users/me`."""
        return await self._serve(request, "me", self._answer_me)

    async def home(self, request: Request) -> Response:
        """Answer `GET /2/users/{id}/timelines/reverse_chronological`."""

        def answer(person: Person, params: dict[str, str], now_ms: int) -> tuple[bytes, list[int]]:
            query.check_names(params, query.HOME)
            if request.path_params["id"] != person.id:
                raise InvalidError("id", request.path_params["id"], _must_be(person.id))
            return answer_home(self._simulation.world, self._simulation.renderer, person, params, now_ms)

        return await self._serve(request, "home", answer)

    async def lookup(self, request: Request) -> Response:
        """Answer `GET /2/tweets?ids=`."""
        return await self._serve(request, "lookup", self._answer_lookup)

    async def refuse(self, _: Request, fault: Exception) -> Response:
        """Answer a request for what is not here as X does: the detail says why."""
        refused = cast(HTTPException, fault)
        problem = problems.of_status(refused.status_code) | {"detail": refused.detail}
        return Response(msgspec.json.encode(problem), refused.status_code, refused.headers, _JSON)

    def _answer_me(self, person: Person, params: dict[str, str], _now_ms: int) -> tuple[bytes, list[int]]:
        query.check_names(params, query.ME)
        asked = query.read_list(params, "user.fields") | {"id", "name", "username"}
        user = {name: value for name, value in person.user().items() if name in asked}
        return msgspec.json.encode({"data": user}), []

    def _answer_lookup(self, person: Person, params: dict[str, str], now_ms: int) -> tuple[bytes, list[int]]:
        query.check_names(params, query.LOOKUP)
        asked = params.get("ids", "").split(",")
        if not 1 <= len(asked) <= 100:
            raise InvalidError("ids", params.get("ids", ""), "The `ids` query parameter takes 1 to 100 ids")
        ids = [query.read_id({"ids": each}, "ids") or 0 for each in asked]
        world = self._simulation.world
        found = [each for each in ids if world.is_there(each, now_ms, deletes=person.deletes)]
        selection = query.read_selection(params)
        body = write_answer(found, selection, self._simulation.renderer, now_ms, None)
        lost = [
            problems.missing("ids", str(each), posts=selection.posts)
            for each in dict.fromkeys(ids)
            if each not in found
        ]
        return _with_errors(body, lost), found

    async def _serve(self, request: Request, endpoint: str, answer: Answering) -> Response:
        """Take a request through the door and the window, let go wrong what shall, and answer it."""
        simulation = self._simulation
        await simulation.clock.sleep_ms(simulation.latency_ms)
        now_ms = simulation.clock.now_ms()
        params = dict(request.query_params)
        person = simulation.doorkeeper.who(str(request.url), request.headers, now_ms)
        if person is None:
            return self._reply(
                "", endpoint, params, (401, msgspec.json.encode(problems.of_status(401)), []), None
            )
        held, window = simulation.windows.take(person.id, endpoint, now_ms)
        fault = simulation.faults.meet(person.id, endpoint) if held else None
        status, body, ids = _answered(answer, person, params, now_ms) if held else _refused(429)
        if fault is not None and fault.status is not None:
            status, body, ids = fault.status, msgspec.json.encode(fault.problem()), []
        reply = self._reply(person.id, endpoint, params, (status, body, ids), window)
        return await spoil(reply, fault, simulation.clock)

    def _reply(
        self, person_id: str, endpoint: str, params: dict[str, str], answer: Answer, window: Window | None
    ) -> Response:
        status, body, ids = answer
        now_ms = self._simulation.clock.now_ms()
        self._simulation.journal.note(Entry(now_ms, person_id, endpoint, params, status, len(ids)), ids)
        return Response(
            body,
            status,
            headers=headers(window) if window else None,
            media_type=_JSON,
        )


def _answered(answer: Answering, person: Person, params: dict[str, str], now_ms: int) -> Answer:
    try:
        return 200, *answer(person, params, now_ms)
    except InvalidError as invalid:
        return 400, msgspec.json.encode(invalid.problem), []


def _refused(status: int) -> Answer:
    return status, msgspec.json.encode(problems.of_status(status)), []


def _must_be(person_id: str) -> str:
    return f"The `id` query parameter value must be the same as the authenticating user [{person_id}]"


def _with_errors(body: bytes, errors: list[problems.Problem]) -> bytes:
    if not errors:
        return body
    whole = msgspec.json.decode(body)
    whole["errors"] = [*whole.get("errors", ()), *errors]
    return msgspec.json.encode(whole)
