"""
API keys: tokens that a person makes for programs of their own, names, and revokes.

The token is shown once, when it is made. A key never passes on more than the token
with which it is made may itself.
"""

from typing import Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from services.api.auth import caller, ended, fresh_or_write, out_of_scope
from services.api.faults import Fault, invalid
from services.api.gateway import Gateway
from services.api.parameters import read_params
from services.api.registrations import read_body
from services.api.timelines import iso
from shared.store.sessions import (
    ACCOUNT_WRITE,
    KEYS_KEPT,
    TIMELINE_READ,
    ApiKey,
    Kind,
    Terms,
    TooManyKeysError,
)
from shared.store.signers import new_token

_LONGEST_NAME = 80
_JSON = "application/json; charset=utf-8"
_PRIVATE = {"cache-control": "no-store"}


class NewKey(msgspec.Struct, forbid_unknown_fields=True):
    """What a key is asked for with."""

    name: str
    scopes: frozenset[Literal["timeline:read", "account:write"]] = frozenset({TIMELINE_READ})
    oauth1: bool = False


async def make(request: Request) -> Response:
    """Answer `POST /v1/account/keys`: the new key, and this once its token."""
    maker = await fresh_or_write(request)  # a key outlives the browser that it is made in
    read_params(request, frozenset())
    wanted = _read(await read_body(request))
    terms = Terms(Kind.KEY, wanted.scopes, wanted.name, idle_ms=0)
    if not terms.scopes <= maker.scopes:
        raise out_of_scope(*sorted(terms.scopes))
    gateway: Gateway = request.app.state.gateway
    now_ms = gateway.clock.now_ms()
    token = new_token(maker.account_id) if wanted.oauth1 else None
    try:
        given = await gateway.sessions.begin(maker.account_id, terms, now_ms=now_ms, token=token)
    except TooManyKeysError:
        raise Fault(409, f"An account has at most {KEYS_KEPT} keys; revoke one first.") from None
    key = ApiKey(given.id, terms.name, terms.scopes, now_ms, 0)
    shown = {"token": given.token} if token is None else {"oauth1": await _signer(gateway, token, now_ms)}
    return Response(msgspec.json.encode(_describe(key) | shown), 201, _PRIVATE, _JSON)


async def show(request: Request) -> Response:
    """Answer `GET /v1/account/keys`: the caller's keys, newest first."""
    account_id = await caller(request, ACCOUNT_WRITE)
    read_params(request, frozenset())
    gateway: Gateway = request.app.state.gateway
    found = {"keys": [_describe(key) for key in await gateway.sessions.list_keys(account_id)]}
    return Response(msgspec.json.encode(found), headers=_PRIVATE, media_type=_JSON)


async def revoke(request: Request) -> Response:
    """Answer `DELETE /v1/account/keys/{id}`: its token holds no more."""
    account_id = await caller(request, ACCOUNT_WRITE)
    read_params(request, frozenset())
    gateway: Gateway = request.app.state.gateway
    if not await gateway.sessions.revoke_key(account_id, request.path_params["id"]):
        raise Fault(404, "You have no key of this id; GET /v1/account/keys lists those you have.")
    return Response(status_code=204)


def read_name(name: str) -> str:
    """
    Read what somebody calls a key or a link.

    Errors: Fault 400.
    """
    if not (1 <= len(name) <= _LONGEST_NAME and name.isprintable() and name.strip()):
        raise invalid("body", "", f"`name` is 1 to {_LONGEST_NAME} printable characters.")
    return name


async def _signer(gateway: Gateway, token: str, now_ms: int) -> dict[str, str]:
    """Show what a program signs with."""
    signer = await gateway.signers.find(token, now_ms=now_ms)
    if signer is None:  # forgotten meanwhile
        raise ended()
    names = ("consumer_key", "consumer_secret", "token", "token_secret")
    return {name: getattr(signer, name) for name in names}


def _read(body: bytes) -> NewKey:
    try:
        wanted = msgspec.json.decode(body, type=NewKey)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise invalid("body", "", f"The body does not describe a key: {fault}.") from None
    read_name(wanted.name)
    if not wanted.scopes:
        raise invalid("body", "", "`scopes` is one or both of timeline:read and account:write.")
    return wanted


def _describe(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "made_at": iso(key.made_at_ms),
        "used_at": iso(key.used_at_ms) if key.used_at_ms else None,
    }
