"""After a pause of the scheduler everybody is due, and X is not to see them all at once."""

import asyncio
from collections import Counter

import pytest

from shared.domain.account import shard_of
from shared.domain.mode import Mode
from shared.store import keys
from shared.store.connection import connect
from tests.integration.fetching import fetching
from tests.integration.serving import serving
from tests.unit.simulator.x import X
from tests.warped.deployment import MINUTE_MS, Deployment, Pace

ACCOUNTS = 10_000
CADENCE_MS = 10 * MINUTE_MS
PAUSE_MS = 10 * MINUTE_MS
RULES = {"mode": Mode.ARCHIVE, "cadence_ms": CADENCE_MS, "page_size": 100}


class Arrivals:
    """A simulator that counts what arrives in each second of its clock."""

    def __init__(self, x):
        self._x = x
        self.by_second = Counter()

    async def __call__(self, scope, receive, send):
        if scope["path"].endswith("reverse_chronological"):
            self.by_second[self._x.clock.at_ms // 1000] += 1
        await self._x.app(scope, receive, send)


@pytest.fixture
async def x():
    x = X(1_800_000_000_000, simulator_access_token_seconds=10**9)
    yield x
    await x.client.aclose()


async def register_all(fetcher, x):
    """Register everybody, due evenly over one cadence."""
    account_ids = []
    for _ in range(ACCOUNTS // 100):
        people = await asyncio.gather(*(x.person() for _ in range(100)))
        account_ids += await asyncio.gather(*(fetcher.register(each, lasts_ms=10**12) for each in people))
    return account_ids


async def spread(redis, account_ids, now_ms):
    pipe = redis.pipeline(transaction=False)
    for number, account_id in enumerate(account_ids):
        due_at_ms = now_ms + number * CADENCE_MS // len(account_ids)
        pipe.zadd(keys.due(shard_of(account_id)), {str(account_id): due_at_ms})
    await pipe.execute()


async def test_no_herd_follows_a_pause_of_the_scheduler(redis_db, x):
    arrivals, redis = Arrivals(x), connect(redis_db)
    async with serving(arrivals) as url, fetching(redis_db, url, clock=x.clock, **RULES) as fetcher:
        account_ids = await register_all(fetcher, x)
        deployment = Deployment(redis, fetcher, Pace(CADENCE_MS))
        deployment.follow(account_ids)
        await spread(redis, account_ids, x.clock.at_ms)

        await deployment.live_until(x.clock.at_ms + 2 * MINUTE_MS)
        before = sum(arrivals.by_second.values())
        x.clock.at_ms += PAUSE_MS
        resumed_ms = x.clock.at_ms
        await deployment.live_until(resumed_ms + CADENCE_MS)
        deployment.close()
    await redis.aclose()

    mean = ACCOUNTS * 1000 / CADENCE_MS
    after = [count for second, count in arrivals.by_second.items() if second >= resumed_ms // 1000]
    assert before == pytest.approx(mean * 120, rel=0.1)
    assert sum(after) >= ACCOUNTS, "the backlog has not melted"
    assert max(after) <= 3 * mean
