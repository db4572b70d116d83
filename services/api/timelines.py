"""
Serve a timeline to its owner: the same page in X's own form and in ours.

Four round trips to Redis: whose token, which ids, their bodies, and what is shown
with them. What is served is what is held; nothing here asks X.
"""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from services.api.auth import caller, forgotten
from services.api.faults import Fault, invalid
from services.api.gateway import Gateway
from services.api.page import write_page
from services.api.parameters import LISTS, RANGE, TIMES, check_lists, read_params, read_range
from shared.domain.account import AccountId
from shared.domain.freshness import stale_because
from shared.store.accounts import Kept

_X_PARAMS = RANGE | TIMES | LISTS.keys()
_X_MOST = 100
_OWN_MOST = 800
_OWN_USUAL = 50


async def serve_as_x(request: Request) -> Response:
    """Answer `GET /2/users/{id}/timelines/reverse_chronological`."""
    account_id = await caller(request)
    _must_be_own(request.path_params["id"], account_id)
    if "exclude" in request.query_params:
        raise invalid(
            "exclude", request.query_params["exclude"][:80], "`exclude` is not offered yet; leave it out."
        )
    params = read_params(request, _X_PARAMS)
    check_lists(params)
    return await _serve(request, account_id, params, most=_X_MOST, usual=_X_MOST)


async def serve(request: Request) -> Response:
    """Answer `GET /v1/timeline`."""
    account_id = await caller(request)
    return await _serve(request, account_id, read_params(request, RANGE), most=_OWN_MOST, usual=_OWN_USUAL)


async def _serve(
    request: Request, account_id: AccountId, params: dict[str, str], *, most: int, usual: int
) -> Response:
    gateway: Gateway = request.app.state.gateway
    asked = read_range(params, most=most, usual=usual)
    part = await gateway.timelines.read(
        account_id, since=asked.since, until=asked.until, limit=asked.limit, oldest_first=asked.oldest_first
    )
    if part is None:
        raise forgotten()
    shown = await gateway.bodies.read(part.ids)
    body = write_page(asked, part, shown, with_gaps=usual != most)
    return Response(
        body, headers=freshness_headers(gateway, part.kept), media_type="application/json; charset=utf-8"
    )


def freshness_headers(gateway: Gateway, kept: Kept) -> dict[str, str]:
    """Say as of when an answer is true, and why it is stale, if it is."""
    headers = {"cache-control": "private, no-store"}
    if kept.held.as_of_ms:
        headers["roost-as-of"] = iso(kept.held.as_of_ms)
    reason = stale_because(
        kept.account.standing,
        kept.held,
        kept.outcome,
        now_ms=gateway.clock.now_ms(),
        stale_ms=gateway.stale_ms,
    )
    if reason is not None:
        headers["roost-stale"] = reason
    return headers


def iso(at_ms: int) -> str:
    """Write an instant as RFC 3339 with milliseconds, UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _must_be_own(path_id: str, account_id: AccountId) -> None:
    if not (path_id.isascii() and path_id.isdigit() and len(path_id) <= 19):
        raise invalid("id", path_id[:80], f"`id` is an id of at most 19 digits; not `{path_id[:80]}`.")
    if int(path_id) != account_id:
        raise Fault(403, f"This token is for the timeline of {account_id} only.")
