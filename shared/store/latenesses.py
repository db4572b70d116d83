"""
How late tweets surface at X, as all fetchers have seen it lately.

Keys: {app}:lateness
"""

from shared.domain.overlap import HALF_LIFE_MS, Histogram
from shared.store import keys, scripts
from shared.store.connection import Connection


class Latenesses:
    """The histogram of the whole app."""

    def __init__(self, redis: Connection) -> None:
        self._share = scripts.register(redis, "share")

    async def share(self, counts: Histogram, *, now_ms: int) -> Histogram:
        """
        Add what was counted here, and say what all have counted; one round trip.

        Errors: RedisError; what was counted may have been added.
        """
        told = await self._share([keys.APP_LATENESS], [now_ms, HALF_LIFE_MS, *map(repr, counts)])
        return tuple(map(float, told))
