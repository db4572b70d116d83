"""
A read of what is no longer fresh makes its account due now, and may wait for the poll.

    Prefer: wait=5      answer when the poll has ended, or after five seconds (RFC 7240)

The gateway writes only the schedule; whether X is asked is for the poll to say. An
account that X refuses, or whose window is spent, is not hurried: that would change
nothing but the queue.
"""

import asyncio
import re
from collections.abc import Iterable
from contextlib import suppress

from starlette.requests import Request

from services.api.faults import invalid
from services.api.gateway import Gateway
from shared.domain.account import Standing
from shared.domain.mode import NEWEST
from shared.domain.timeline import Gap
from shared.domain.tweet import TweetId
from shared.store.accounts import Kept
from shared.store.timelines import Slice

#: Who waits longer does better to ask again; a connection is held meanwhile.
LONGEST_WAIT_SECONDS = 10
#: X answers in half a second; who has slept for days is better served by that than by last week.
_ASLEEP_WAIT_SECONDS = 3
_WAIT = re.compile(r"\s*wait\s*=\s*\"?(\d{1,6})\"?\s*", re.ASCII | re.IGNORECASE)


def read_wait(request: Request) -> int | None:
    """
    Read how many seconds the caller prefers to wait; None for one who does not say.

    Errors: Fault 400 when `wait` is no number of seconds.
    """
    for preference in ",".join(request.headers.getlist("prefer")).split(","):
        if preference.partition("=")[0].strip().lower() == "wait":
            found = _WAIT.fullmatch(preference.partition(";")[0])
            if found is None:
                raise invalid(
                    "Prefer", preference[:80], "`wait` is a number of seconds, as in `Prefer: wait=5`."
                )
            return min(int(found[1]), LONGEST_WAIT_SECONDS)
    return None


def wanted_now(kept: Kept, gaps: Iterable[Gap], *, now_ms: int, fresh_ms: int | None) -> TweetId | None:
    """
    Say what a poll now would bring whoever reads; None when it would bring nothing, as far as is known here.

    Shape: `gaps` are those that the reader has come to, newest first; what is older than `fresh_ms` is not
           fresh, None for a reader who scrolls back and does not look at what is new.
    """
    if kept.account.standing is Standing.PAUSED or kept.account.parked or kept.failures:
        return None
    window = kept.window
    if window is not None and window.left < 1 and now_ms < window.resets_at_ms:
        return None
    if kept.held.as_of_ms:
        gap = next((gap for gap in gaps if not gap.unfillable), None)
        if gap is not None:
            return gap.newer
    is_behind = fresh_ms is not None and now_ms - kept.held.as_of_ms > fresh_ms
    return NEWEST if is_behind else None


async def freshen(gateway: Gateway, part: Slice, wanted: TweetId, wait_seconds: int | None) -> bool:
    """
    Make an account due now; wait for its poll if that is wanted, and say whether there was any waiting.

    Who comes to an account that sleeps is waited for a moment unasked: what is held is old.
    """
    account_id = part.kept.account.id
    seconds = (
        (_ASLEEP_WAIT_SECONDS if part.kept.polling.asleep else 0) if wait_seconds is None else wait_seconds
    )
    if not seconds:
        if part.hurried == str(wanted):
            return False  # another reader has seen to it
        await gateway.schedule.hasten(account_id, now_ms=gateway.clock.now_ms(), wanted=str(wanted))
        return False
    # Patience may end just before the page comes: what is held is read again in any case.
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds), gateway.notices.settled(account_id) as wait:
            now_ms = gateway.clock.now_ms()
            if await gateway.schedule.hasten(account_id, now_ms=now_ms, wanted=str(wanted)):
                await gateway.listeners.wait(wait, seconds)  # not beyond the stop of this process
    return True
