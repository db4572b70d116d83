"""
Serve a timeline to its owner in our own form: X's page with the gaps in it.

A reader who has the answer already, and says so, is told that nothing has changed
before any body is read.
"""

from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from services.api.answers import VARY, answer
from services.api.auth import claimed
from services.api.etags import state_of, tag_of, unchanged
from services.api.filters import FILTERS, read_filters
from services.api.freshen import read_wait
from services.api.gateway import Gateway
from services.api.page import describe_gap, gaps_in, whole, write_meta, write_page
from services.api.parameters import RANGE, read_ascending, read_params, read_range
from services.api.rates import rate_headers
from services.api.reading import Asked, read
from services.api.sites import site_of
from shared.domain.freshness import stale_because
from shared.store.accounts import Kept
from shared.store.bodies import Shown
from shared.store.timelines import Slice

_PARAMS = RANGE | FILTERS | {"order"}
_MOST = 800
_USUAL = 50


async def serve(request: Request) -> Response:
    """Answer `GET /v1/timeline`: a page of the caller's timeline, and its gaps."""
    claim = await claimed(request)
    params = read_params(request, _PARAMS)
    ascending = read_ascending(params)
    wanted = read_range(params, most=_MOST, usual=_USUAL, ascending=ascending)
    wait_seconds = read_wait(request)
    part = await read(request, claim, Asked(wanted, ascending, read_filters(params), wait_seconds))
    gateway: Gateway = request.app.state.gateway
    meta = write_meta(wanted, part, len(part.ids), ascending=ascending)
    headers = headers_of(gateway, part, wait_seconds)
    headers["cache-control"] = "private, no-cache"  # it may be kept, and is asked about each time
    headers |= _links(request, params, meta)
    state = state_of(request, part, now_ms=gateway.clock.now_ms())
    if (tag := unchanged(request, state)) is not None:
        return Response(status_code=304, headers=headers | {"etag": tag, "vary": VARY})
    content = whole(await bodies_of(gateway, part))
    if ascending:
        content.tweets.reverse()
    meta["result_count"] = len(content.tweets)
    reach = part.kept.reach.under(part.kept.mode or gateway.rules.mode)
    gaps = [describe_gap(gap, reach) for gap in gaps_in(wanted, part, ascending=ascending)]
    body = write_page(content, meta, gaps)
    if not content.errors:  # a text that is missed may come back, and nothing of the state would tell
        headers["etag"] = tag_of(state, content)
    return answer(request, body, headers)


async def bodies_of(gateway: Gateway, part: Slice) -> Shown:
    """Read what a page shows."""
    return await gateway.bodies.read(part.ids, withheld=part.withheld, now_ms=gateway.clock.now_ms())


def headers_of(gateway: Gateway, part: Slice, wait_seconds: int | None) -> dict[str, str]:
    """Say how fresh a page is, how often its reader may still ask, and what was done to make it fresher."""
    now_ms = gateway.clock.now_ms()
    headers = freshness_headers(part.kept, now_ms=now_ms, stale_ms=gateway.rules.stale_ms)
    headers |= rate_headers(part.calls)
    if wait_seconds is not None:
        headers["preference-applied"] = f"wait={wait_seconds}"
    return headers


def _links(request: Request, params: dict[str, str], meta: dict[str, object]) -> dict[str, str]:
    """Name the pages before and after this one, as the caller would ask for them."""
    address = f"{site_of(request)}{request.scope['path']}"
    tokens = {"next": meta.get("next_token"), "prev": meta.get("previous_token")}
    links = [
        f'<{address}?{urlencode({**params, "pagination_token": token})}>; rel="{rel}"'
        for rel, token in tokens.items()
        if token is not None
    ]
    return {"link": ", ".join(links)} if links else {}


def freshness_headers(kept: Kept, *, now_ms: int, stale_ms: int) -> dict[str, str]:
    """Say as of when an answer is true, and why it is stale, if it is."""
    headers = {"cache-control": "private, no-store"}
    if kept.held.as_of_ms:
        headers["roost-as-of"] = iso(kept.held.as_of_ms)
    reason = stale_because(kept.account, kept.held, kept.polling, now_ms=now_ms, stale_ms=stale_ms)
    if reason is not None:
        headers["roost-stale"] = reason
    return headers


@lru_cache(maxsize=4096)
def iso(at_ms: int) -> str:
    """Write an instant as RFC 3339 with milliseconds, UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
