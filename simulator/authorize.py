"""Where OAuth 2.0 begins: an app sends a person here, who lets it in or keeps it out."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from simulator import consent
from simulator.addresses import may_return_to, with_query
from simulator.calls import Call, note
from simulator.forms import read_form
from simulator.grants import Asked
from simulator.people import Person
from simulator.upstream import Simulation

PATH = "/i/oauth2/authorize"

_STATE_CHARACTERS = 500
_SCOPES = {
    *("tweet.read", "tweet.write", "tweet.moderate.write", "users.read", "users.email", "offline.access"),
    *("follows.read", "follows.write", "space.read", "mute.read", "mute.write", "block.read", "block.write"),
    *("like.read", "like.write", "list.read", "list.write", "bookmark.read", "bookmark.write"),
    *("dm.read", "dm.write", "media.write"),
}


class Authorize:
    """The consent page over one simulation."""

    def __init__(self, simulation: Simulation, client_id: str) -> None:
        self._simulation = simulation
        self._client_id = client_id

    async def ask(self, request: Request) -> Response:
        """Answer `GET /i/oauth2/authorize`: ask whoever is there."""
        params = dict(request.query_params)
        chosen = self._simulation.world.named(params.pop("person", None))
        complaint = self._complaint(params, chosen)
        if complaint or chosen is None:
            return self._noted(consent.complain(complaint), None)
        scopes = params["scope"].split()
        question = consent.Question(PATH, self._client_id, scopes, params)
        return self._noted(consent.ask(question, self._simulation.world.people.values(), chosen), chosen)

    async def decide(self, request: Request) -> Response:
        """Answer the form: back to the app, with a code or with a no."""
        form = await read_form(request)
        person = self._simulation.world.named(form.get("person", ""))
        complaint = self._complaint(form, person)
        if complaint or person is None:
            return self._noted(consent.complain(complaint), None)
        told = self._decided(form, person)
        return self._noted(RedirectResponse(with_query(form["redirect_uri"], told), 303), person)

    def _decided(self, form: Mapping[str, str], person: Person) -> dict[str, str]:
        if form.get("decision") != "allow":
            return {"error": "access_denied", "state": form["state"]}
        asked = Asked(
            form["redirect_uri"],
            form["scope"],
            form["code_challenge"],
            form["code_challenge_method"],
        )
        code = self._simulation.grants.consent(person, asked, self._simulation.clock.now_ms())
        return {"state": form["state"], "code": code}

    def _complaint(self, params: Mapping[str, str], person: Person | None) -> str:
        """Say what is wrong with a request; nothing when it is right."""
        scopes = params.get("scope", "").split()
        rules = {
            "response_type must be code": params.get("response_type") == "code",
            "client_id names no app": params.get("client_id") == self._client_id,
            "redirect_uri must be an https address, or one of this machine": may_return_to(
                params.get("redirect_uri", "")
            ),
            "scope must be one or more of X's scopes": bool(scopes) and _SCOPES.issuperset(scopes),
            "state must have 1 to 500 characters": 1 <= len(params.get("state", "")) <= _STATE_CHARACTERS,
            "code_challenge is missing": bool(params.get("code_challenge")),
            "code_challenge_method must be S256 or plain": params.get("code_challenge_method")
            in {"S256", "plain"},
            consent.NOBODY: person is not None,
        }
        return next((rule for rule, is_kept in rules.items() if not is_kept), "")

    def _noted(self, reply: Response, person: Person | None) -> Response:
        note(self._simulation, Call("authorize", person), reply)
        return reply
