"""Register a person: their app brings the tokens that X gave it, X says whose they are."""

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from services.api.accounts import describe
from services.api.admission import admit
from services.api.auth import count_refused_registration, must_not_wait_to_register
from services.api.faults import Fault, invalid
from services.api.gateway import Gateway
from services.api.parameters import read_params
from services.api.timelines import iso
from shared.domain.credential import Credential, OAuth1Credential, OAuth2Credential
from shared.store.sessions import Terms

#: X gives OAuth 2.0 access tokens two hours; taken where the caller does not say.
_TWO_HOURS = 7200
#: A registration is under 2 kB; more is not one.
BODY_LIMIT_BYTES = 64 * 1024
#: X's tokens and scopes have fewer than 200 characters.
_LONGEST = 1024


class OAuth1(msgspec.Struct, forbid_unknown_fields=True):
    """An OAuth 1.0a user token."""

    token: str
    token_secret: str


class OAuth2(msgspec.Struct, forbid_unknown_fields=True):
    """X's answer to a token request, as it is."""

    access_token: str
    refresh_token: str | None = None
    expires_in: int = _TWO_HOURS
    scope: str = ""
    token_type: str = "bearer"  # noqa: S105 (a kind, not a token)


class Registration(msgspec.Struct, forbid_unknown_fields=True):
    """Exactly one of the two."""

    oauth1: OAuth1 | None = None
    oauth2: OAuth2 | None = None


async def register(request: Request) -> Response:
    """Answer `POST /v1/registrations`: 201 for a new account, 200 for one that is registered."""
    read_params(request, frozenset())
    gateway: Gateway = request.app.state.gateway
    credential = _read(await read_body(request), gateway.clock.now_ms())
    must_not_wait_to_register(request)
    try:
        account_id, new = await admit(gateway, credential)
    except Fault as fault:
        if fault.status == 401:
            await count_refused_registration(request)
        raise
    now_ms = gateway.clock.now_ms()
    given = await gateway.sessions.begin(account_id, Terms.app(gateway.rules.session_ms), now_ms=now_ms)
    kept = await gateway.accounts.find(account_id)
    body = {
        "account": describe(kept) if kept else {"id": str(account_id)},
        "token": given.token,
        "expires_at": iso(now_ms + gateway.rules.session_ms),
    }
    headers = {"cache-control": "no-store"}
    return Response(
        msgspec.json.encode(body), 201 if new else 200, headers, "application/json; charset=utf-8"
    )


async def read_body(request: Request) -> bytes:
    """
    Read a body, of which no more is held than one may have.

    Errors: Fault 413 when it has more; 400 when it does not end.
    """
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_LIMIT_BYTES:
                raise Fault(413, f"A request has at most {BODY_LIMIT_BYTES} bytes.")
    except ClientDisconnect:  # nobody reads this answer, but the log tells it from a fault in us
        raise Fault(400, "The connection ended before the body did.") from None
    return bytes(body)


def _read(body: bytes, now_ms: int) -> Credential:
    try:
        given = msgspec.json.decode(body, type=Registration)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise invalid("body", "", f"The body is not a registration: {fault}.") from None
    match given:
        case Registration(oauth1=OAuth1() as oauth1, oauth2=None):
            credential: Credential = OAuth1Credential(oauth1.token, oauth1.token_secret)
            strings = [oauth1.token, oauth1.token_secret]
        case Registration(oauth1=None, oauth2=OAuth2() as oauth2):
            expires_at_ms = now_ms + max(0, min(oauth2.expires_in, 366 * 86400)) * 1000
            credential = OAuth2Credential(
                oauth2.access_token, oauth2.refresh_token, expires_at_ms, oauth2.scope
            )
            scope = oauth2.scope.replace(" ", "")
            strings = [oauth2.access_token, oauth2.refresh_token or "-", scope or "-"]
        case _:
            raise invalid("body", "", "Send exactly one of `oauth1` and `oauth2`.")
    if not all(map(_is_plain, strings)):
        raise invalid("body", "", f"A token is 1 to {_LONGEST} printable ASCII characters without spaces.")
    return credential


def _is_plain(text: str) -> bool:
    return 1 <= len(text) <= _LONGEST and text.isascii() and text.isprintable() and " " not in text
