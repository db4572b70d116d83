"""Posts read, counted as X bills them, and no more of them than the budget holds."""

import asyncio
from datetime import UTC, datetime

import pytest

from shared.domain.money import DAY_MS, Budget, Spent, allowance
from shared.store.connection import connect
from shared.store.ledger import Exhausted, Ledger, Reservation
from tests.integration.store.conftest import ADA, BOB

PRICE = 5_000
NOON_MS = int(datetime(2027, 1, 15, 12, tzinfo=UTC).timestamp() * 1000)
MIDNIGHT_MS = NOON_MS + DAY_MS // 2
NEW_YEAR_MS = int(datetime(2028, 1, 1, tzinfo=UTC).timestamp() * 1000)
UNLIMITED = Budget(PRICE)


def posts(number: int) -> int:
    """What so many posts cost."""
    return number * PRICE


@pytest.fixture
async def redis(redis_db):
    connection = connect(redis_db)
    yield connection
    await connection.aclose()


async def read(ledger: Ledger, account_id, *ids: int, now_ms: int = NOON_MS) -> Spent:
    """Reserve a page, and note these posts for it."""
    reservation = await ledger.reserve(account_id, 100, now_ms=now_ms)
    assert isinstance(reservation, Reservation)
    return await ledger.note(reservation, ids)


async def test_a_post_is_billed_once_a_day_however_often_it_is_read(redis):
    ledger = Ledger(redis, UNLIMITED)

    assert await read(ledger, ADA, 1, 2, 3) == Spent(3, 3, 3)
    assert await read(ledger, ADA, 2, 3, 4) == Spent(4, 4, 4)


async def test_a_post_that_two_accounts_read_is_billed_to_the_first(redis):
    ledger = Ledger(redis, UNLIMITED)
    await read(ledger, ADA, 1, 2, 3)

    assert await read(ledger, BOB, 3, 4) == Spent(day=4, month=4, account=1)
    assert await ledger.spent(ADA, now_ms=NOON_MS) == Spent(4, 4, 3)
    assert await ledger.spent(now_ms=NOON_MS) == Spent(4, 4)


async def test_a_post_costs_again_after_midnight(redis):
    ledger = Ledger(redis, UNLIMITED)
    await read(ledger, ADA, 1, 2, now_ms=MIDNIGHT_MS - 1)

    assert await read(ledger, ADA, 2, now_ms=MIDNIGHT_MS) == Spent(day=1, month=3, account=1)


async def test_a_post_counts_in_the_day_in_which_it_was_asked_for(redis):
    ledger = Ledger(redis, Budget(PRICE, daily=posts(100)))
    reservation = await ledger.reserve(ADA, 100, now_ms=MIDNIGHT_MS - 1)
    await read(ledger, BOB, 1, now_ms=MIDNIGHT_MS)

    await ledger.note(reservation, [1, 2])

    assert await ledger.spent(now_ms=MIDNIGHT_MS - 1) == Spent(2, 3)
    assert await ledger.spent(now_ms=MIDNIGHT_MS) == Spent(1, 3)


async def test_a_month_begins_at_nothing(redis):
    ledger = Ledger(redis, UNLIMITED)
    await read(ledger, ADA, 1, 2, now_ms=NEW_YEAR_MS - 1)

    assert await read(ledger, ADA, 2, now_ms=NEW_YEAR_MS) == Spent(1, 1, 1)
    assert await ledger.spent(now_ms=NEW_YEAR_MS - 1) == Spent(2, 2)


async def test_a_page_is_reserved_in_full_and_corrected_to_what_was_billed(redis):
    ledger = Ledger(redis, Budget(PRICE, daily=posts(1_000)))

    reservation = await ledger.reserve(ADA, 100, now_ms=NOON_MS)
    assert await ledger.spent(now_ms=NOON_MS) == Spent(reserved=100)

    assert await ledger.note(reservation, [1, 2]) == Spent(2, 2, 2)
    assert await ledger.note(await ledger.reserve(ADA, 100, now_ms=NOON_MS + 1), []) == Spent(2, 2, 2)


async def test_near_a_limit_a_smaller_page_is_reserved_and_then_none(redis):
    ledger = Ledger(redis, Budget(PRICE, daily=posts(150)))

    assert await ledger.reserve(ADA, 100, now_ms=NOON_MS) == Reservation(ADA, 100, NOON_MS)
    rest = await ledger.reserve(BOB, 100, now_ms=NOON_MS)
    assert rest == Reservation(BOB, 50, NOON_MS)
    none = await ledger.reserve(17, 100, now_ms=NOON_MS)
    assert none == Exhausted(none.until_ms, "reserved")
    assert none.until_ms < NOON_MS + 60_000

    await ledger.note(rest, range(1, 11))
    assert await ledger.reserve(17, 100, now_ms=NOON_MS) == Reservation(17, 40, NOON_MS)


async def test_fetchers_that_reserve_at_once_share_what_is_left(redis):
    fetchers = [Ledger(redis, Budget(PRICE, daily=posts(1_050))) for _ in range(4)]
    asking = [
        each.reserve(account_id, 100, now_ms=NOON_MS) for account_id in range(1, 11) for each in fetchers
    ]

    reserved = {
        each.account_id: each for each in await asyncio.gather(*asking) if isinstance(each, Reservation)
    }

    assert sum(each.posts for each in reserved.values()) == 1_000
    assert await fetchers[0].reserve(ADA, 100, now_ms=NOON_MS) == Reservation(ADA, 50, NOON_MS)


async def test_a_day_that_is_spent_ends_at_midnight(redis):
    ledger = Ledger(redis, Budget(PRICE, daily=posts(2)))
    await read(ledger, ADA, 1, 2)

    assert await ledger.reserve(BOB, 100, now_ms=NOON_MS) == Exhausted(MIDNIGHT_MS, "day")
    assert await ledger.reserve(BOB, 100, now_ms=MIDNIGHT_MS) == Reservation(BOB, 2, MIDNIGHT_MS)


async def test_a_month_that_is_spent_ends_with_the_month(redis):
    ledger = Ledger(redis, Budget(PRICE, monthly=posts(3)))
    await read(ledger, ADA, 1, 2, now_ms=NEW_YEAR_MS - 2 * DAY_MS)
    await read(ledger, ADA, 2, now_ms=NEW_YEAR_MS - DAY_MS)

    assert await ledger.reserve(BOB, 100, now_ms=NEW_YEAR_MS - 1) == Exhausted(NEW_YEAR_MS, "month")
    assert await ledger.reserve(BOB, 100, now_ms=NEW_YEAR_MS) == Reservation(BOB, 3, NEW_YEAR_MS)


async def test_an_accounts_day_stops_that_account_only(redis):
    ledger = Ledger(redis, Budget(PRICE, account_daily=posts(2)))
    await read(ledger, ADA, 1, 2)

    assert await ledger.reserve(ADA, 100, now_ms=NOON_MS) == Exhausted(MIDNIGHT_MS, "account")
    assert await ledger.reserve(BOB, 100, now_ms=NOON_MS) == Reservation(BOB, 2, NOON_MS)


async def test_what_a_dead_fetcher_reserved_covers_the_accounts_next_request(redis):
    ledger = Ledger(redis, Budget(PRICE, daily=posts(100)))
    await ledger.reserve(ADA, 100, now_ms=NOON_MS)  # and never heard of again

    assert isinstance(await ledger.reserve(BOB, 100, now_ms=NOON_MS + 60_000), Exhausted)
    again = await ledger.reserve(ADA, 100, now_ms=NOON_MS + 60_000)
    assert again == Reservation(ADA, 100, NOON_MS + 60_000)
    assert await ledger.spent(now_ms=NOON_MS + 60_000) == Spent(reserved=100)

    assert await ledger.note(again, [1]) == Spent(1, 1, 1)


async def test_a_smaller_request_does_not_settle_for_a_lost_one(redis):
    ledger = Ledger(redis, Budget(PRICE, daily=posts(1_000)))
    await ledger.reserve(ADA, 100, now_ms=NOON_MS)  # and never heard of again
    smaller = await ledger.reserve(ADA, 20, now_ms=NOON_MS + 1)

    for _ in range(2):
        assert await ledger.note(smaller, [1]) == Spent(1, 1, 1, reserved=80)


async def test_what_is_never_told_of_is_forgotten_at_midnight_and_in_the_month_a_day_later(redis):
    budget = Budget(PRICE, daily=posts(100), monthly=posts(150))
    ledger = Ledger(redis, budget)
    await ledger.reserve(ADA, 100, now_ms=NOON_MS)

    assert allowance(budget, await ledger.spent(now_ms=MIDNIGHT_MS), MIDNIGHT_MS).posts == 50
    assert await ledger.reserve(BOB, 100, now_ms=MIDNIGHT_MS) == Reservation(BOB, 50, MIDNIGHT_MS)
    assert await ledger.spent(now_ms=MIDNIGHT_MS) == Spent(reserved=50, earlier=100)
    later_ms = MIDNIGHT_MS + DAY_MS
    assert await ledger.reserve(BOB, 100, now_ms=later_ms) == Reservation(BOB, 100, later_ms)


async def test_a_late_answer_is_counted_and_leaves_the_newer_request_covered(redis):
    ledger = Ledger(redis, Budget(PRICE, daily=posts(1_000)))
    late = await ledger.reserve(ADA, 100, now_ms=NOON_MS)
    await ledger.reserve(ADA, 100, now_ms=NOON_MS + 60_000)

    assert await ledger.note(late, [1, 2]) == Spent(2, 2, 2, reserved=98)
    assert await ledger.note(late, [1, 2]) == Spent(2, 2, 2, reserved=98)


async def test_what_is_asked_of_the_ledger_twice_counts_once(redis):
    ledger = Ledger(redis, Budget(PRICE, daily=posts(100)))
    reservation = await ledger.reserve(ADA, 100, now_ms=NOON_MS)
    assert await ledger.reserve(ADA, 100, now_ms=NOON_MS) == reservation

    await ledger.note(reservation, [1])
    assert await ledger.note(reservation, [1]) == Spent(1, 1, 1)


async def test_what_a_poll_has_lost_is_not_given_back_by_a_check(redis):
    ledger = Ledger(redis, Budget(PRICE, daily=posts(100), account_daily=posts(100)))
    await ledger.reserve(ADA, 60, now_ms=NOON_MS)  # never told of

    asked = await ledger.reserve(ADA, 60, now_ms=NOON_MS + 1, by_check=True)
    assert asked == Reservation(ADA, 40, NOON_MS + 1, by_check=True)
    assert await ledger.note(asked, [1]) == Spent(1, 1, 1, reserved=60)
    assert await ledger.reserve(BOB, 60, now_ms=NOON_MS + 2) == Reservation(BOB, 39, NOON_MS + 2)

    await ledger.forget(ADA, now_ms=NOON_MS + 3)
    assert await redis.hkeys("{app}:reserved:2027-01-15") == [b"app", str(BOB).encode()]


async def test_without_a_limit_nothing_is_reserved(redis):
    ledger = Ledger(redis, UNLIMITED)

    assert await ledger.reserve(ADA, 100, now_ms=NOON_MS) == Reservation(ADA, 100, NOON_MS)
    assert [key async for key in redis.scan_iter()] == []


async def test_every_page_of_the_ledger_expires(redis):
    ledger = Ledger(redis, Budget(PRICE, daily=posts(1_000)))
    await ledger.reserve(BOB, 100, now_ms=NOON_MS)
    await read(ledger, ADA, 1)

    lives = {key.decode(): round(await redis.pttl(key) / DAY_MS) async for key in redis.scan_iter()}

    assert lives == {
        "{app}:billed:2027-01-15": 3,
        "{app}:bill:2027-01-15": 3,
        "{app}:bill:2027-01": 400,
        "{app}:reserved:2027-01-15": 3,
    }


async def test_a_forgotten_account_is_in_no_bill_and_what_it_cost_stays(redis):
    ledger = Ledger(redis, UNLIMITED)
    year_ago_ms = NOON_MS - 399 * DAY_MS
    await read(ledger, ADA, 1, now_ms=year_ago_ms)
    await read(ledger, ADA, 1, 2)

    await ledger.forget(ADA, now_ms=NOON_MS)

    assert await ledger.spent(ADA, now_ms=NOON_MS) == Spent(2, 2, 0)
    for day_or_month in ("2025-12", "2027-01-15", "2027-01"):
        assert await redis.hkeys(f"{{app}}:bill:{day_or_month}") == [b"app"]
