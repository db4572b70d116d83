"""
Private links to a feed: made, named and revoked by the person whose timeline it is.

A link is a token in an address, for feed readers can send nothing else. So it opens the feed and
nothing else, is shown once, and can be taken back alone. Who may not read makes none: it reads.
"""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from services.api.apikeys import read_name
from services.api.auth import caller, fresh_or_write, out_of_scope
from services.api.faults import Fault, invalid
from services.api.gateway import Gateway
from services.api.parameters import read_params
from services.api.registrations import read_body
from services.api.sites import site_of
from services.api.timelines import iso
from shared.store.sessions import (
    ACCOUNT_WRITE,
    FEED_READ,
    KEYS_KEPT,
    TIMELINE_READ,
    ApiKey,
    Kind,
    Terms,
    TooManyKeysError,
)

_JSON = "application/json; charset=utf-8"
_PRIVATE = {"cache-control": "no-store"}


class NewLink(msgspec.Struct, forbid_unknown_fields=True):
    """What a link is asked for with."""

    name: str


async def make(request: Request) -> Response:
    """Answer `POST /v1/account/feeds`: a new link, and this once its addresses."""
    maker = await fresh_or_write(request)  # a link outlives the browser that it is made in
    if TIMELINE_READ not in maker.scopes:
        raise out_of_scope(TIMELINE_READ)
    read_params(request, frozenset())
    try:
        wanted = msgspec.json.decode(await read_body(request), type=NewLink)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise invalid("body", "", f"The body does not describe a link: {fault}.") from None
    gateway: Gateway = request.app.state.gateway
    now_ms = gateway.clock.now_ms()
    terms = Terms(Kind.FEED, frozenset({FEED_READ}), read_name(wanted.name), idle_ms=0)
    try:
        given = await gateway.sessions.begin(maker.account_id, terms, now_ms=now_ms)
    except TooManyKeysError:
        detail = f"An account has at most {KEYS_KEPT} keys and links; revoke one first."
        raise Fault(409, detail) from None
    link = ApiKey(given.id, terms.name, terms.scopes, now_ms, 0)
    site = site_of(request)
    addresses = {
        "atom": f"{site}/v1/timeline/feed.atom?link={given.token}",
        "json": f"{site}/v1/timeline/feed.json?link={given.token}",
    }
    return Response(msgspec.json.encode(_describe(link) | addresses), 201, _PRIVATE, _JSON)


async def show(request: Request) -> Response:
    """Answer `GET /v1/account/feeds`: the caller's links, newest first."""
    account_id = await caller(request, ACCOUNT_WRITE)
    read_params(request, frozenset())
    gateway: Gateway = request.app.state.gateway
    links = await gateway.sessions.list_keys(account_id, Kind.FEED)
    found = {"feeds": [_describe(link) for link in links]}
    return Response(msgspec.json.encode(found), headers=_PRIVATE, media_type=_JSON)


async def revoke(request: Request) -> Response:
    """Answer `DELETE /v1/account/feeds/{id}`: the link opens nothing more."""
    account_id = await caller(request, ACCOUNT_WRITE)
    read_params(request, frozenset())
    gateway: Gateway = request.app.state.gateway
    if not await gateway.sessions.revoke_key(account_id, request.path_params["id"], Kind.FEED):
        raise Fault(404, "You have no link of this id; GET /v1/account/feeds lists those you have.")
    return Response(status_code=204)


def _describe(link: ApiKey) -> dict[str, object]:
    return {
        "id": link.id,
        "name": link.name,
        "made_at": iso(link.made_at_ms),
        "used_at": iso(link.used_at_ms) if link.used_at_ms else None,
    }
