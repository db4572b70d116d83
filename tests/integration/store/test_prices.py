"""One price for all, and a bucket of requests that nobody overdraws."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.price import Allowance
from shared.store import keys
from shared.store.connection import connect
from shared.store.prices import Prices
from tests.integration.store.conftest import DAY_MS, NOW_MS

MINUTE_MS = 60_000
SCARCE = Allowance(600, MINUTE_MS, 8_640)
AMPLE = Allowance(600, MINUTE_MS)


@pytest.fixture
def prices(store):
    return Prices(store.redis)


async def take(prices, wanted=1, given_back=0, *, for_reader=False, now_ms=NOW_MS):
    return (await prices.take(wanted, given_back, for_reader=for_reader, now_ms=now_ms)).granted


async def test_before_there_is_a_price_whatever_is_asked_for_is_granted(prices):
    taken = await prices.take(50, 0, for_reader=False, now_ms=NOW_MS)

    assert (taken.granted, taken.price) == (50, None)


async def test_of_several_schedulers_one_adjusts_the_price_and_once_a_minute(store):
    schedulers = [Prices(store.redis) for _ in range(4)]

    async def adjust_all(now_ms):
        adjusted = await asyncio.gather(*(each.adjust(AMPLE, now_ms=now_ms) for each in schedulers))
        return [each for each in adjusted if each]

    (made,) = await adjust_all(NOW_MS)
    assert await adjust_all(NOW_MS + MINUTE_MS - 1) == []
    assert await schedulers[0].take(1200, 0, for_reader=False, now_ms=NOW_MS)
    (adjusted,) = await adjust_all(NOW_MS + MINUTE_MS)

    assert made.rate == made.spending == 10
    assert adjusted.debt == 600
    assert adjusted.value > made.value
    assert await schedulers[1].now() == adjusted


async def test_what_is_spent_while_the_price_is_adjusted_is_for_the_next_time(prices, store):
    await prices.adjust(AMPLE, now_ms=NOW_MS)
    await take(prices, 100)
    await prices.adjust(AMPLE, now_ms=NOW_MS + MINUTE_MS)

    assert await store.redis.hget(keys.APP_PRICE, "spent") == b"0"
    await take(prices, 7, given_back=2)
    assert await store.redis.hget(keys.APP_PRICE, "spent") == b"5"


async def test_polls_leave_ten_minutes_to_readers_and_readers_leave_nothing(prices):
    made = await prices.adjust(SCARCE, now_ms=NOW_MS)
    kept = 60

    polls = await take(prices, 10_000)
    assert polls == int(made.tokens) - kept + 1
    assert await take(prices) == 0
    assert await take(prices, 10_000, for_reader=True) == kept - 1
    assert await take(prices, for_reader=True) == 0
    assert await take(prices, given_back=3, for_reader=True) == 1


async def test_without_a_limit_no_request_is_refused_and_all_are_counted(prices):
    await prices.adjust(AMPLE, now_ms=NOW_MS)
    assert await take(prices, 10**6) == 10**6

    assert (await prices.adjust(AMPLE, now_ms=NOW_MS + MINUTE_MS)).spending > 1000


async def test_a_day_ends_where_its_limit_is_however_much_the_bucket_holds(prices):
    await prices.adjust(SCARCE, now_ms=NOW_MS)
    granted, now_ms = 0, NOW_MS - NOW_MS % DAY_MS + DAY_MS
    for minute in range(24 * 60):
        granted += await take(prices, 20, for_reader=True, now_ms=now_ms + minute * MINUTE_MS)
        await prices.adjust(SCARCE, now_ms=now_ms + minute * MINUTE_MS)

    assert granted == SCARCE.daily
    assert await take(prices, 20, for_reader=True, now_ms=now_ms + DAY_MS) == 20


async def test_who_is_behind_at_midnight_gives_the_new_day_nothing_of_the_old(prices):
    await prices.adjust(SCARCE, now_ms=NOW_MS)
    midnight_ms = NOW_MS - NOW_MS % DAY_MS + DAY_MS
    await take(prices, 50, now_ms=midnight_ms - 2)
    await take(prices, 1, now_ms=midnight_ms)

    await take(prices, 0, given_back=50, now_ms=midnight_ms - 1)

    assert await prices._redis.hget(keys.APP_PRICE, "day_spent") == b"1"


async def test_a_pause_of_all_schedulers_does_not_sink_the_price(prices):
    made = await prices.adjust(AMPLE, now_ms=NOW_MS)
    woken = await prices.adjust(AMPLE, now_ms=NOW_MS + DAY_MS)

    assert (woken.value, woken.spending) == (made.value, made.spending)


async def test_another_number_of_accounts_or_another_limit_is_taken_over(prices):
    await prices.adjust(AMPLE, now_ms=NOW_MS)
    more = await prices.adjust(Allowance(1200, MINUTE_MS), now_ms=NOW_MS + MINUTE_MS)
    scarce = await prices.adjust(SCARCE, now_ms=NOW_MS + 2 * MINUTE_MS)

    assert more.rate == 20
    assert scarce.rate == pytest.approx(0.098)
    assert scarce.tokens <= 3 * 360


@given(st.lists(st.tuples(st.integers(0, 60), st.booleans(), st.integers(0, 20)), max_size=40))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_many_take_at_once_the_bucket_is_never_overdrawn(redis_db, wishes):
    asyncio.run(_take_at_once(redis_db, wishes))


async def _take_at_once(redis_url, wishes):
    redis = connect(redis_url)
    await redis.delete(keys.APP_PRICE)
    takers = [Prices(redis) for _ in range(8)]
    tokens = (await takers[0].adjust(Allowance(600, MINUTE_MS, 500), now_ms=NOW_MS)).tokens

    async def taken(number, wanted, for_reader, kept):
        granted = await take(takers[number % 8], wanted, for_reader=for_reader)
        kept = min(kept, granted)
        await take(takers[number % 8], 0, granted - kept)
        return kept

    made = await asyncio.gather(*(taken(number, *wish) for number, wish in enumerate(wishes)))
    await redis.aclose()
    assert sum(made) <= tokens


async def test_what_is_left_is_told_as_it_would_be_granted_to_a_reader(prices):
    assert await prices.left(now_ms=NOW_MS) is None
    await prices.adjust(SCARCE, now_ms=NOW_MS)
    before = await prices.left(now_ms=NOW_MS)

    await take(prices, 100, for_reader=True)

    assert before - await prices.left(now_ms=NOW_MS) == 100
    assert await take(prices, 10**6, for_reader=True) == before - 100
    assert await prices.left(now_ms=NOW_MS) == 0


async def test_without_a_limit_no_number_is_left(prices):
    await prices.adjust(AMPLE, now_ms=NOW_MS)

    assert await prices.left(now_ms=NOW_MS) is None


async def test_the_requests_of_yesterday_leave_today_whole(prices, store):
    daily = Allowance(600, MINUTE_MS, 50)
    await prices.adjust(daily, now_ms=NOW_MS)
    await store.redis.hset(keys.APP_PRICE, "tokens", 1000)
    await take(prices, 50, for_reader=True)
    assert await prices.left(now_ms=NOW_MS) == 0

    assert await prices.left(now_ms=NOW_MS + DAY_MS) == 50
