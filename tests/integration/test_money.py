"""The money budget is kept, and what the ledger says is what X billed."""

import asyncio
from datetime import UTC, datetime

import httpx2
import pytest

from shared.domain.money import DAY_MS, Budget
from shared.domain.price import Allowance
from shared.store import keys
from shared.store.connection import connect
from shared.store.ledger import Reservation
from shared.store.prices import Prices
from tests.integration.checking import NIGHT_MS
from tests.integration.fetching import MINUTE_MS, fetching
from tests.integration.serving import serving
from tests.servers.programs import Programs
from tests.unit.simulator.x import X

PEOPLE = 20
PRICE = 5_000


@pytest.fixture
async def x(tmp_path):
    """People of whom many follow the same authors: X bills what they share once."""
    programs = Programs(tmp_path)
    url = programs.start_simulator(simulator_users=PEOPLE, simulator_window_limit=9000)
    async with httpx2.AsyncClient(base_url=url, timeout=30) as client:
        yield client
    programs.end()


async def register_all(fetcher, x):
    people = (await x.get("/_sim/users")).json()["users"]
    return [await fetcher.register(each, lasts_ms=120 * MINUTE_MS) for each in people]


async def live(fetcher, minutes):
    """Let so many minutes pass, and poll whoever falls due; tell what came of it."""
    polled = []
    for _ in range(minutes):
        object.__setattr__(fetcher.clock, "by_ms", fetcher.clock.by_ms + MINUTE_MS)
        leases = await fetcher.schedule.claim(
            now_ms=fetcher.clock.now_ms(), lease_ms=MINUTE_MS, per_shard=100
        )
        polled += await asyncio.gather(*map(fetcher.poll, leases))
    return [each.outcome for each in polled]


async def billed_by_x(x):
    return sum((await x.get("/_sim/stats")).json()["posts_billed"].values())


async def spent(fetcher):
    return await fetcher.ledger.spent(now_ms=fetcher.clock.now_ms())


async def test_what_the_ledger_says_is_what_x_billed(redis_db, x):
    async with fetching(redis_db, str(x.base_url).rstrip("/")) as fetcher:
        ids = await register_all(fetcher, x)
        assert set(await live(fetcher, 3)) == {"page"}

        total = await spent(fetcher)
        assert total.day == total.month == await billed_by_x(x)
        by_account = [await fetcher.ledger.spent(each, now_ms=fetcher.clock.now_ms()) for each in ids]
        assert sum(each.account for each in by_account) == total.day
        assert total.reserved == 0


async def test_nobody_is_polled_once_the_day_is_spent_and_all_are_the_day_after(redis_db, x):
    budget = Budget(price=PRICE, daily=30 * PRICE)
    async with fetching(redis_db, str(x.base_url).rstrip("/"), budget=budget) as fetcher:
        ids = await register_all(fetcher, x)
        outcomes = await live(fetcher, 4)

        assert "budget-spent" in outcomes
        assert (await spent(fetcher)).day <= 30
        assert await billed_by_x(x) <= 30
        until_midnight = DAY_MS - fetcher.clock.now_ms() % DAY_MS
        assert set(await live(fetcher, 3)) <= {"page", "budget-spent"}
        assert (await spent(fetcher)).day <= 30
        assert await billed_by_x(x) <= 30
        kept = [await fetcher.accounts.find(each) for each in ids]
        assert "budget-spent" in {each.polling.outcome for each in kept}
        assert {each.account.parked for each in kept} == {""}

        object.__setattr__(fetcher.clock, "by_ms", fetcher.clock.by_ms + until_midnight + 70 * MINUTE_MS)
        assert "page" in await live(fetcher, 1)


async def test_after_a_backup_no_more_is_billed_than_x_says_is_left(redis_db, x, recover):
    budget = Budget(price=PRICE, daily=1000 * PRICE)
    async with fetching(redis_db, str(x.base_url).rstrip("/"), budget=budget) as fetcher:
        await register_all(fetcher, x)
        lost_at = datetime.fromtimestamp((fetcher.clock.now_ms() - 17 * MINUTE_MS) // 1000, UTC)
        told = ("--lost-at", lost_at.strftime("%Y-%m-%dT%H:%M:%SZ"), "--billed-today-dollars", "4.85")
        said = recover(*told, money_price_microdollars=PRICE, money_daily_dollars=5)
        assert said.returncode == 0, said.stderr

        assert "budget-spent" in await live(fetcher, 4)
        assert 0 < await billed_by_x(x) <= 30
        assert (await spent(fetcher)).day <= 1000


async def test_who_cannot_pay_takes_no_request_and_who_may_not_ask_keeps_no_money(redis_db, x):
    budget = Budget(price=PRICE, daily=200 * PRICE)
    async with fetching(redis_db, str(x.base_url).rstrip("/"), budget=budget) as fetcher:
        ids = await register_all(fetcher, x)
        redis, now_ms = connect(redis_db), fetcher.clock.now_ms()
        prices = Prices(redis)
        await prices.adjust(Allowance(600, MINUTE_MS, 8_640), now_ms=now_ms)
        taken = (await prices.take(10_000, 0, for_reader=False, now_ms=now_ms)).granted
        assert set(await live(fetcher, 1)) == {"requests-spent"}
        assert (await spent(fetcher)).reserved == 0

        await prices.take(0, taken, for_reader=False, now_ms=now_ms)
        await fetcher.ledger.note(Reservation(ids[0], 0, fetcher.clock.now_ms()), range(1, 201))
        assert set(await live(fetcher, 3)) == {"budget-spent"}
        assert int(await redis.hget(keys.APP_PRICE, "day_spent")) == 0
        await redis.aclose()


async def test_a_check_spends_nothing_that_the_day_does_not_hold(redis_db):
    x = X(NIGHT_MS - 300 * MINUTE_MS, simulator_access_token_seconds=10**9)
    rules = {"budget": Budget(PRICE, daily=PRICE * 3), "page_size": 100, "pages": 10}
    async with serving(x.app) as url, fetching(redis_db, url, clock=x.clock, **rules) as fetcher:
        person = await x.person(deletes=False)
        account_id = await fetcher.register(person, lasts_ms=10**12)
        *_, newest = ids = await x.post(person, count=3)
        await fetcher.poll()
        await x.post(person, *(newest - each for each in range(1, 50)))  # somebody new is followed
        await x.control("DELETE", f"/tweets/{ids[0]}")
        x.clock.at_ms = NIGHT_MS
        await fetcher.schedule.hasten(account_id, now_ms=x.clock.at_ms)
        x.clock.at_ms += 4 * MINUTE_MS

        assert (await fetcher.poll()).removed == 1

        assert (await x.control("GET", "/stats"))["posts_billed"] == {"2027-01-16": 3}
    await x.client.aclose()


async def test_without_money_a_check_asks_for_free_and_buys_no_witness(redis_db):
    x = X(NIGHT_MS - DAY_MS - 300 * MINUTE_MS, simulator_access_token_seconds=10**9)
    rules = {"budget": Budget(PRICE, daily=PRICE * 6), "page_size": 6, "pages": 10}
    async with serving(x.app) as url, fetching(redis_db, url, clock=x.clock, **rules) as fetcher:
        person = await x.person(deletes=False)
        account_id = await fetcher.register(person, lasts_ms=10**12)
        await x.post(person, count=3)
        x.clock.at_ms += 10 * MINUTE_MS
        await fetcher.poll()
        x.clock.at_ms = NIGHT_MS - 300 * MINUTE_MS
        ids = await x.post(person, count=6)
        await fetcher.poll()
        await x.control("DELETE", f"/tweets/{ids[2]}")
        x.clock.at_ms = NIGHT_MS + 4 * MINUTE_MS
        await fetcher.schedule.hasten(account_id, now_ms=x.clock.at_ms)

        assert (await fetcher.poll()).removed == 1

        assert (await x.control("GET", "/stats"))["posts_billed"]["2027-01-16"] == 6
    await x.client.aclose()


async def test_what_a_lost_answer_to_a_check_may_have_cost_is_spent(redis_db):
    x = X(NIGHT_MS - DAY_MS - 300 * MINUTE_MS, simulator_access_token_seconds=10**9)
    rules = {"budget": Budget(PRICE, daily=PRICE * 100), "page_size": 20, "pages": 10}
    async with serving(x.app) as url, fetching(redis_db, url, clock=x.clock, **rules) as fetcher:
        person = await x.person(deletes=False)
        await fetcher.register(person, lasts_ms=10**12)
        await x.post(person, count=20)
        x.clock.at_ms += 10 * MINUTE_MS
        await fetcher.poll()
        await x.control("POST", "/faults", {"endpoint": "lookup", "times": 1, "truncate": True})
        x.clock.at_ms = NIGHT_MS

        await fetcher.poll()

        billed = (await x.control("GET", "/stats"))["posts_billed"]["2027-01-16"]
        assert billed == 20
        assert (await spent(fetcher)).day >= billed
    await x.client.aclose()


async def test_an_outage_of_x_costs_the_budget_nothing(redis_db, x):
    budget = Budget(price=PRICE, daily=100 * PRICE)
    async with fetching(redis_db, str(x.base_url).rstrip("/"), budget=budget) as fetcher:
        await register_all(fetcher, x)
        await x.post("/_sim/faults", json={"status": 503})
        assert set(await live(fetcher, 2)) == {"unavailable"}

        total = await spent(fetcher)
        assert (total.day, total.reserved) == (0, 100)
        await x.delete("/_sim/faults")
        assert "page" in await live(fetcher, 10)
        total = await spent(fetcher)
        assert total.day + total.reserved <= 100
        assert total.day > 40
