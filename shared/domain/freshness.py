"""
Whether a timeline is stale, and why.

Every answer says as of when it is true; one that is stale says its reason in one
word, so that an app can tell "nobody posted" from "we have not been able to ask".
"""

from shared.domain.account import Account, Standing
from shared.domain.timeline import Held


def stale_because(
    account: Account, held: Held, last_outcome: str, *, now_ms: int, stale_ms: int
) -> str | None:
    """
    Name the reason why this timeline is stale; None while it is fresh.

    Shape: `paused`, why the account is parked (`sign-in-needed`, `locked`, `suspended`),
           `not-polled-yet`, the last outcome's word (`limited`, `unavailable`, …), or
           `behind` when polls merely run late.
    """
    if account.standing is Standing.PAUSED:
        return "paused"
    if account.parked:
        return account.parked
    if held.as_of_ms == 0:
        return "not-polled-yet" if last_outcome in {"", "page"} else last_outcome
    if now_ms - held.as_of_ms <= stale_ms:
        return None
    return "behind" if last_outcome == "page" else last_outcome
