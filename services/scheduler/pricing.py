"""
Once a minute: how many requests may be made, and what a poll must be worth for it.

Any scheduler does it; the first in each minute wins.
"""

from shared.clock import Clock
from shared.domain.price import Allowance, Price
from shared.store.prices import EVERY_MS, Prices
from shared.store.schedule import Schedule


class Pricing:
    """Adjusts the price; `cadence_ms` and `daily` are what an operator has chosen."""

    def __init__(
        self, schedule: Schedule, prices: Prices, clock: Clock, *, cadence_ms: int, daily: int
    ) -> None:
        self._schedule = schedule
        self._prices = prices
        self._clock = clock
        self._cadence_ms, self._daily = cadence_ms, daily
        self._next_at_ms = 0

    async def adjust(self) -> Price | None:
        """
        Adjust the price, if a minute has passed; None when not, or when another scheduler did.

        Errors: RedisError; it is adjusted a minute later.
        """
        now_ms = self._clock.now_ms()
        if now_ms < self._next_at_ms:
            return None
        self._next_at_ms = now_ms + EVERY_MS
        accounts = await self._schedule.count_awake()
        return await self._prices.adjust(Allowance(accounts, self._cadence_ms, self._daily), now_ms=now_ms)
