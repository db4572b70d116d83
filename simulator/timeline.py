"""
One person's home timeline as X shows it at a moment: which ids are in it.

What will show, change or go is kept as events in the order of time and played up
to now, so that asking costs what has happened since, not what is held.
"""

import heapq
from bisect import bisect_left, insort
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from simulator.ids import written_at_ms

#: X serves the newest 800, and whatever is younger than seven days.
DEPTH_TWEETS = 800
DEPTH_MS = 7 * 24 * 3600 * 1000


@dataclass(slots=True)
class Timeline:
    """The ids that X shows in one home timeline, oldest first."""

    ids: list[int] = field(default_factory=list)
    _events: list[tuple[int, int, bool]] = field(default_factory=list)

    def plan(self, events: Iterable[tuple[int, int, bool]]) -> None:
        """Add events: at which millisecond a tweet of which id shows (True) or goes (False)."""
        self._events += events
        heapq.heapify(self._events)

    def show(self, tweet_id: int) -> None:
        """Show a tweet from now on."""
        at = bisect_left(self.ids, tweet_id)
        if self.ids[at : at + 1] != [tweet_id]:
            insort(self.ids, tweet_id)

    def hide(self, tweet_id: int) -> None:
        """Show a tweet no longer."""
        at = bisect_left(self.ids, tweet_id)
        if self.ids[at : at + 1] == [tweet_id]:
            del self.ids[at]

    def play(self, now_ms: int, deleted: Collection[int]) -> None:
        """Let happen what happens up to now, but for what was deleted before it could show."""
        while self._events and self._events[0][0] <= now_ms:
            _, tweet_id, shows = heapq.heappop(self._events)
            if shows and tweet_id not in deleted:
                self.show(tweet_id)
            else:
                self.hide(tweet_id)

    def planned(self) -> list[int]:
        """List the ids that are still to show."""
        return [tweet_id for _, tweet_id, shows in self._events if shows]

    def reachable(self, now_ms: int) -> int:
        """Tell from which index on, up to the end, X serves: the newest 800 or the last seven days."""
        young = bisect_left(self.ids, now_ms - DEPTH_MS, key=written_at_ms)
        return min(young, max(0, len(self.ids) - DEPTH_TWEETS))
