"""
Register a person: their app brings the tokens that X gave it, X says whose they are.

Nothing is kept before X has answered; the account that X names is the one that is
registered, whatever the caller believes. X's own window is respected here too.
"""

from typing import assert_never

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from services.api.accounts import describe
from services.api.faults import Fault, invalid
from services.api.gateway import Gateway
from services.api.parameters import read_params
from services.api.timelines import iso
from shared.domain.credential import Credential, OAuth1Credential, OAuth2Credential
from shared.domain.outcome import Failure, Limited, Malformed, Refused, Stopped, Unavailable
from shared.x.me import Person

#: X gives OAuth 2.0 access tokens two hours; taken where the caller does not say.
_TWO_HOURS = 7200
#: A registration is under 2 kB; more is not one.
BODY_LIMIT_BYTES = 64 * 1024
#: X's tokens and scopes have fewer than 200 characters.
_LONGEST = 1024
#: When X is not there, asking again much sooner helps nobody.
_AGAIN_SECONDS = 30


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
    credential = _read(await _read_body(request), gateway.clock.now_ms())
    person = await _ask_x(gateway, credential)
    now_ms = gateway.clock.now_ms()
    new = await gateway.accounts.register(
        person.account_id, (person.username, person.name), credential, now_ms=now_ms
    )
    token = await gateway.sessions.begin(person.account_id, now_ms=now_ms, lasts_ms=gateway.session_ms)
    kept = await gateway.accounts.find(person.account_id)
    body = {
        "account": describe(kept) if kept else {"id": str(person.account_id)},
        "token": token,
        "expires_at": iso(now_ms + gateway.session_ms),
    }
    headers = {"cache-control": "no-store"}
    return Response(
        msgspec.json.encode(body), 201 if new else 200, headers, "application/json; charset=utf-8"
    )


async def _ask_x(gateway: Gateway, credential: Credential) -> Person:
    """
    Ask X whose credential this is, inside its window.

    Errors: Fault when X does not say.
    """
    now_ms = gateway.clock.now_ms()
    resets_at_ms = await gateway.verifications.reserve(credential, now_ms=now_ms)
    if resets_at_ms is not None:
        raise _told(Limited(resets_at_ms), now_ms)
    named = await gateway.me.whose(credential)
    if named.person == Refused("sign-in-needed"):
        await gateway.verifications.release(credential)
    else:
        await gateway.verifications.settle(credential, named.window, now_ms=gateway.clock.now_ms())
    if not isinstance(named.person, Person):
        raise _told(named.person, now_ms)
    return named.person


def _told(failure: Failure, now_ms: int) -> Fault:
    """Tell why X did not say whose credential it is."""
    match failure:
        case Refused("sign-in-needed"):
            return Fault(401, "X does not accept these tokens; sign in with X again and send the new ones.")
        case Refused(reason):
            return Fault(403, f"X does not let this account read now ({reason}).")
        case Limited(resets_at_ms):
            wait = {"retry-after": str(max(1, -(-(resets_at_ms - now_ms) // 1000)))}
            return Fault(
                429, "X may not be asked about these tokens again before its window resets.", headers=wait
            )
        case Stopped(reason):
            return Fault(503, f"X refuses this app for now ({reason}).", headers=_again())
        case Unavailable(reason) | Malformed(reason):
            return Fault(
                503, f"X did not say whose tokens these are ({reason}); try again.", headers=_again()
            )
        case _:
            assert_never(failure)


def _again() -> dict[str, str]:
    return {"retry-after": str(_AGAIN_SECONDS)}


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_LIMIT_BYTES:
                raise Fault(413, f"A registration has at most {BODY_LIMIT_BYTES} bytes.")
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
