"""
Three ways to spend what reading costs, chosen for a deployment and for each account.

    archive   everything is kept: polled evenly, whoever reads, and every gap is filled
    fresh     polled when a poll is worth its price, every gap is filled; who has not read
              for a week sleeps, costs nothing, and is caught up when they come back
    lazy      X is asked only when somebody reads: the newest page, and a page of a gap
              that they have come to

An account that sleeps is asked about only when somebody reads it. What is left unread on
purpose lies in gaps at or below `unhurried`: they are shown like all gaps, and filled when
somebody comes to them.
"""

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.interest import Interest
from shared.domain.timeline import NO_TWEET, Gap, Held, Page, newest_fillable
from shared.domain.tweet import MAX_ID, TweetId

_DAY_MS = 24 * 3600 * 1000


class Mode(StrEnum):
    """How an account's money is spent."""

    ARCHIVE = "archive"
    FRESH = "fresh"
    LAZY = "lazy"


#: What somebody wants who wants no gap filled: what is new.
NEWEST = TweetId(0)
#: Gaps are never filled but for who comes to them.
_NEVER = TweetId(MAX_ID + 1)


@dataclass(frozen=True, slots=True)
class Reach:
    """
    How far down polls read by themselves.

    Shape: gaps that end at or below `unhurried` wait for a reader; `owed` counts the tweets still to be read
           back for somebody who has returned, and is None while nobody has.
    """

    unhurried: TweetId = NO_TWEET
    owed: int | None = None

    def under(self, mode: Mode) -> "Reach":
        """Tell what it is in a mode: lazily nothing is filled unasked, in an archive everything is."""
        if mode is Mode.LAZY:
            return Reach(_NEVER)
        return Reach() if mode is Mode.ARCHIVE else self

    def fills(self, gap: Gap) -> bool:
        """Tell whether polls fill this gap unasked."""
        return not gap.unfillable and gap.newer > self.unhurried

    def is_filling(self, held: Held) -> bool:
        """Tell whether there is anything left that polls read unasked."""
        return any(self.fills(gap) for gap in held.gaps)

    def after(self, page: Page, held: Held) -> "Reach":
        """Take a page off what is owed; when all is paid back, what is still missing waits for a reader."""
        if self.owed is None:
            return self
        owed = self.owed - len(page.ids)
        rest = newest_fillable(held)
        if rest is None:
            return Reach(self.unhurried)
        return Reach(self.unhurried, owed) if owed > 0 else Reach(max(self.unhurried, rest.newer))


def is_dormant(interest: Interest, now_ms: int, dormant_ms: int) -> bool:
    """Tell whether nobody has read for so long; who has just registered is about to."""
    return now_ms - max(interest.last_read_at_ms, interest.registered_at_ms) > dormant_ms


def sleeps(mode: Mode, interest: Interest, now_ms: int, dormant_ms: int) -> bool:
    """Tell whether the account is polled only when somebody reads it."""
    return mode is Mode.LAZY or (mode is Mode.FRESH and is_dormant(interest, now_ms, dormant_ms))


def is_checked(mode: Mode, interest: Interest, now_ms: int, dormant_ms: int) -> bool:
    """Tell whether deleted tweets are looked for: while somebody may read them the same day."""
    is_read = now_ms - interest.last_read_at_ms <= _DAY_MS
    return is_read if mode is Mode.LAZY else not sleeps(mode, interest, now_ms, dormant_ms)
