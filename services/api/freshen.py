"""
A read of what is no longer fresh makes its account due now, and may wait for the poll.

    Prefer: wait=5      answer when the poll has ended, or after five seconds (RFC 7240)

The gateway writes only the schedule; whether X is asked is for the poll to say. An
account that X refuses, or whose window is spent, is not hurried: that would change
nothing but the queue.
"""

import asyncio
import re
from contextlib import suppress

from starlette.requests import Request

from services.api.faults import invalid
from services.api.gateway import Gateway
from shared.domain.account import Standing
from shared.store.accounts import Kept

#: Who waits longer does better to ask again; a connection is held meanwhile.
LONGEST_WAIT_SECONDS = 10
_WAIT = re.compile(r"\s*wait\s*=\s*\"?(\d{1,6})\"?\s*", re.ASCII | re.IGNORECASE)


def read_wait(request: Request) -> int:
    """
    Read how many seconds the caller prefers to wait; 0 for one who does not say.

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
    return 0


def can_be_fresher(kept: Kept, *, now_ms: int, fresh_ms: int) -> bool:
    """Say whether a poll now would bring something, as far as is known here."""
    if now_ms - kept.held.as_of_ms <= fresh_ms or kept.account.standing is Standing.PAUSED:
        return False
    if kept.account.parked or kept.failures:
        return False
    window = kept.window
    return window is None or window.left > 0 or now_ms >= window.resets_at_ms


async def freshen(gateway: Gateway, kept: Kept, wait_seconds: int) -> bool:
    """Make an account due now; wait for its poll if that is wanted, and say whether there was any waiting."""
    account_id = kept.account.id
    if not wait_seconds:
        await gateway.schedule.hasten(account_id, now_ms=gateway.clock.now_ms())
        return False
    # Patience may end just before the page comes: what is held is read again in any case.
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_seconds), gateway.notices.settled(account_id) as wait:
            if await gateway.schedule.hasten(account_id, now_ms=gateway.clock.now_ms()):
                await wait.is_settled.wait()
    return True
