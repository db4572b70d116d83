"""
What a Redis that was put back from a backup cannot know, and what is safe to suppose of it.

A backup knows what was so when it was last written; then Roost went on, until Redis was lost.
Whatever may have happened in between is supposed to have happened: windows are empty
until X has surely begun new ones, a refresh token that may have been used is used, and of
each budget as much is spent as may have been. So nothing is asked for twice, at the price of
waiting (ADR 0032).
"""

from dataclasses import dataclass
from math import ceil

from shared.domain.budget import ASSUMED_WINDOW_MS
from shared.domain.credential import Credential
from shared.domain.money import DAY_MS, Budget, Spent, day_of, month_of
from shared.domain.price import Price, most_in_bucket
from shared.domain.refresh import is_refresh_due

#: Everybody is due within this, in the order in which they last read.
SPREAD_MS = 60_000
#: Who last read longer ago goes last.
_REMEMBERED_MS = 30 * DAY_MS


@dataclass(frozen=True, slots=True)
class Lost:
    """The time that a backup knows nothing of: from its own last moment until Redis was lost."""

    since_ms: int
    until_ms: int

    @property
    def windows_anew_at_ms(self) -> int:
        """Name the instant from which no window can be one that was asked in before."""
        return self.until_ms + ASSUMED_WINDOW_MS

    def may_have_used(self, credential: Credential | None, *, is_polled: bool) -> bool:
        """
        Say whether the refresh token of a credential was shown to X, or may have been.

        Who slept or was paused is taken to have done so all the time: most have, and where a reader came
        meanwhile the sign-in that they had then is lost anyway, whether X is asked or not.
        """
        if credential is None or not is_polled:
            return False
        return is_refresh_due(credential, now_ms=self.until_ms, spread=1)

    def requests(self, price: Price, known: int, now_ms: int) -> int:
        """
        Say how many requests of this UTC day were made at most, if `known` of it are known of.

        Shape: the price has the tokens that were left in the bucket when it was last known of.
        """
        begins_at_ms = day_of(now_ms)[0]
        if self.until_ms < begins_at_ms:
            return known
        counts_from_ms = max(self.since_ms, begins_at_ms)
        before, after = ((counts_from_ms - self.since_ms) / 1000, (self.until_ms - counts_from_ms) / 1000)
        tokens = min(most_in_bucket(price), price.tokens + price.filled() * before)
        return known + ceil(max(0.0, tokens + price.filled() * after))


def billed(budget: Budget, known: Spent, lost: Lost, now_ms: int) -> tuple[int | None, int | None]:
    """
    Say how many posts X has billed at most on this UTC day and in this month, if `known` are known of.

    Shape: None where no limit says so.
    """
    daily, monthly, _ = budget.limits()
    day, month = day_of(now_ms)[0], month_of(now_ms)[0]
    today = daily if lost.until_ms >= day else known.day
    if lost.until_ms < month:
        return today, known.month
    if daily is None:
        return today, monthly
    since_ms = day_of(max(lost.since_ms, month))[0]
    days = (day_of(lost.until_ms)[0] - since_ms) // DAY_MS + 1
    most = known.month + daily * days - (known.day if since_ms == day else 0)
    return today, most if monthly is None else min(monthly, most)


def due_after(first_at_ms: int, read_at_ms: int, now_ms: int) -> int:
    """Say when an account is due, if the first is at `first_at_ms`: who read last goes first."""
    ago_ms = max(0, min(now_ms - read_at_ms, _REMEMBERED_MS))
    return first_at_ms + ago_ms * SPREAD_MS // _REMEMBERED_MS
