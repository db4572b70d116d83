"""
X's OAuth 1.0a endpoints: a request token, the person's consent, the user token, and its end.

Source: X's documentation of the three-legged flow and of its error codes, read 2026-11.
"""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from simulator import consent
from simulator.addresses import may_return_to, with_query
from simulator.calls import NOT_KEPT, Call, note, serve
from simulator.forms import read_form
from simulator.people import SCOPE, Person
from simulator.signatures import Consumer, Signed, read_signed
from simulator.signers import Wish
from simulator.upstream import Simulation

_FORM = "application/x-www-form-urlencoded"
_STALE = "This request token is not known here, or was used already: go back to the app and try again"


class OAuth1:
    """The three legs over one simulation, and the way out."""

    def __init__(self, simulation: Simulation, consumer: Consumer) -> None:
        self._simulation = simulation
        self._signers = simulation.signers
        self._consumer = consumer

    async def request_token(self, request: Request) -> Response:
        """Answer `POST /oauth/request_token`: begin a sign-in that ends at `oauth_callback`."""
        signed = await _read(request)

        def answer() -> Response:
            if not self._consumer.has_signed(signed, ""):
                return _refused(401, 32, "Could not authenticate you.")
            callback = signed.param("oauth_callback")
            if not may_return_to(callback):
                return _refused(403, 415, "Callback URL not approved for this client application.")
            token, wish = self._signers.wish(callback)
            return _told(oauth_token=token, oauth_token_secret=wish.secret, oauth_callback_confirmed="true")

        return await self._serve("request_token", None, answer)

    async def ask(self, request: Request) -> Response:
        """Answer `GET /oauth/authenticate` and `/oauth/authorize`: ask whoever is there."""
        token = request.query_params.get("oauth_token", "")
        chosen = self._simulation.world.named(request.query_params.get("person"))
        if self._open(token) is None or chosen is None:
            return self._noted(consent.complain(_STALE if chosen else consent.NOBODY), None)
        question = consent.Question(
            request.url.path, self._consumer.key, SCOPE.split(), {"oauth_token": token}
        )
        return self._noted(consent.ask(question, self._simulation.world.people.values(), chosen), chosen)

    async def decide(self, request: Request) -> Response:
        """Answer the form: back to the app, with a verifier or with a no."""
        form = await read_form(request)
        token = form.get("oauth_token", "")
        wish, person = self._open(token), self._simulation.world.named(form.get("person", ""))
        if wish is None or person is None:
            return self._noted(consent.complain(_STALE if person else consent.NOBODY), None)
        if form.get("decision") == "allow":
            news = {"oauth_token": token, "oauth_verifier": self._signers.consent(wish, person)}
        else:
            self._signers.deny(token)
            news = {"denied": token}
        return self._noted(RedirectResponse(with_query(wish.callback, news), 303), person)

    async def access_token(self, request: Request) -> Response:
        """Answer `POST /oauth/access_token`: the person's token for a request token and its verifier."""
        signed = await _read(request)
        wish = self._signers.wished(signed.token)

        def answer() -> Response:
            if wish is None or not self._consumer.has_signed(signed, wish.secret):
                return _refused(401, 32, "Could not authenticate you.")
            signer = self._signers.trade(signed.token, signed.param("oauth_verifier"))
            if signer is None:
                return _refused(401, 89, "Invalid or expired token.")
            return _told(
                oauth_token=signer.token,
                oauth_token_secret=signer.secret,
                user_id=signer.person.id,
                screen_name=signer.person.username,
            )

        return await self._serve("access_token", wish.person if wish else None, answer)

    async def invalidate_token(self, request: Request) -> Response:
        """Answer `POST /1.1/oauth/invalidate_token.json`: end the token that signed this."""
        signed = await _read(request)
        signer = self._signers.of(signed.token)

        def answer() -> Response:
            if signer is None or not self._consumer.has_signed(signed, signer.secret):
                return _refused(401, 89, "Invalid or expired token.")
            self._signers.kill(signer)
            self._simulation.ledger.revocations += 1
            return JSONResponse({"access_token": signer.token}, headers=NOT_KEPT)

        return await self._serve("invalidate_token", signer.person if signer else None, answer)

    def _open(self, request_token: str) -> Wish | None:
        """Find a sign-in that nobody has decided on yet."""
        wish = self._signers.wished(request_token)
        return wish if wish and wish.person is None else None

    async def _serve(self, endpoint: str, person: Person | None, answer: Callable[[], Response]) -> Response:
        return await serve(self._simulation, Call(endpoint, person), answer)

    def _noted(self, reply: Response, person: Person | None) -> Response:
        note(self._simulation, Call("authenticate", person), reply)
        return reply


async def _read(request: Request) -> Signed:
    is_form = request.headers.get("content-type", "").startswith(_FORM)
    body = (await request.body()).decode(errors="replace") if is_form else ""
    authorization = request.headers.get("authorization", "")
    form = parse_qsl(body, keep_blank_values=True)
    return read_signed(request.method, str(request.url), authorization, form)


def _told(**pairs: str) -> Response:
    return Response(urlencode(pairs), headers=NOT_KEPT, media_type=_FORM)


def _refused(status: int, code: int, message: str) -> Response:
    return JSONResponse({"errors": [{"code": code, "message": message}]}, status)
