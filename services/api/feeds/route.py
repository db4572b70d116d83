"""A timeline for feed readers: `GET /v1/timeline/feed.atom` and `feed.json`."""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

from starlette.requests import Request
from starlette.responses import Response

from services.api.answers import VARY, answer
from services.api.auth import claimed, claimed_by
from services.api.etags import state_of, tag_of, unchanged
from services.api.faults import invalid
from services.api.feeds import atom, jsonfeed
from services.api.feeds.entry import Entry, entries_of
from services.api.feeds.feed import Feed
from services.api.filters import FILTERS, read_filters
from services.api.gateway import Gateway
from services.api.page import whole
from services.api.parameters import read_params
from services.api.reading import Asked, read
from services.api.sites import site_of
from services.api.things import read_things
from services.api.timelines import bodies_of, headers_of, iso
from shared.domain.account import Account
from shared.store.sessions import FEED_READ, TIMELINE_READ
from shared.store.timelines import Range, Slice

_PARAMS = FILTERS | {"link", "limit"}
_USUAL = 50
_MOST = 800


async def serve_atom(request: Request) -> Response:
    """Answer `GET /v1/timeline/feed.atom`: the newest tweets, for feed readers."""
    return await _serve(request, atom.write, atom.MEDIA_TYPE)


async def serve_json(request: Request) -> Response:
    """Answer `GET /v1/timeline/feed.json`: the newest tweets, for feed readers."""
    return await _serve(request, jsonfeed.write, jsonfeed.MEDIA_TYPE)


async def _serve(request: Request, write: Callable[[Feed], bytes], media_type: str) -> Response:
    params = read_params(request, _PARAMS)
    link = params.get("link")
    claim = await claimed(request) if link is None else await claimed_by(request, link)
    scope = TIMELINE_READ if link is None else FEED_READ
    wanted = Range(None, None, _read_limit(params))
    part = await read(request, claim, Asked(wanted, filters=read_filters(params), scope=scope))
    gateway: Gateway = request.app.state.gateway
    headers = headers_of(gateway, part, None)
    headers |= {"cache-control": "private, no-cache", "x-robots-tag": "noindex", "vary": VARY}
    state = state_of(request, part, now_ms=gateway.clock.now_ms())
    if (tag := unchanged(request, state)) is not None:
        return Response(status_code=304, headers=headers | {"etag": tag})
    shown = await bodies_of(gateway, part)
    if not shown.missing:  # a text that is missed may come back, and nothing of the state would tell
        headers["etag"] = tag_of(state, whole(shown))
    things = read_things(shown)
    feed = _feed(request, params, part, entries_of(things))
    return answer(request, write(feed), headers, media_type)


def _feed(request: Request, params: Mapping[str, str], part: Slice, entries: list[Entry]) -> Feed:
    account, site = part.kept.account, site_of(request)
    query = request.scope["query_string"].decode("latin-1")
    return Feed(
        id=_id(account, params),
        title=f"Home timeline of @{account.username}",
        url=f"{site}{request.scope['path']}?{query}" if query else f"{site}{request.scope['path']}",
        home=f"{site}/",
        updated=entries[0].at if entries else iso(account.registered_at_ms),
        entries=entries,
    )


def _id(account: Account, params: Mapping[str, str]) -> str:
    """Name a timeline, and what is left out of it: never by the link, which may be another tomorrow."""
    home = f"https://x.com/i/user/{account.id}/home"
    wishes = urlencode([(name, params[name]) for name in sorted(FILTERS & params.keys())])
    return uuid5(NAMESPACE_URL, f"{home}?{wishes}" if wishes else home).urn


def _read_limit(params: dict[str, str]) -> int:
    limit = params.get("limit", str(_USUAL))
    if not (limit.isascii() and limit.isdigit() and len(limit) <= 4 and 1 <= int(limit) <= _MOST):
        raise invalid("limit", limit[:80], f"`limit` is a number from 1 to {_MOST}; not `{limit[:80]}`.")
    return int(limit)
