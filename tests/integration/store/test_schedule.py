"""Who is due, who may claim, and what stops everybody."""

import asyncio

import pytest

from shared.domain.account import SHARDS, AccountId, Standing, shard_of
from shared.domain.mode import Mode
from shared.domain.timeline import Page
from shared.store import keys
from shared.store.gate import Gate
from shared.store.polls import Ended
from shared.store.schedule import STRIKES
from shared.store.sessions import Terms
from tests.integration.store.conftest import ADA, BOB, LEASE_MS, NOW_MS, tweet_ids


async def fall_asleep(store, account_id):
    lease = next(each for each in await store.claim() if each.account_id == account_id)
    ended = Ended("budget-spent", 0, None)
    await store.polls.settle((await store.begin(lease)).lease, ended, due_at_ms=None)


async def test_a_registered_account_is_due_at_once(store):
    assert await store.register(ADA)

    assert [lease.account_id for lease in await store.claim()] == [ADA]


async def test_registering_again_keeps_one_account_and_never_puts_a_poll_off(store):
    await store.register(ADA)

    assert not await store.register(ADA, NOW_MS + 5000)

    assert [lease.account_id for lease in await store.claim()] == [ADA]


async def test_what_one_scheduler_has_claimed_no_other_gets(store):
    accounts = [AccountId(number) for number in range(1, 200)]
    await asyncio.gather(*map(store.register, accounts))

    claims = await asyncio.gather(*(store.claim() for _ in range(8)))

    claimed = [lease.account_id for claim in claims for lease in claim]
    assert sorted(claimed) == accounts


async def test_a_lease_that_nobody_settled_runs_out(store):
    await store.register(ADA)
    (first,) = await store.claim()

    assert await store.claim(NOW_MS + LEASE_MS - 1) == []
    (second,) = await store.claim(NOW_MS + LEASE_MS)
    assert second.number > first.number


async def test_the_most_overdue_of_a_shard_goes_first(store):
    accounts = [AccountId(256 * number + 5) for number in range(1, 30)]
    for place, account_id in enumerate(accounts):
        await store.register(account_id, NOW_MS - 1000 * place)

    claimed = await store.schedule.claim(now_ms=NOW_MS, lease_ms=LEASE_MS, per_shard=10)

    assert [lease.account_id for lease in claimed] == accounts[:-11:-1]


async def test_a_lease_that_is_released_is_due_at_once(store):
    await store.register(ADA)
    (lease,) = await store.claim()

    await store.schedule.release(lease, now_ms=NOW_MS + 1)

    assert len(await store.claim(NOW_MS + 1)) == 1


async def test_a_paused_account_is_not_claimed_and_a_resumed_one_is_due(store):
    await store.register(ADA)
    await store.accounts.stand(ADA, Standing.PAUSED, now_ms=NOW_MS)
    assert await store.claim(NOW_MS + 10**9) == []
    await store.register(ADA, NOW_MS + 1)  # to sign in again does not resume
    assert await store.claim(NOW_MS + 10**9) == []

    await store.accounts.stand(ADA, Standing.ACTIVE, now_ms=NOW_MS + 2)

    assert len(await store.claim(NOW_MS + 2)) == 1


async def test_lateness_is_told_of_the_most_overdue(store):
    assert await store.schedule.overdue_ms(now_ms=NOW_MS) == 0
    await store.register(ADA, NOW_MS - 7000)
    await store.register(BOB, NOW_MS - 3000)

    assert await store.schedule.overdue_ms(now_ms=NOW_MS) == 7000


async def test_an_account_that_is_read_now_is_late_for_nobody(store):
    await store.register(ADA, NOW_MS - 7000)
    await store.schedule.hasten(ADA, now_ms=NOW_MS)

    assert await store.schedule.overdue_ms(now_ms=NOW_MS) == 0


async def test_who_sleeps_is_not_counted_among_those_who_are_polled(store):
    await store.register(ADA)
    await store.register(BOB)
    assert await store.schedule.count_awake() == 2

    await fall_asleep(store, BOB)
    assert await store.schedule.count_awake() == 1
    await store.schedule.hasten(BOB, now_ms=NOW_MS)
    assert await store.schedule.count_awake() == 2


@pytest.mark.parametrize("mode", [Mode.FRESH, None])
async def test_one_that_sleeps_is_due_at_once_when_another_mode_is_chosen_unless_it_is_paused(store, mode):
    for each in (ADA, BOB):
        await store.register(each)
        await fall_asleep(store, each)
    await store.accounts.stand(BOB, Standing.PAUSED, now_ms=NOW_MS)

    for each in (ADA, BOB):
        assert await store.accounts.spend(each, mode, now_ms=NOW_MS)

    assert [lease.account_id for lease in await store.claim()] == [ADA]


async def test_nobody_hastens_one_that_sleeps_and_is_paused(store):
    await store.register(ADA)
    await fall_asleep(store, ADA)
    await store.accounts.stand(ADA, Standing.PAUSED, now_ms=NOW_MS)
    assert not await store.schedule.hasten(ADA, now_ms=NOW_MS)

    await store.accounts.stand(ADA, Standing.ACTIVE, now_ms=NOW_MS)
    assert await store.schedule.hasten(ADA, now_ms=NOW_MS)

    assert [lease.account_id for lease in await store.claim()] == [ADA]


async def test_that_x_stopped_the_app_is_believed_from_several_accounts_only(store):
    for number in range(STRIKES - 1):
        await store.schedule.strike(AccountId(number), "credit-empty", for_ms=60_000)
        await store.schedule.strike(AccountId(number), "credit-empty", for_ms=60_000)
    assert (await Gate(store.redis).ask(now_ms=NOW_MS)).stopped is None

    await store.schedule.strike(AccountId(99), "credit-empty", for_ms=60_000)

    assert (await Gate(store.redis).ask(now_ms=NOW_MS)).stopped == "credit-empty"


async def test_forgetting_leaves_nothing_of_the_account(store):
    await store.register(BOB)
    without = await store.dump()
    await store.register(ADA)
    await store.sessions.begin(ADA, Terms.app(60_000), now_ms=NOW_MS)
    await store.claim()

    assert await store.accounts.forget(ADA, now_ms=NOW_MS)
    assert not await store.accounts.forget(ADA, now_ms=NOW_MS)

    numbered = {keys.leases(shard_of(each)).encode() for each in (ADA, BOB)}
    assert set(await store.dump()) == set(without) | numbered
    assert await store.redis.hkeys(keys.leases(shard_of(ADA))) == [b"newest"]


async def test_no_lease_is_cut_short_for_one_who_reads(store):
    await store.register(ADA)
    (lease,) = await store.claim()
    assert await store.schedule.hasten(ADA, now_ms=NOW_MS + 1, wanted="0")
    assert await store.claim(NOW_MS + 1) == []

    begun = await store.begin(lease)
    assert await store.schedule.hasten(ADA, now_ms=NOW_MS + 1, wanted="0")
    assert await store.claim(NOW_MS + 1) == []

    await store.commit(begun, Page(ids=tweet_ids(1)))
    assert await store.schedule.hasten(ADA, now_ms=NOW_MS + 2, wanted="0")
    assert len(await store.claim(NOW_MS + 2)) == 1


async def test_who_chose_a_mode_or_reads_while_a_poll_finds_no_money_is_polled_once_more(store):
    await store.register(ADA)
    await store.register(BOB)
    ada, bob = [await store.begin(lease) for lease in await store.claim()]
    await store.accounts.spend(ADA, Mode.ARCHIVE, now_ms=NOW_MS)
    await store.schedule.hasten(BOB, now_ms=NOW_MS)
    for begun in (ada, bob):
        await store.polls.settle(begun.lease, Ended("budget-spent", 0, None), due_at_ms=None)

    assert await store.claim(NOW_MS + LEASE_MS - 1) == []
    assert len(await store.claim(NOW_MS + LEASE_MS)) == 2


async def test_who_reads_after_a_lease_ran_out_is_due_at_once(store):
    await store.register(ADA)
    await store.claim()
    await store.schedule.hasten(ADA, now_ms=NOW_MS + LEASE_MS, wanted="0")

    assert (
        await store.schedule.claim_shares([0] * SHARDS, 1, now_ms=NOW_MS + LEASE_MS, lease_ms=1)
    ).hurried == 1


async def test_no_number_is_given_twice_by_schedulers_whose_clocks_differ(store):
    await store.register(ADA)
    numbers = []
    for late_ms in (0, -3_000, 0, 5_000, 1):
        (lease,) = await store.claim(NOW_MS + late_ms)
        numbers += [lease.number, lease.number + 1]  # and the one that it has once its poll has begun
        await store.redis.zadd(keys.due(shard_of(ADA)), {str(ADA): 1})

    assert numbers == sorted(set(numbers))


async def test_only_who_is_leased_has_a_number(store):
    await store.register(ADA)
    await store.register(BOB)
    ada, bob = sorted(await store.claim(), key=lambda lease: lease.account_id == BOB)
    await store.commit(await store.begin(ada), Page(ids=tweet_ids(1)))

    numbers = keys.leases(shard_of(BOB))
    assert await store.redis.hgetall(numbers) == {
        b"newest": b"%d" % bob.number,
        b"%d" % BOB: b"%d" % bob.number,
    }
    assert await store.redis.hkeys(keys.leases(shard_of(ADA))) == [b"newest"]


async def test_an_account_that_is_hastened_is_due_now_and_one_that_is_paused_is_not(store):
    await store.register(ADA)
    await store.commit(await store.begun(), Page(ids=tweet_ids(1)))
    await store.register(BOB)
    await store.accounts.stand(BOB, Standing.PAUSED, now_ms=NOW_MS)

    for account_id in (ADA, BOB, AccountId(99)):
        await store.schedule.hasten(account_id, now_ms=NOW_MS + 1, wanted="0")

    assert [lease.account_id for lease in await store.claim(NOW_MS + 1)] == [ADA]


async def test_who_is_read_now_goes_before_the_most_overdue_and_beyond_the_share(store):
    accounts = [AccountId(256 * number + 5) for number in range(1, 10)]
    for place, account_id in enumerate(accounts):
        await store.register(account_id, NOW_MS - 1000 * place)
    await store.schedule.hasten(accounts[0], now_ms=NOW_MS)
    shares = [0] * SHARDS

    nobody = await store.schedule.claim_shares(shares, 0, now_ms=NOW_MS, lease_ms=LEASE_MS)
    shares[5] = 1
    some = await store.schedule.claim_shares(shares, 3, now_ms=NOW_MS, lease_ms=LEASE_MS)

    assert (nobody.leases, nobody.waiting[5], sum(nobody.waiting)) == ([], 9, 9)
    assert [lease.account_id for lease in some.leases] == [accounts[0], accounts[-1]]
    assert (some.hurried, some.waiting[5]) == (1, 7)


async def test_what_a_reader_wants_is_noted_for_the_poll_that_begins_next(store):
    await store.register(ADA)
    await store.schedule.hasten(ADA, now_ms=NOW_MS, wanted="17")
    begun = await store.begun()
    assert begun.wanted == 17

    await store.schedule.hasten(ADA, now_ms=NOW_MS + 1, wanted="18")
    assert await store.claim(NOW_MS + 1) == []
    await store.commit(begun, Page(ids=tweet_ids(1)))
    assert await store.redis.hget("{s12}:account:12", "wanted") == b"18"


async def test_nothing_is_wanted_of_an_account_that_is_not_there(store):
    assert not await store.schedule.hasten(AccountId(99), now_ms=NOW_MS)

    assert await store.dump() == {}


async def test_a_lease_that_ran_out_keeps_nobody_from_being_hurried(store):
    await store.register(ADA)
    await store.claim()
    await store.schedule.hasten(ADA, now_ms=NOW_MS + LEASE_MS)

    assert (await store.redis.zrange("{s12}:due", 0, 0, withscores=True))[0][1] == 0
