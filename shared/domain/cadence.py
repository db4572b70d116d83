"""
How soon to poll an account again: one rule, on one page, and the only back-off there is.

After a page it is the account's mode that says: evenly, when a poll is worth its price, or
not until somebody reads; never sooner than its window can bear, and while a gap is being
filled as soon as it can. After anything else it is due when the cause may be over, with a
wait that doubles from failure to failure up to a cap and is spread afterwards, so that
accounts that failed together do not come back together.

Source of the price's rule: the study of freshness, section 5; `worth.py` holds it.
"""

from dataclasses import dataclass
from typing import assert_never

from shared.domain.budget import Window, pace_ms
from shared.domain.interest import Interest
from shared.domain.mode import Mode
from shared.domain.outcome import Failure, Limited, Malformed, Refused, Stopped, Unaffordable, Unavailable
from shared.domain.worth import due_at_ms, pace_at_ms

SECOND_MS = 1000
MINUTE_MS = 60 * SECOND_MS

#: First wait after a fault of X's; a fault shorter than this costs one poll.
FAULT_MS = 5 * SECOND_MS
#: No fault of X's is waited out for longer: an outage must end soon after it ended at X.
FAULT_CAP_MS = 5 * MINUTE_MS
#: A refused credential may be an outage of X's sign-in; it is asked again, but seldom.
REFUSED_MS = 5 * MINUTE_MS
REFUSED_CAP_MS = 6 * 60 * MINUTE_MS
#: A parked account is asked about once or twice a day: X's staff ask for no more of one that is locked.
PARKED_MS = 12 * 60 * MINUTE_MS
#: An app that X has stopped is probed by whoever falls due, no oftener than this.
STOPPED_MS = 15 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Since:
    """
    What a poll leaves behind for the cadence to judge by.

    Units: `failures` counts polls in a row that brought no page; `spread` is a
           number in [0, 1) that differs from account to account and poll to poll; `asleep` says that it
           is polled only for somebody who reads it.
    """

    window: Window | None
    failures: int
    spread: float
    parked: bool = False
    asleep: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What decides when an account is polled after a page.

    Units: `price` is None while nobody has made one, then all are polled evenly; `slower` lengthens every
           wait where money runs short, but none beyond `anew_at_ms`, when other money begins; `filling`
           says that a gap is being filled.
    """

    mode: Mode
    interest: Interest
    cadence_ms: int
    price: float | None = None
    asleep: bool = False
    filling: bool = False
    slower: float = 1.0
    anew_at_ms: int | None = None


def due_after_page(plan: Plan, window: Window | None, now_ms: int) -> int | None:
    """
    Name the instant at which an account is due again whose poll brought what there was.

    Shape: None for one that sleeps, which is due when somebody reads it.
    """
    paced_ms = pace_at_ms(plan.interest, window, now_ms) - now_ms
    if plan.filling:
        wait_ms = 0
    elif plan.asleep:
        return None
    elif plan.mode is Mode.ARCHIVE or plan.price is None:
        wait_ms = plan.cadence_ms
    else:
        wait_ms = due_at_ms(plan.interest, plan.price, window, now_ms) - now_ms
    return now_ms + _slowed(plan, max(wait_ms, paced_ms), now_ms)


def _slowed(plan: Plan, wait_ms: int, now_ms: int) -> int:
    slowed_ms = int(wait_ms * plan.slower)
    if plan.anew_at_ms is None:
        return slowed_ms
    return max(wait_ms, min(slowed_ms, plan.anew_at_ms - now_ms))


def due_next(outcome: Failure, since: Since, *, now_ms: int) -> int | None:
    """
    Name the instant at which an account is due again whose poll brought no page.

    Shape: None for one that sleeps, likewise.
    """
    match outcome:
        case Limited(resets_at_ms):
            # A reset that is past already says that X's clock is not ours: then as after any fault.
            at_least_ms = now_ms + _backed_off(FAULT_MS, FAULT_CAP_MS, since)
            return max(resets_at_ms + int(since.spread * SECOND_MS), at_least_ms)
        case Unaffordable(until_ms):
            if since.asleep:  # its reader will come again; the money of tomorrow is not for today's
                return None
            # All wait for the same midnight: the hour after it is theirs.
            wait_ms = max(SECOND_MS, until_ms - now_ms)
            return now_ms + wait_ms + int(since.spread * min(wait_ms, 60 * MINUTE_MS))
        case Refused():
            refused_ms = _backed_off(REFUSED_MS, REFUSED_CAP_MS, since)
            return now_ms + (_spread(PARKED_MS, since) if since.parked else refused_ms)
        case Stopped():
            return now_ms + _spread(STOPPED_MS, since)
        case Unavailable() | Malformed():
            return now_ms + max(_backed_off(FAULT_MS, FAULT_CAP_MS, since), pace_ms(since.window, now_ms))
        case _:
            assert_never(outcome)


def _backed_off(first_ms: int, cap_ms: int, since: Since) -> int:
    return _spread(min(cap_ms, first_ms * 2 ** min(since.failures, 16)), since)


def _spread(wait_ms: int, since: Since) -> int:
    """Lengthen the wait by up to half; after the cap, or all would meet again at it."""
    return wait_ms + int(wait_ms * since.spread / 2)
