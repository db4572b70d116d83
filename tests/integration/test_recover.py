"""`roost recover`, as an operator calls it: what it supposes of money, and what it is told."""

from datetime import UTC, datetime

import pytest

from shared.clock import Clock
from shared.domain.account import AccountId, Standing, shard_of
from shared.domain.budget import ASSUMED_WINDOW_MS
from shared.domain.credential import OAuth1Credential, OAuth2Credential
from shared.domain.money import DAY_MS, day_of, month_of
from shared.domain.price import Allowance
from shared.domain.recovery import SPREAD_MS
from shared.sealing import MasterKeys, new_key, write_key
from shared.store import keys
from shared.store.accounts import Accounts
from shared.store.connection import connect
from shared.store.credentials import Credentials
from shared.store.datakeys import DataKeys
from shared.store.ledger import day_name
from shared.store.prices import Prices
from tests.servers.programs import SECRET_KEYS

ADA, BOB, CAROL, DAVE = map(AccountId, (12, 120_013, 120_014, 120_015))
HOUR_MS = 3_600_000


@pytest.fixture
async def store(redis_db):
    redis = connect(redis_db)
    now_ms = Clock().now_ms()
    await Accounts(redis).register(ADA, ("u", "n"), b"sealed", now_ms=now_ms - HOUR_MS)
    await Prices(redis).adjust(Allowance(1, 60_000, daily=1000), now_ms=now_ms - HOUR_MS)
    yield redis
    await redis.aclose()


def ago(ms):
    at = datetime.fromtimestamp((Clock().now_ms() - ms) // 1000, UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


async def due_in(store):
    return await store.zscore(keys.due(ADA), str(ADA)) - Clock().now_ms()


async def test_who_waits_for_money_is_due_when_there_is_some_and_sooner_when_x_was_asked(store, recover):
    limits = {"money_daily_dollars": 5, "money_monthly_dollars": 100}
    midnight_ms = day_of(Clock().now_ms())[1]

    said = recover("--lost-at", ago(60_000), **limits)
    assert said.returncode == 0, said.stderr
    assert midnight_ms <= await store.zscore(keys.due(ADA), str(ADA)) <= midnight_ms + SPREAD_MS

    told = ("--billed-today-dollars", "1.25", "--billed-month-dollars", "7")
    assert recover("--lost-at", ago(60_000), *told, **limits).returncode == 0
    assert 0 < await due_in(store) <= ASSUMED_WINDOW_MS + SPREAD_MS
    bills = [await store.hget(key, "app") async for key in store.scan_iter(match="*bill:*")]
    assert sorted(map(int, bills)) == [250, 1400]


async def test_who_waits_for_the_money_of_next_month_is_due_sooner_when_there_is_some(store, recover):
    month_ends_ms = month_of(Clock().now_ms())[1]
    await store.zadd(keys.due(ADA), {str(ADA): month_ends_ms + HOUR_MS // 2})

    assert recover("--lost-at", ago(60_000)).returncode == 0

    assert 0 < await due_in(store) <= ASSUMED_WINDOW_MS + SPREAD_MS


async def test_what_x_has_billed_counts_as_whole_posts_and_goes_with_its_day_and_month(store, recover):
    assert recover("--billed-today-dollars", "0", "--billed-month-dollars", "1.2501").returncode == 0

    bills = [key async for key in store.scan_iter(match="*bill:*")]
    assert sorted([int(await store.hget(key, "app")) for key in bills]) == [0, 251]
    assert all([await store.pttl(key) > 0 for key in bills])


async def test_no_more_requests_are_left_than_the_lost_hour_can_have_left(store, recover):
    assert recover().returncode == 0

    bucket, an_hour = 3 * 1000 / 24, 1000 / 24
    day_spent, tokens = await store.hmget(keys.APP_PRICE, ["day_spent", "tokens"])
    midnight_ago_ms = Clock().now_ms() - day_of(Clock().now_ms())[0]
    assert bucket <= int(day_spent) <= bucket + an_hour + 1
    assert int(day_spent) > bucket + an_hour - 2 or midnight_ago_ms < HOUR_MS
    assert float(tokens) == 0


async def test_who_recovers_again_supposes_no_more_requests_than_before(store, recover):
    lost_at = ("--lost-at", ago(60_000))
    assert recover(*lost_at).returncode == 0
    once = await store.hget(keys.APP_PRICE, "day_spent")

    assert recover(*lost_at).returncode == 0

    assert await store.hget(keys.APP_PRICE, "day_spent") == once


async def test_what_was_asked_yesterday_is_not_counted_for_today(store, recover):
    yesterday_ms = day_of(Clock().now_ms())[0] - HOUR_MS
    noted = {"adjusted_at_ms": yesterday_ms - HOUR_MS, "day": yesterday_ms // DAY_MS, "day_spent": 900}
    await store.hset(keys.APP_PRICE, mapping=noted)

    assert recover("--lost-at", ago(Clock().now_ms() - yesterday_ms)).returncode == 0

    assert await store.hget(keys.APP_PRICE, "day_spent") == b"0"


async def test_who_was_forgotten_since_is_forgotten_again_and_who_lost_a_data_key_is_not(
    store, recover, keys_redis
):
    apart = connect(keys_redis.url)
    data_keys = DataKeys(apart, MasterKeys.read(SECRET_KEYS), apart=True)
    await data_keys.check(store)
    for each in (BOB, CAROL):
        sealed = await Credentials(store, data_keys).seal(each, OAuth1Credential("token", "secret"))
        await Accounts(store).register(each, ("u", "n"), sealed, now_ms=Clock().now_ms() - HOUR_MS)
        bill = keys.bill(day_name(Clock().now_ms()))
        await store.hset(bill, str(each), 1)
        await store.zadd(keys.APP_ACCEPTED, {str(each): 1})
    await data_keys.destroy(BOB)  # and the backup put back has BOB
    await apart.delete(keys.data_key(CAROL))

    said = recover(keys_url=keys_redis.url)

    assert said.returncode == 0, said.stderr
    assert "1 had been forgotten since, and are again." in said.stdout
    assert "2 have a credential that nothing opens" in said.stdout
    assert await Accounts(store).find(BOB) is None
    assert await store.zscore(keys.due(shard_of(BOB)), str(BOB)) is None
    assert await store.hkeys(bill) == [str(CAROL).encode()]
    assert await store.zrange(keys.APP_ACCEPTED, 0, -1) == [str(CAROL).encode()]
    assert {await Accounts(store).find(each) is None for each in (ADA, CAROL)} == {False}
    assert not any([str(BOB).encode() in key async for key in apart.scan_iter()])
    await apart.aclose()


async def test_who_slept_or_was_paused_keeps_the_sign_in_and_who_was_polled_may_have_lost_it(store, recover):
    now_ms, data_keys = Clock().now_ms(), DataKeys(store, MasterKeys.read(SECRET_KEYS))
    await data_keys.check(store)
    polled, asleep, paused, refused = ADA, BOB, CAROL, DAVE
    for each in (polled, asleep, paused, refused):
        credential = OAuth2Credential("access", "refresh", now_ms - 9 * HOUR_MS, "")
        sealed = await Credentials(store, data_keys).seal(each, credential)
        await Accounts(store).register(each, ("u", "n"), sealed, now_ms=now_ms - 30 * HOUR_MS)
    for each in (asleep, refused):
        await store.hset(keys.account(each), "asleep", "1")
    await store.zrem(
        keys.due(shard_of(asleep)), str(asleep)
    )  # who was refused is asked again without a reader
    await Accounts(store).stand(paused, Standing.PAUSED, now_ms=now_ms)

    said = recover("--lost-at", ago(60_000))

    assert said.returncode == 0, said.stderr
    assert "2 may have had a new refresh token since" in said.stdout
    marks = [await store.hget(keys.account(each), "refreshing") for each in (polled, asleep, paused, refused)]
    assert marks == [b"restored", None, None, b"restored"]


async def test_redis_may_have_been_lost_at_the_end_of_the_second_that_is_told(store, recover):
    await store.hset(keys.APP_PRICE, "adjusted_at_ms", (Clock().now_ms() - 60_000) // 1000 * 1000 + 500)

    said = recover("--lost-at", ago(60_000))

    assert said.returncode == 0, said.stderr
    assert int(await store.hget(keys.APP_PRICE, "adjusted_at_ms")) % 1000 == 999


async def test_an_empty_redis_knows_of_nothing_and_the_money_of_today_is_spent_all_the_same(
    store, recover, redis_db
):
    await store.flushdb()

    said = recover(money_daily_dollars=5)

    assert said.returncode == 0, said.stderr
    assert "1970" not in said.stdout
    assert "0 accounts are due" in said.stdout
    assert int(await store.hget(keys.bill(day_name(Clock().now_ms())), "app")) == 1000


async def test_where_nothing_was_lost_nothing_but_the_order_changes(store, recover):
    before = await store.hgetall(keys.account(ADA)), await store.hgetall(keys.APP_PRICE)

    assert recover("--nothing-lost").returncode == 0

    assert (await store.hgetall(keys.account(ADA)), await store.hgetall(keys.APP_PRICE)) == before
    assert -2 * SPREAD_MS < await due_in(store) < 0


@pytest.mark.parametrize(
    ("words", "settings", "reason"),
    [
        (("--lost-at", ago(2 * HOUR_MS)), {}, "--lost-at"),
        (("--lost-at", ago(-HOUR_MS)), {}, "--lost-at"),
        ((), {"redis_url": "redis://127.0.0.1:1/0"}, "Not recovered"),
        ((), {"secret_keys": write_key(new_key())}, "Not recovered"),
    ],
)
async def test_what_cannot_be_is_refused(store, recover, words, settings, reason):
    assert recover("--nothing-lost", *words).returncode == 0
    assert recover().returncode == 0 if "secret_keys" in settings else True
    before = await store.hgetall(keys.account(ADA))

    said = recover(*words, **settings)

    assert said.returncode == 1
    assert reason in said.stderr
    assert await store.hgetall(keys.account(ADA)) == before
