"""What one run comes to; runs of the same design in several worlds add up to one."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

from bench.freshness.people import DAY_MINUTES

#: Dollars for one post. Source: x-api.md, section 3.
_POST_DOLLARS = 0.005


@dataclass(slots=True)
class Figures:
    """
    Counts and sums over what was measured, the first day left out.

    Units: seconds; `behind_s` has one figure for each read, the delays one for each tweet, or each
           twentieth of them; `spent` is each measured day's requests, `days` the same as parts of the budget.
    """

    person_days: int = 0
    requests: int = 0
    polls: int = 0
    empty: int = 0
    posts: int = 0
    tweets: int = 0
    lost: int = 0
    refusals_by_x: int = 0
    overdrawn: int = 0
    wanted: int = 0
    refused: int = 0
    delay_sum_s: float = 0.0
    delayed: int = 0
    delays_s: list[float] = field(default_factory=list)
    behind_s: list[float] = field(default_factory=list)
    spent: list[int] = field(default_factory=list)
    days: list[float] = field(default_factory=list)
    took_s: float = 0.0

    @property
    def share(self) -> float:
        """Requests, as a part of those of everyone every 60 seconds."""
        return self.requests / (self.person_days * DAY_MINUTES)

    @property
    def read_s(self) -> float:
        """Mean staleness at read."""
        return sum(self.behind_s) / max(1, len(self.behind_s))

    @property
    def delay_s(self) -> float:
        """Mean time from a tweet's creation until it is held."""
        return self.delay_sum_s / max(1, self.delayed)

    @property
    def dollars(self) -> float:
        """What the posts cost, per account and day."""
        return self.posts * _POST_DOLLARS / max(1, self.person_days)

    @property
    def read_tail_s(self) -> float:
        """Staleness that one read in twenty exceeds."""
        return tail(self.behind_s)

    @property
    def delay_tail_s(self) -> float:
        """Delay that one tweet in twenty exceeds."""
        return tail(self.delays_s)

    @property
    def lost_share(self) -> float:
        """Tweets that X no longer showed when they were asked for."""
        return self.lost / max(1, self.tweets)

    @property
    def empty_share(self) -> float:
        """Polls that brought nothing."""
        return self.empty / max(1, self.polls)

    @property
    def read_share(self) -> float:
        """Posts read, as a part of those that there were."""
        return self.posts / max(1, self.tweets)

    @property
    def refused_share(self) -> float:
        """Reads that wanted a refresh for which there was no request."""
        return self.refused / max(1, self.wanted)


def add_up(runs: Sequence[Figures]) -> Figures:
    """Add runs up: counts and sums are added, lists joined."""
    total = Figures()
    for run in runs:
        for each in fields(Figures):
            setattr(total, each.name, getattr(total, each.name) + getattr(run, each.name))
    return total


def tail(figures: Sequence[float]) -> float:
    """Take the 95th percentile."""
    return sorted(figures)[int(0.95 * len(figures))] if figures else 0.0
