"""
The requests that this fetcher has taken out of the app's budget, and the price it was told.

Taken a block at a time, so that a poll costs no round trip of its own. A block lasts five
seconds, and not beyond midnight UTC, and then what is left of it is given back: a fetcher
with little to do keeps nothing from the others. Its size follows what is used of it.

Who reads now may use what was taken for polls; what was taken for them no poll touches.
"""

import asyncio
from dataclasses import dataclass

from shared.store.prices import Prices

_LASTS_MS = 5_000
_LARGEST = 200
#: A price is told with every block; it moves by a few hundredths a minute.
_PRICE_LASTS_MS = 10_000
_DAY_MS = 24 * 3600 * 1000


@dataclass(slots=True)
class _Block:
    """
    Requests taken at `at_ms`, of which there were `full` at first: none, when they were refused.

    Shape: `size` is how many to ask for next; `counted` says that there was a price to count them by.
    """

    size: int
    full: int = 0
    left: int = 0
    at_ms: int = -_LASTS_MS
    counted: bool = False

    def lasts(self, now_ms: int) -> bool:
        return now_ms - self.at_ms < _LASTS_MS and self.is_of_today(now_ms)

    def is_of_today(self, now_ms: int) -> bool:
        """Tell whether it counts in this UTC day: a day's requests are made in no other."""
        return self.at_ms // _DAY_MS == now_ms // _DAY_MS

    def resize(self, now_ms: int) -> None:
        """Double what was used up before its time; halve what was hardly used."""
        if not self.full:
            return
        if not self.left and self.lasts(now_ms):
            self.size = min(_LARGEST, self.size * 2)
        elif self.left > self.full // 2:
            self.size = max(1, self.size // 2)

    def remainder(self, now_ms: int) -> int:
        """Empty it; tell how much to give back: yesterday's requests are no good today."""
        left, self.left = self.left, 0
        return left if self.counted and self.is_of_today(now_ms) else 0


class Purse:
    """Requests of the app's budget, for all polls of this process."""

    def __init__(self, prices: Prices) -> None:
        self._prices = prices
        self._for_polls, self._for_readers = _Block(size=20), _Block(size=1)
        self._one_at_a_time = asyncio.Lock()
        self._told_at_ms: int | None = None
        #: The price as last told; None while nobody has made one.
        self.price: float | None = None

    async def take(self, *, for_reader: bool, now_ms: int) -> bool:
        """
        Take one request; False when the app's budget has none, for a poll or for somebody who reads now.

        Errors: RedisError; nothing was taken.
        """
        taken = self._spend(self._for_polls, now_ms)
        if taken is None:
            taken = await self._take(self._for_polls, now_ms, for_reader=False)
        if taken or not for_reader:
            return taken
        taken = self._spend(self._for_readers, now_ms)
        return await self._take(self._for_readers, now_ms, for_reader=True) if taken is None else taken

    async def price_now(self, now_ms: int) -> float | None:
        """Tell the price as it was within the last ten seconds."""
        if self._told_at_ms is None or now_ms - self._told_at_ms >= _PRICE_LASTS_MS:
            async with self._one_at_a_time:
                await self._refill(self._for_polls, now_ms, for_reader=False)
        return self.price

    async def close(self, now_ms: int) -> None:
        """Give back what is left."""
        async with self._one_at_a_time:
            left = sum(each.remainder(now_ms) for each in (self._for_polls, self._for_readers))
            await self._prices.take(0, left, for_reader=True, now_ms=now_ms)

    def _spend(self, block: _Block, now_ms: int) -> bool | None:
        """Take one out of a block; None when it must be filled anew, False when that was just refused."""
        if not block.lasts(now_ms):
            return None
        if block.left:
            block.left -= 1
            return True
        return None if block.full else False

    async def _take(self, block: _Block, now_ms: int, *, for_reader: bool) -> bool:
        async with self._one_at_a_time:  # who waited here finds what the one before has fetched
            taken = self._spend(block, now_ms)
            if taken is None:
                await self._refill(block, now_ms, for_reader=for_reader)
                taken = self._spend(block, now_ms)
            return taken or False

    async def _refill(self, block: _Block, now_ms: int, *, for_reader: bool) -> None:
        block.resize(now_ms)
        # Emptied first: if Redis does not answer, what was in it is spent, and never given back twice.
        left = block.remainder(now_ms)
        taken = await self._prices.take(block.size, left, for_reader=for_reader, now_ms=now_ms)
        block.full = block.left = taken.granted
        block.at_ms, block.counted = now_ms, taken.price is not None
        self.price, self._told_at_ms = taken.price, now_ms
