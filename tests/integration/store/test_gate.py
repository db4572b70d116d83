"""How many accounts are claimed when many are due: a little more than usual, whatever happened before."""

from collections import Counter

import pytest

from services.scheduler.share import share
from shared.domain.account import SHARDS, AccountId, shard_of
from shared.domain.price import Allowance
from shared.domain.recovery import SPREAD_MS
from shared.store import keys
from shared.store.gate import Gate
from shared.store.prices import Prices
from shared.store.recovery import Recovery
from tests.integration.store.conftest import DAY_MS, NOW_MS

PEOPLE = 10_000
CADENCE_MS = 60_000
TICK_MS = 250
USUAL = PEOPLE * 1000 / CADENCE_MS


class Scheduler:
    """One scheduler's claims, without its queue."""

    def __init__(self, store):
        self.schedule, self.gate = store.schedule, Gate(store.redis)
        self.waiting, self.first = [0] * SHARDS, 0

    async def claim(self, now_ms):
        permit = await self.gate.ask(now_ms=now_ms)
        shares = share(permit.claims, self.waiting, most=100, first=self.first)
        self.first = (self.first + permit.claims) % SHARDS
        claimed = await self.schedule.claim_shares(shares, 100, now_ms=now_ms, lease_ms=10**9)
        self.gate.use(len(claimed.leases) - claimed.hurried)
        self.waiting = claimed.waiting
        return [lease.account_id for lease in claimed.leases]


async def crowd(store, count=PEOPLE, *, overdue_ms=600_000):
    """Put many accounts straight into the schedule, all of them overdue, and make a price for them."""
    commands = []
    for number in range(count):
        shard = shard_of(AccountId(number))
        commands += [
            ("SADD", keys.accounts(shard), number),
            ("ZADD", keys.due(shard), NOW_MS - overdue_ms + number, number),
        ]
    await store.redis.ask_all(commands)
    await Prices(store.redis).adjust(Allowance(count, CADENCE_MS), now_ms=NOW_MS)


async def test_after_ten_minutes_without_a_scheduler_no_second_sees_three_times_the_usual(store):
    await crowd(store)
    schedulers = [Scheduler(store) for _ in range(2)]
    claimed, at_ms = [], []
    now_ms = NOW_MS
    while len(claimed) < PEOPLE and now_ms < NOW_MS + 120_000:
        for each in schedulers:
            got = await each.claim(now_ms)
            claimed += got
            at_ms += [now_ms] * len(got)
        now_ms += TICK_MS

    assert sorted(claimed) == list(range(PEOPLE))
    ticks = Counter((each - NOW_MS) // TICK_MS for each in at_ms)
    busiest = max(sum(ticks[tick + each] for each in range(4)) for tick in range(max(ticks)))
    assert busiest <= 3 * USUAL
    assert 1.3 * USUAL < len(claimed) * 1000 / (now_ms - NOW_MS) < 1.6 * USUAL


async def test_who_is_read_now_goes_first_and_is_not_counted(store):
    await crowd(store)
    readers = [AccountId(number) for number in range(PEOPLE - 300, PEOPLE)]
    for each in readers:
        await store.schedule.hasten(each, now_ms=NOW_MS)

    claimed = await Scheduler(store).claim(NOW_MS)

    assert set(readers) <= set(claimed)
    assert len(claimed) == 300 + int(USUAL)


async def test_what_was_not_claimed_is_given_back_but_never_more_than_a_second_of_it(store):
    await crowd(store)
    gate = Gate(store.redis)

    assert (await gate.ask(now_ms=NOW_MS)).claims == int(USUAL)
    gate.use(100)
    assert (await gate.ask(now_ms=NOW_MS)).claims == int(USUAL) - 100
    assert (await gate.ask(now_ms=NOW_MS + 60_000)).claims == int(USUAL)


async def test_what_one_scheduler_has_taken_no_other_gets(store):
    await crowd(store)
    first, second = Gate(store.redis), Gate(store.redis)

    assert (await first.ask(now_ms=NOW_MS)).claims == int(USUAL)
    first.use(int(USUAL))
    assert (await second.ask(now_ms=NOW_MS)).claims == 0
    assert (await second.ask(now_ms=NOW_MS + 100)).claims == pytest.approx(USUAL * 0.15, abs=1)


async def test_a_scheduler_whose_clock_was_ahead_keeps_the_others_from_nothing(store):
    await crowd(store)
    await Gate(store.redis).ask(now_ms=NOW_MS + 3_600_000)
    gate, claims = Gate(store.redis), 0

    for tick in range(40):
        permit = await gate.ask(now_ms=NOW_MS + tick * TICK_MS)
        gate.use(permit.claims)
        claims += permit.claims

    assert claims > 10 * USUAL


async def test_few_accounts_wait_for_no_limit(store):
    await crowd(store, 10)
    scheduler = Scheduler(store)

    claimed = [*(await scheduler.claim(NOW_MS)), *(await scheduler.claim(NOW_MS + TICK_MS))]
    assert len(claimed) == 10


async def test_many_that_are_seldom_polled_are_through_within_minutes(store):
    await crowd(store)
    await store.redis.hset(keys.APP_PRICE, "spending", "0.001")

    assert (await Gate(store.redis).ask(now_ms=NOW_MS)).claims == PEOPLE // 900


async def test_after_a_long_outage_who_read_last_goes_first_of_all_shards(store):
    await crowd(store)
    readers = {AccountId(number) for number in range(0, PEOPLE, 20)}
    for number in range(PEOPLE):
        ago_ms = number if number in readers else DAY_MS + number
        await store.redis.hset(keys.account(AccountId(number)), "read_at_ms", str(NOW_MS - ago_ms))
    recovery = Recovery(store.redis)
    async for ids in recovery.all_ids():
        await recovery.reorder(ids, NOW_MS - SPREAD_MS, before_ms=NOW_MS, now_ms=NOW_MS)

    scheduler, claimed, now_ms = Scheduler(store), [], NOW_MS
    while not readers <= set(claimed):
        claimed += await scheduler.claim(now_ms)
        now_ms += TICK_MS

    assert len(claimed) < PEOPLE / 4
