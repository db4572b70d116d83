"""
Scheduler, fetcher and gateway as they are, on a real Redis, with time played as fast as the work allows.

    deployment = Deployment(redis, fetcher, clock, ...)
    await deployment.live_until(at_ms)      everything that falls due up to then is polled

Nothing waits for time to pass: the clock stands at an instant until all that is due then is
done, and then jumps to the next instant at which something is.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from services.scheduler.pricing import Pricing
from services.scheduler.tick import Rules, Ticker
from shared.domain.account import shard_of
from shared.store import keys
from shared.store.gate import Gate
from shared.store.prices import Prices
from shared.store.schedule import Schedule
from tests.warped.broker import MemoryBroker

MINUTE_MS = 60_000
#: Two ticks are so far apart.
TICK_MS = 250
RULES = Rules(lease_ms=MINUTE_MS, claims_per_shard=100, jobs_per_message=50, queue_max_messages=500)


@dataclass(frozen=True)
class Pace:
    """
    How much is polled: everybody with the cadence, but no more than `daily` requests if that is not 0.

    Where nobody is due for long the clock jumps `most_ms` at most: the price is adjusted once a minute.
    """

    cadence_ms: int = MINUTE_MS
    daily: int = 0
    most_ms: int = MINUTE_MS


class Deployment:
    """One scheduler and one fetcher, on the fetcher's clock."""

    def __init__(self, redis, fetcher, pace):
        self.redis, self.fetcher, self.clock = redis, fetcher, fetcher.clock
        self._most_ms = pace.most_ms
        self._shards = []
        self.broker = MemoryBroker()
        self._publisher = ThreadPoolExecutor(1)
        schedule = Schedule(redis)
        self.ticker = Ticker((schedule, Gate(redis)), self.broker, self._publisher, self.clock, RULES)
        self._pricing = Pricing(
            schedule, Prices(redis), self.clock, cadence_ms=pace.cadence_ms, daily=pace.daily
        )

    def follow(self, account_ids):
        """Say who is registered, so that only their shards are looked at."""
        self._shards = sorted({shard_of(each) for each in account_ids})

    def close(self):
        """End the thread that speaks to the broker."""
        self._publisher.shutdown()

    async def step(self):
        """Tick once and poll whom it sent; give what the polls came to."""
        await self.ticker.tick()
        await self._pricing.adjust()
        return await asyncio.gather(*map(self.fetcher.poll, self.broker.take()))

    async def live_until(self, at_ms, seen=None):
        """Let everything happen that falls due up to an instant; `seen` is told of the polls."""
        while True:
            polled = await self.step()
            if polled and seen:
                await seen(polled)
            next_ms = await self._next_ms()
            if next_ms > at_ms:
                break
            self.clock.at_ms = max(self.clock.at_ms, next_ms)
        self.clock.at_ms = at_ms

    async def _next_ms(self):
        """Name the next instant at which somebody is due, or the end of the longest jump."""
        pipe = self.redis.pipeline(transaction=False)
        for shard in self._shards:
            pipe.zrange(keys.due(shard), 0, 0, withscores=True)
        scores = [int(first[0][1]) for first in await pipe.execute() if first]
        soonest_ms = max(min(scores, default=1 << 62), self.clock.at_ms + TICK_MS)
        return min(soonest_ms, (self.clock.at_ms // self._most_ms + 1) * self._most_ms)
