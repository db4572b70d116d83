"""
Serve a timeline to its owner: the same page in X's own form and in ours.

One round trip to Redis says whose token it is, what is held and which ids there
are; at most three more bring bodies that this process has not lately seen. What is
served is what is held; nothing here asks X.
"""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from services.api.auth import claimed, denied, held
from services.api.faults import Fault, invalid
from services.api.freshen import freshen, read_wait, wanted_now
from services.api.gateway import Gateway
from services.api.page import gaps_in, write_page
from services.api.parameters import LISTS, RANGE, TIMES, check_lists, read_params, read_range
from shared.domain.freshness import stale_because
from shared.store.accounts import Kept
from shared.store.sessions import Claimed
from shared.store.timelines import Range, Slice

_X_PARAMS = RANGE | TIMES | LISTS.keys() | {"exclude"}
_X_MOST = 100
_OWN_MOST = 800
_OWN_USUAL = 50


async def serve_as_x(request: Request) -> Response:
    """Answer `GET /2/users/{id}/timelines/reverse_chronological`."""
    claim = await claimed(request)
    params = read_params(request, _X_PARAMS)
    if "exclude" in params:
        raise invalid("exclude", "", "`exclude` is not offered yet; leave it out.")
    check_lists(params)
    wanted = read_range(params, most=_X_MOST, usual=_X_MOST)
    return await _serve(request, claim, wanted, with_gaps=False)


async def serve(request: Request) -> Response:
    """Answer `GET /v1/timeline`."""
    claim = await claimed(request)
    wanted = read_range(read_params(request, RANGE), most=_OWN_MOST, usual=_OWN_USUAL)
    return await _serve(request, claim, wanted, with_gaps=True)


async def _serve(request: Request, claim: Claimed, wanted: Range, *, with_gaps: bool) -> Response:
    gateway: Gateway = request.app.state.gateway
    path_id, wait_seconds = _path_id(request), read_wait(request)
    part = await _read(request, claim, wanted)
    if path_id not in {None, claim.account_id}:  # said only to a caller who is known
        raise Fault(403, f"This token is for the timeline of {claim.account_id} only.")
    lacking = wanted_now(
        part.kept,
        gaps_in(wanted, part),
        now_ms=gateway.clock.now_ms(),
        fresh_ms=gateway.fresh_ms if wanted.until is None else None,
    )
    if lacking is not None and await freshen(gateway, part.kept, lacking, wait_seconds):
        part = await _read(request, claim, wanted)
    now_ms = gateway.clock.now_ms()
    shown = await gateway.bodies.read(part.ids, withheld=part.withheld, now_ms=now_ms)
    mode = part.kept.mode or gateway.mode
    body = write_page(wanted, part, shown, part.kept.reach.under(mode) if with_gaps else None)
    headers = freshness_headers(part.kept, now_ms=now_ms, stale_ms=gateway.stale_ms)
    if wait_seconds is not None:
        headers["preference-applied"] = f"wait={wait_seconds}"
    return Response(body, headers=headers, media_type="application/json; charset=utf-8")


async def _read(request: Request, claim: Claimed, wanted: Range) -> Slice:
    gateway: Gateway = request.app.state.gateway
    part = await gateway.timelines.read(claim, wanted, now_ms=gateway.clock.now_ms())
    if not isinstance(part, Slice):
        raise await denied(request, claim, part)
    held(request, claim)
    return part


def freshness_headers(kept: Kept, *, now_ms: int, stale_ms: int) -> dict[str, str]:
    """Say as of when an answer is true, and why it is stale, if it is."""
    headers = {"cache-control": "private, no-store"}
    if kept.held.as_of_ms:
        headers["roost-as-of"] = iso(kept.held.as_of_ms)
    reason = stale_because(kept.account, kept.held, kept.polling, now_ms=now_ms, stale_ms=stale_ms)
    if reason is not None:
        headers["roost-stale"] = reason
    return headers


def iso(at_ms: int) -> str:
    """Write an instant as RFC 3339 with milliseconds, UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _path_id(request: Request) -> int | None:
    """Read the id in the path, if there is one."""
    path_id = request.path_params.get("id")
    if path_id is None:
        return None
    if not (path_id.isascii() and path_id.isdigit() and len(path_id) <= 19):
        raise invalid("id", path_id[:80], f"`id` is an id of at most 19 digits; not `{path_id[:80]}`.")
    return int(path_id)
