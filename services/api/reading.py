"""
What every way to read a timeline does alike: find what is held, have it made fresher, filter it.

One round trip to Redis says whose token it is, what is held and which ids there
are. What is served is what is held; nothing here asks X.
"""

from dataclasses import dataclass, replace

from starlette.requests import Request

from services.api.auth import confirmed, denied, held
from services.api.faults import Fault, out_of_calls
from services.api.filters import EVERYTHING, Filters, fitting
from services.api.freshen import freshen, wanted_now
from services.api.gateway import Gateway
from services.api.page import gaps_in
from services.api.rates import rate_headers
from shared.domain.tweet import TweetId
from shared.store.sessions import TIMELINE_READ, Claimed, OutOfCalls
from shared.store.timelines import Range, Slice

#: Filters look at so many tweets at once, and at no more parts than these for one page.
_PART_TWEETS = 800
_PARTS = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What of a timeline is asked for.

    Shape: `ascending` when the oldest is shown first; `owner` is whose it is said to be, which must be
           the caller; `wait_seconds` as `freshen` takes it.
    """

    range: Range
    ascending: bool = False
    filters: Filters = EVERYTHING
    wait_seconds: int | None = None
    owner: int | None = None
    scope: str = TIMELINE_READ


async def read(request: Request, claim: Claimed, asked: Asked) -> Slice:
    """
    Find the part of a timeline that is asked for.

    Errors: Fault 401, 403 and 429, of a token that does not hold, may not, or asks too often.
    """
    gateway: Gateway = request.app.state.gateway
    part = await _look(request, claim, asked)
    if asked.owner not in {None, claim.account_id}:  # said only to a caller who is known
        detail = f"This token is for the timeline of {claim.account_id} only."
        raise Fault(403, detail, headers=rate_headers(part.calls))
    wanted, now_ms = asked.range, gateway.clock.now_ms()
    lacking = wanted_now(
        part.kept,
        gaps_in(wanted, part, ascending=asked.ascending),
        now_ms=now_ms,
        fresh_ms=gateway.rules.fresh_ms if wanted.until is None else None,
    )
    if lacking is not None and await freshen(gateway, part, lacking, asked.wait_seconds):
        part, now_ms = await _look(request, claim, asked, calls=0), gateway.clock.now_ms()
    if asked.filters:
        part = await _filter(request, claim, asked, part)
    gateway.counts.read(part.kept, now_ms)
    return part


async def with_rates(request: Request, claim: Claimed, fault: Fault) -> Fault:
    """
    Add to a fault in what was asked how often this caller may still ask.

    Errors: those of a token that does not hold, may not, or asks too often, which come first.
    """
    session = await confirmed(request, claim, TIMELINE_READ)
    fault.headers = {**fault.headers, **rate_headers(session.calls)}
    return fault


async def _filter(request: Request, claim: Claimed, asked: Asked, first: Slice) -> Slice:
    """Fill a page with the tweets that are wanted, from parts of the timeline read one after another."""
    gateway: Gateway = request.app.state.gateway
    upwards, parts, found = asked.range.oldest_first, [first], list[TweetId]()
    while True:
        part = parts[-1]
        shown = await gateway.bodies.read(part.ids, withheld=part.withheld, now_ms=gateway.clock.now_ms())
        fits = fitting(asked.filters, shown)
        onward = part.ids[::-1] if upwards else part.ids
        found += [each for each in onward if each in fits]
        if len(found) > asked.range.limit or not part.more or len(parts) == _PARTS:
            break
        ahead = _beyond(asked.range, onward[-1])
        parts.append(await _look(request, claim, replace(asked, range=ahead), calls=0))
    return _page(asked.range, parts, found)


def _beyond(wanted: Range, edge: TweetId) -> Range:
    """Make the part that comes after an id, in the order in which is looked."""
    if wanted.oldest_first:
        return replace(wanted, since=edge, limit=_PART_TWEETS)
    return replace(wanted, until=edge, limit=_PART_TWEETS)


def _page(wanted: Range, parts: list[Slice], found: list[TweetId]) -> Slice:
    """Make one page of what was found, in the order in which it was looked for."""
    first, last = parts[0], parts[-1]
    ids, is_cut = tuple(found[: wanted.limit]), len(found) > wanted.limit
    edge = None
    if last.more and last.ids and not is_cut:  # looking was given up before the page was full
        edge = last.ids[0] if wanted.oldest_first else last.ids[-1]
    return replace(
        first,
        ids=ids[::-1] if wanted.oldest_first else ids,
        more=is_cut or last.more,
        edge=edge,
        withheld=frozenset().union(*(part.withheld for part in parts)),
    )


async def _look(request: Request, claim: Claimed, asked: Asked, calls: int = 1) -> Slice:
    gateway: Gateway = request.app.state.gateway
    now_ms = gateway.clock.now_ms()
    part = await gateway.timelines.read(claim, asked.range, now_ms=now_ms, scope=asked.scope, calls=calls)
    if isinstance(part, OutOfCalls):
        raise out_of_calls(part.calls, now_ms=now_ms)
    if not isinstance(part, Slice):
        raise await denied(request, claim, part, asked.scope)
    held(request, claim)
    return part
