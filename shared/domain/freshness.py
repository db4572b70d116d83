"""
Whether a timeline is stale, and why.

Every answer says as of when it is true; one that is stale says its reason in one
word, so that an app can tell "nobody posted" from "we have not been able to ask".
"""

from dataclasses import dataclass

from shared.domain.account import Account, Standing
from shared.domain.timeline import Held


@dataclass(frozen=True, slots=True)
class Polling:
    """
    How an account's polls stand: the last one's `outcome`, in its word.

    `asleep` says that only a reader makes them go on, `is_owed` that they still read back for one.
    """

    outcome: str = ""
    asleep: bool = False
    is_owed: bool = False


def stale_because(
    account: Account, held: Held, polling: Polling, *, now_ms: int, stale_ms: int
) -> str | None:
    """
    Name the reason why this timeline is stale; None while it is fresh.

    Shape: `paused`, why the account is parked (`sign-in-needed`, `locked`, `suspended`),
           `not-polled-yet`, the last outcome's word (`limited`, `unavailable`, …),
           `catching-up` when its reader has just come back, or `behind` when polls merely run late.
    """
    if account.standing is Standing.PAUSED:
        return "paused"
    if account.parked:
        return account.parked
    if held.as_of_ms == 0:
        return "not-polled-yet" if polling.outcome in {"", "page"} else polling.outcome
    if now_ms - held.as_of_ms <= stale_ms:
        return "catching-up" if polling.is_owed else None
    if polling.outcome != "page":
        return polling.outcome
    return "catching-up" if polling.asleep else "behind"
