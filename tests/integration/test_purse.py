"""A fetcher's purse: requests in blocks, no round trip for each poll, nothing overdrawn."""

import asyncio

import pytest

from services.fetcher.purse import Purse
from shared.domain.price import Allowance
from shared.store import keys
from shared.store.connection import connect
from shared.store.prices import Prices
from tests.integration.store.conftest import DAY_MS, NOW_MS

SCARCE = Allowance(600, 60_000, 8_640)


class Counted(Prices):
    """Prices that count how often they are asked."""

    trips = 0

    async def take(self, *args, **kwargs):
        self.trips += 1
        return await super().take(*args, **kwargs)


@pytest.fixture
async def prices(redis_db):
    redis = connect(redis_db)
    yield Counted(redis)
    await redis.aclose()


async def spent(prices):
    return int(await prices._redis.hget(keys.APP_PRICE, "spent") or 0)


async def take(purse, count, *, for_reader=False, now_ms=NOW_MS):
    """Take so many requests at once; tell how many were granted."""
    return sum(
        await asyncio.gather(*(purse.take(for_reader=for_reader, now_ms=now_ms) for _ in range(count)))
    )


async def test_before_there_is_a_price_nothing_is_refused(prices):
    purse = Purse(prices)

    assert await take(purse, 100) == 100
    assert purse.price is None
    await purse.close(NOW_MS)


async def test_many_polls_share_a_round_trip(prices):
    price = await prices.adjust(Allowance(600, 60_000), now_ms=NOW_MS)
    purse = Purse(prices)

    assert await take(purse, 1000) == 1000
    assert purse.price == price.value
    assert prices.trips < 10


async def test_all_that_is_not_used_is_given_back(prices):
    await prices.adjust(SCARCE, now_ms=NOW_MS)
    purse = Purse(prices)

    await take(purse, 3)
    assert await spent(prices) == 20
    await take(purse, 1, now_ms=NOW_MS + 5_000)
    assert await spent(prices) == 3 + 10, "what was hardly used is taken in halves"
    await purse.close(NOW_MS + 5_000)
    assert await spent(prices) == 4


async def test_purses_together_never_take_more_than_the_bucket_holds(prices):
    tokens = (await prices.adjust(SCARCE, now_ms=NOW_MS)).tokens
    purses = [Purse(prices) for _ in range(8)]

    made = sum(await asyncio.gather(*(take(purse, 300, for_reader=True) for purse in purses)))

    assert tokens - 8 * 200 <= made <= tokens
    assert await spent(prices) <= tokens


async def test_who_reads_goes_on_where_polls_are_refused(prices):
    await prices.adjust(SCARCE, now_ms=NOW_MS)
    await prices.take(10_000, 0, for_reader=False, now_ms=NOW_MS)
    purse = Purse(prices)

    assert not await purse.take(for_reader=False, now_ms=NOW_MS)
    assert await purse.take(for_reader=True, now_ms=NOW_MS)
    assert await take(purse, 100, for_reader=True) == 58


async def test_what_was_refused_is_not_asked_for_again_at_once(prices):
    await prices.adjust(SCARCE, now_ms=NOW_MS)
    await prices.take(10_000, 0, for_reader=False, now_ms=NOW_MS)
    purse, before = Purse(prices), prices.trips

    assert await take(purse, 500) == 0
    assert prices.trips == before + 1
    await prices.take(0, 100, for_reader=False, now_ms=NOW_MS)
    assert await take(purse, 5, now_ms=NOW_MS + 5_000) == 5


async def test_yesterday_s_requests_are_not_given_back_to_today(prices):
    midnight_ms = NOW_MS - NOW_MS % DAY_MS + DAY_MS
    await prices.adjust(SCARCE, now_ms=midnight_ms - 1)
    purse = Purse(prices)
    await take(purse, 1, now_ms=midnight_ms - 1)
    await purse.close(midnight_ms)

    assert await prices._redis.hget(keys.APP_PRICE, "day_spent") == b"0"


async def test_what_was_taken_yesterday_is_not_spent_today(prices):
    midnight_ms = NOW_MS - NOW_MS % DAY_MS + DAY_MS
    await prices.adjust(SCARCE, now_ms=midnight_ms - 1)
    purse = Purse(prices)
    await take(purse, 1, now_ms=midnight_ms - 1)

    assert await take(purse, 3, now_ms=midnight_ms) == 3

    day, day_spent = map(int, await prices._redis.hmget(keys.APP_PRICE, "day", "day_spent"))
    assert day == midnight_ms // DAY_MS
    assert day_spent >= 3


async def test_the_price_is_asked_for_when_it_is_old(prices):
    made = await prices.adjust(SCARCE, now_ms=NOW_MS)
    purse = Purse(prices)

    assert await purse.price_now(NOW_MS) == made.value
    await prices.adjust(SCARCE, now_ms=NOW_MS + 60_000)
    assert await purse.price_now(NOW_MS + 9_999) == made.value
    assert await purse.price_now(NOW_MS + 60_001) == (await prices.now()).value != made.value
