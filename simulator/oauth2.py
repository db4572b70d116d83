"""
X's OAuth 2.0 endpoints for apps: tokens for a code or a refresh token, and their end.

Source: X's documentation of the authorization code flow, and errors recorded in
public issue threads, read 2026-11. That a refresh token is good once, and that
showing it again kills its family, is reported from the field.
"""

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.calls import NOT_KEPT, Call, serve
from simulator.forms import read_form
from simulator.grants import NO_TOKEN, Pair, Refusal
from simulator.people import Person
from simulator.upstream import Simulation

Form = Mapping[str, str]
Answer = tuple[int, dict[str, Any]]
Answering = Callable[[Form], Answer]

_GRANT_TYPES = ("authorization_code", "refresh_token")
_NO_CLIENT = (
    401,
    {
        "error": "unauthorized_client",
        "error_description": "Missing valid authorization header",
    },
)


@dataclass(frozen=True, slots=True)
class Client:
    """The one app that X knows by OAuth 2.0; without a secret it is a public client."""

    id: str
    secret: str = field(repr=False)

    def is_asking(self, authorization: str, form: Form) -> bool:
        """Tell whether a request is the app's own."""
        if not self.secret:
            return form.get("client_id") == self.id
        scheme, _, given = authorization.partition(" ")
        return scheme.lower() == "basic" and self._is_basic(given)

    def _is_basic(self, given: str) -> bool:
        try:
            pair = base64.b64decode(given, validate=True)
        except (binascii.Error, ValueError):
            return False
        return hmac.compare_digest(pair, f"{self.id}:{self.secret}".encode())


class OAuth2:
    """The token endpoints over one simulation."""

    def __init__(self, simulation: Simulation, client: Client) -> None:
        self._simulation = simulation
        self._client = client

    async def token(self, request: Request) -> Response:
        """Answer `POST /2/oauth2/token`."""
        return await self._serve(request, "token", self._grant)

    async def revoke(self, request: Request) -> Response:
        """Answer `POST /2/oauth2/revoke`."""
        return await self._serve(request, "revoke", self._revoke)

    async def _serve(self, request: Request, endpoint: str, answer: Answering) -> Response:
        form = await read_form(request)
        is_client = self._client.is_asking(request.headers.get("authorization", ""), form)

        def reply() -> Response:
            status, body = answer(form) if is_client else _NO_CLIENT
            return JSONResponse(body, status, headers=NOT_KEPT)

        return await serve(self._simulation, Call(endpoint, self._owner(form), _told(form)), reply)

    def _owner(self, form: Form) -> Person | None:
        given = (form.get(name, "") for name in ("code", "refresh_token", "token"))
        owners = (self._simulation.grants.owner(each) for each in given)
        return next((each for each in owners if each), None)

    def _grant(self, form: Form) -> Answer:
        grants, now_ms = self._simulation.grants, self._simulation.clock.now_ms()
        match form.get("grant_type"):
            case "authorization_code":
                asked = [form.get(name, "") for name in ("code", "redirect_uri", "code_verifier")]
                return self._tell(grants.trade(asked[0], asked[1], asked[2], now_ms))
            case "refresh_token":
                return self._tell(grants.refresh(form.get("refresh_token", ""), now_ms))
            case _:
                return _refused("Value passed for the grant type was invalid.", "unsupported_grant_type")

    def _tell(self, granted: Pair | Refusal) -> Answer:
        if isinstance(granted, Refusal):
            return _refused(granted.description)
        body = {
            "token_type": "bearer",
            "expires_in": self._simulation.grants.access_token_ms // 1000,
            "access_token": granted.access_token,
            "scope": granted.scope,
        }
        return 200, body | ({"refresh_token": granted.refresh_token} if granted.refresh_token else {})

    def _revoke(self, form: Form) -> Answer:
        is_known = self._simulation.grants.revoke(form.get("token", ""))
        return (200, {"revoked": True}) if is_known else _refused(NO_TOKEN.description)


def _refused(description: str, error: str = "invalid_request") -> Answer:
    return 400, {"error": error, "error_description": description}


def _told(form: Form) -> dict[str, str]:
    """Say what the journal may know of a form: nothing that a token could stand in."""
    grant_type = form.get("grant_type")
    return {"grant_type": grant_type} if grant_type in _GRANT_TYPES else {}
