"""A month on a third of the money that all would cost: no day is overspent, and the bill is right."""

import pytest

from shared.domain.mode import Mode
from shared.domain.money import DAY_MS, Budget, day_of
from shared.store.connection import connect
from tests.integration.fetching import fetching
from tests.integration.serving import serving
from tests.unit.simulator.x import X
from tests.warped.deployment import MINUTE_MS, Deployment, Pace

PEOPLE = 3
RATE_PER_MINUTE = 0.4
DAYS = 30
CADENCE_MS = 20 * MINUTE_MS
PRICE = 5_000
#: A midnight UTC, the first of a month of thirty days.
BEGINS_AT_MS = 1_806_537_600_000


@pytest.fixture
async def x():
    x = X(BEGINS_AT_MS, simulator_access_token_seconds=10**9, simulator_window_limit=180)
    yield x
    await x.client.aclose()


async def billed_by_x(x):
    return (await x.control("GET", "/stats"))["posts_billed"]


async def test_a_month_on_a_third_of_the_money(redis_db, x):
    demand = PEOPLE * RATE_PER_MINUTE * 24 * 60
    budget = Budget(price=PRICE, daily=int(demand / 3) * PRICE)
    redis = connect(redis_db)
    spent = {}
    rules = {
        "budget": budget,
        "mode": Mode.ARCHIVE,
        "cadence_ms": CADENCE_MS,
        "page_size": 100,
        "pages": 10,
    }
    async with serving(x.app) as url, fetching(redis_db, url, clock=x.clock, **rules) as fetcher:
        deployment = Deployment(redis, fetcher, Pace(CADENCE_MS, most_ms=CADENCE_MS))
        people = [await x.person(rate_per_minute=RATE_PER_MINUTE) for _ in range(PEOPLE)]
        deployment.follow([await fetcher.register(each, lasts_ms=10**12) for each in people])
        for day in range(DAYS):
            ends_at_ms = BEGINS_AT_MS + (day + 1) * DAY_MS - 1
            await deployment.live_until(ends_at_ms)
            spent[day] = (await fetcher.ledger.spent(now_ms=ends_at_ms)).day
        month = (await fetcher.ledger.spent(now_ms=x.clock.at_ms)).month
        deployment.close()
    await redis.aclose()

    limit = budget.limits()[0]
    billed = await billed_by_x(x)
    assert day_of(BEGINS_AT_MS)[0] == BEGINS_AT_MS
    assert max(spent.values()) <= limit
    assert max(billed.values()) <= limit
    assert min(spent.values()) > 0.9 * limit
    assert month == sum(spent.values())
    assert abs(sum(billed.values()) - month) <= 0.02 * month
