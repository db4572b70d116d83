"""
The control surface under `/_sim`: who lives in the world, what is written, what goes wrong, what was asked.

It is for tests and demonstrations; X has nothing like it.
"""

from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator import recordings
from simulator.faults import Fault
from simulator.people import Person
from simulator.upstream import Simulation

Count = Annotated[int, Meta(ge=0)]


class _Limit(msgspec.Struct, forbid_unknown_fields=True):
    limit: Count
    window_seconds: Annotated[int, Meta(ge=1)] = 900


class _NewUser(msgspec.Struct, forbid_unknown_fields=True):
    username: str | None = None
    name: str | None = None
    follow: Count | None = None
    rate_per_minute: Annotated[float, Meta(gt=0, le=60)] | None = None
    deletes: bool = True


class _NewTweets(msgspec.Struct, forbid_unknown_fields=True):
    count: Count = 0
    tweets: list[dict[str, Any]] = []


class _Recording(msgspec.Struct, forbid_unknown_fields=True):
    path: str
    user: str | int | None = None


class Control:
    """The control surface over one simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    async def list_users(self, _: Request) -> Response:
        """List everybody with their tokens."""
        now_ms = self._now_ms()
        return JSONResponse(
            {"users": [each.tokens(now_ms) for each in self._simulation.world.people.values()]}
        )

    async def add_user(self, request: Request) -> Response:
        """Add somebody; the body may be empty."""
        given = msgspec.json.decode(await request.body() or b"{}", type=_NewUser)
        body = {name: value for name, value in msgspec.structs.asdict(given).items() if value is not None}
        person = self._simulation.world.add(body, self._now_ms())
        self._simulation.doorkeeper.admit([person])
        return JSONResponse(person.tokens(self._now_ms()), 201)

    async def add_tweets(self, request: Request) -> Response:
        """Show tweets in one person's timeline: so many, or these."""
        given = msgspec.json.decode(await request.body(), type=_NewTweets)
        tweets = [*given.tweets, *({} for _ in range(given.count))]
        if given.tweets:  # which may have been shown otherwise, or referred to
            self._simulation.renderer.forget()
        ids = self._simulation.world.post(self._person(request), tweets, self._now_ms())
        return JSONResponse({"ids": [str(each) for each in ids]}, 201)

    async def delete_tweet(self, request: Request) -> Response:
        """Delete a tweet everywhere."""
        self._simulation.world.delete(int(request.path_params["id"]))
        return Response(status_code=204)

    async def limit(self, request: Request) -> Response:
        """Give somebody another home timeline window."""
        given = msgspec.json.decode(await request.body(), type=_Limit)
        self._simulation.windows.limit(self._person(request).id, given.limit, given.window_seconds)
        return Response(status_code=204)

    async def revoke(self, request: Request) -> Response:
        """Make somebody's tokens worthless, as when they remove the app at X."""
        self._simulation.doorkeeper.shut_out(self._person(request))
        return Response(status_code=204)

    async def expire(self, request: Request) -> Response:
        """Let somebody's access tokens expire now; their refresh tokens stay good."""
        self._simulation.grants.expire_all(self._person(request), self._now_ms())
        return Response(status_code=204)

    async def oauth(self, _: Request) -> Response:
        """Count what was done to sign people in and out."""
        return JSONResponse(self._simulation.ledger.counts())

    async def secrets(self, _: Request) -> Response:
        """List every token, secret and code there ever was, so that a test can look for leaks."""
        return JSONResponse({"secrets": sorted(self._simulation.ledger.secrets)})

    async def timeline(self, request: Request) -> Response:
        """Tell the truth: every id in somebody's timeline now; with `all=true` also what is still to show."""
        now_ms = self._now_ms()
        person = self._simulation.world.at(self._person(request), now_ms)
        ids = person.timeline.ids
        reachable = len(ids) - person.timeline.reachable(now_ms)
        if request.query_params.get("all") == "true":
            ids = sorted({*ids, *person.timeline.planned()})
        return JSONResponse({"ids": [str(each) for each in reversed(ids)], "reachable": reachable})

    async def fault(self, request: Request) -> Response:
        """Let something go wrong from now on."""
        self._simulation.faults.add(msgspec.json.decode(await request.body(), type=Fault))
        return Response(status_code=204)

    async def clear_faults(self, _: Request) -> Response:
        """Let everything go right again."""
        self._simulation.faults.clear()
        return Response(status_code=204)

    async def load_recordings(self, request: Request) -> Response:
        """Show recorded pages in somebody's timeline, or in the first person's."""
        given = msgspec.json.decode(await request.body(), type=_Recording)
        world = self._simulation.world
        person = self._named(str(given.user)) if given.user else next(iter(world.people.values()))
        tweets = recordings.load(world.shelf, person, Path(given.path))
        self._simulation.renderer.forget()
        return JSONResponse({"tweets": tweets})

    async def requests(self, request: Request) -> Response:
        """List the requests that X got, in one person's name (`user`) or all."""
        entries = self._simulation.journal.of(request.query_params.get("user"))
        return Response(msgspec.json.encode({"requests": entries}), media_type="application/json")

    async def stats(self, _: Request) -> Response:
        """Count requests by endpoint and status, posts returned and billed, and requests over a window."""
        refused = {"refused_by_window": self._simulation.windows.refused}
        return JSONResponse(self._simulation.journal.stats() | refused)

    def _person(self, request: Request) -> Person:
        return self._named(request.path_params["id"])

    def _named(self, person_id: str) -> Person:
        """Errors: HTTPException 404 when nobody has that id."""
        try:
            return self._simulation.world.people[person_id]
        except KeyError:
            raise HTTPException(404, f"nobody has the id {person_id}") from None

    def _now_ms(self) -> int:
        return self._simulation.clock.now_ms()


async def refuse(request: Request, fault: Exception) -> Response:
    """
    Answer a control request that cannot be understood.

    Errors: what is wrong anywhere else is a fault in the simulator, and raised again.
    """
    if not request.url.path.startswith("/_sim/"):
        raise fault
    return JSONResponse({"detail": str(fault)}, 400)
