"""
How far back polls ask again: what this fetcher sees of X's lateness, shared with all others.

Polls note what they see and ask for the overlap without waiting; once a minute one of them
carries what was noted to the others, and brings back what all have seen.
"""

from shared.domain.overlap import NOTHING_SEEN, UNKNOWN_MS, Histogram, late_ms, overlap_ms
from shared.store.latenesses import Latenesses

_REFRESH_MS = 60_000


class Overlap:
    """The overlap of this fetcher's polls."""

    def __init__(self, latenesses: Latenesses) -> None:
        self._latenesses = latenesses
        self._noted = NOTHING_SEEN
        self._late_ms = UNKNOWN_MS
        self._refresh_at_ms = 0

    def at(self, as_of_ms: int, *, now_ms: int) -> int:
        """Say how long before X was last asked a poll of now asks again from, in milliseconds."""
        return overlap_ms(self._late_ms, as_of_ms=as_of_ms, now_ms=now_ms)

    def note(self, counts: Histogram) -> None:
        """Note what one poll has counted."""
        self._noted = tuple(map(sum, zip(self._noted, counts, strict=True)))

    async def refresh(self, now_ms: int) -> None:
        """
        Share what was noted, if a minute has passed; who comes meanwhile goes on with what is known.

        Errors: RedisError; what was noted is lost, and the next minute goes on with what was known.
        """
        if now_ms < self._refresh_at_ms:
            return
        self._refresh_at_ms = now_ms + _REFRESH_MS
        noted, self._noted = self._noted, NOTHING_SEEN
        self._late_ms = late_ms(await self._latenesses.share(noted, now_ms=now_ms))
