"""
X as these measurements need it: fixed windows that begin with the first request, `since_id`, pages, depth.

It enforces the window itself, so that a policy which asks too often is seen to.

Source: x-api.md, sections 2 and 3; windows from the first request: section 2.6.
"""

from bisect import bisect_right
from dataclasses import dataclass

from bench.freshness.people import MINUTE_MS, Person
from shared.domain.budget import Window

PAGE = 100
DEPTH = 800
_WINDOW_MS = 15 * MINUTE_MS


@dataclass(slots=True)
class Upstream:
    """One person's timeline at X, and the window that X counts in."""

    person: Person
    limit: int
    used: int = 0
    resets_at_ms: int = 0
    refusals: int = 0

    def window(self, now_ms: int) -> Window:
        """Tell what X's headers last said, or what a new window will hold."""
        if now_ms >= self.resets_at_ms:
            return Window(self.limit, self.limit, self.resets_at_ms)
        return Window(self.limit, self.limit - self.used, self.resets_at_ms)

    def ask(self, now_ms: int) -> bool:
        """Count one request; False is a 429."""
        if now_ms >= self.resets_at_ms:
            self.resets_at_ms, self.used = now_ms + _WINDOW_MS, 0
        if self.used >= self.limit:
            self.refusals += 1
            return False
        self.used += 1
        return True

    def newest(self, now_ms: int) -> int:
        """Count the tweets that there are by now."""
        return bisect_right(self.person.tweets, now_ms)
