"""After a backup was put back nothing is asked for twice, and who read last goes first."""

import random

import pytest

from shared.domain.account import AccountId
from shared.domain.budget import ASSUMED_WINDOW_MS, Window
from shared.domain.lease import Lease
from shared.domain.money import Budget
from shared.domain.recovery import SPREAD_MS, Lost
from shared.domain.timeline import Page
from shared.store import keys
from shared.store.ledger import Exhausted, Ledger, Reservation
from shared.store.polls import Begun, Empty, Late
from shared.store.recovery import Recovery
from tests.integration.store.conftest import ADA, BOB, LEASE_MS, NEIGHBOUR, NOW_MS, tweet_ids

LOST = Lost(NOW_MS, NOW_MS + 3_600_000)
BACK_MS = LOST.until_ms + 60_000
ANEW_MS = LOST.until_ms + ASSUMED_WINDOW_MS


@pytest.fixture
def recovery(store):
    return Recovery(store.redis)


async def distrust(recovery, *ids, used=False):
    await recovery.distrust(dict.fromkeys(ids, used), LOST, now_ms=BACK_MS)


async def due(store, account_id):
    return await store.redis.zscore(keys.due(account_id % 256), str(account_id))


async def test_everybody_is_found_once(store, recovery):
    everybody = {AccountId(each) for each in range(1, 2000, 3)}
    for each in everybody:
        await store.register(each)

    found = [each async for ids in recovery.all_ids() for each in ids]

    assert sorted(found) == sorted(everybody)
    assert await recovery.count() == len(everybody)


async def test_no_request_is_made_before_every_window_is_a_new_one(store, recovery):
    await store.register(ADA)
    begun = await store.begun()
    await store.commit(begun, Page(), window=Window(15, 14, NOW_MS + 900_000))

    await distrust(recovery, ADA)

    (lease,) = await store.claim(BACK_MS)
    assert await store.begin(lease, BACK_MS) == Empty()
    assert await due(store, ADA) == ANEW_MS
    (lease,) = await store.claim(ANEW_MS)
    begun = await store.begin(lease, ANEW_MS)
    assert isinstance(begun, Begun)
    assert begun.window.left == 14


async def test_no_number_that_was_given_since_the_backup_fits(store, recovery):
    await store.register(ADA)
    (given,) = await store.claim()

    await distrust(recovery, ADA)

    later = [Lease(ADA, given.number + each) for each in range(10)]
    assert {await store.begin(each, ANEW_MS) for each in later} == {Late()}
    await distrust(recovery, ADA)
    (lease,) = await store.claim(ANEW_MS)
    assert lease.number > given.number + 10
    assert isinstance(await store.begin(lease, ANEW_MS), Begun)


async def test_a_refresh_token_that_may_be_used_is_marked_and_one_that_is_not_stays(store, recovery):
    for each in (ADA, BOB):
        await store.register(each)
    await distrust(recovery, ADA, used=True)
    await distrust(recovery, BOB)

    begun = [await store.begin(lease, ANEW_MS) for lease in await store.claim(ANEW_MS)]

    assert {each.lease.account_id: each.refreshing for each in begun} == {ADA: True, BOB: False}
    ada = next(each for each in begun if each.lease.account_id == ADA)
    await store.credentials.unmark(ada.lease)
    assert not await store.credentials.mark(ada.lease, ada.sealed)


async def test_what_arrives_lies_beyond_every_place_that_was_told_since(store, recovery):
    one, two = sorted(tweet_ids(1, 2))
    await store.register(ADA)
    await store.commit(await store.begun(), Page(ids=(one,)))

    await distrust(recovery, ADA)  # by a clock that is weeks ahead of the server's
    (lease,) = await store.claim(ANEW_MS)
    await store.commit(await store.begin(lease, ANEW_MS), Page(ids=(two,)))

    (newest, _), *_ = await store.redis.xrevrange(keys.arrivals(ADA))
    assert int(newest.split(b"-")[0]) >= LOST.until_ms


async def test_who_read_last_is_claimed_first_and_who_sleeps_sleeps_on(store, recovery):
    ids = [AccountId(ADA + 256 * each) for each in range(50)]
    random.shuffle(ids)
    for ago, each in enumerate(ids):
        await store.register(each)
        await store.redis.hset(keys.account(each), "read_at_ms", str(NOW_MS - ago * 3_600_000))
    await store.redis.zrem(keys.due(ADA % 256), str(ids[0]))

    assert await recovery.reorder(ids, BACK_MS, before_ms=BACK_MS, now_ms=BACK_MS) == 49

    claimed = await store.schedule.claim(now_ms=BACK_MS + SPREAD_MS, lease_ms=LEASE_MS, per_shard=49)
    assert [each.account_id for each in claimed] == ids[1:]
    assert await due(store, ids[0]) is None


async def test_who_is_read_or_polled_now_or_is_paused_or_due_later_stays(store, recovery):
    reads, _polled, paused, later = ids = [AccountId(ADA + 256 * each) for each in range(4)]
    for each in ids:
        await store.register(each)
    claimed = {
        lease.account_id: lease
        for lease in await store.schedule.claim(now_ms=NOW_MS, lease_ms=LEASE_MS, per_shard=4)
    }
    for each in (reads, paused, later):
        await store.schedule.release(claimed[each], now_ms=NOW_MS)
    await store.schedule.hasten(reads, now_ms=NOW_MS + 1)
    await store.accounts.stand(paused, "paused", now_ms=NOW_MS)
    await store.redis.zadd(keys.due(ADA % 256), {str(later): NOW_MS + 3_600_000})
    before = [await due(store, each) for each in ids]

    assert await recovery.reorder(ids, NOW_MS - SPREAD_MS, before_ms=NOW_MS + 1, now_ms=NOW_MS + 1) == 0

    assert (
        [await due(store, each) for each in ids] == before == [0, NOW_MS + LEASE_MS, None, NOW_MS + 3_600_000]
    )


async def test_what_may_have_been_billed_is_spent(store, recovery):
    ledger = Ledger(store.redis, Budget(price=1, daily=1000, monthly=5000, account_daily=300))
    for each in (ADA, NEIGHBOUR):
        given = await ledger.reserve(each, 100, now_ms=NOW_MS)
        await ledger.note(given, tweet_ids(*range(each, each + 100)))

    await recovery.hold_back_accounts([ADA], 300, 150, now_ms=NOW_MS)
    await recovery.hold_back_posts(350, 5000 - 70, now_ms=NOW_MS)

    assert (await ledger.reserve(ADA, 100, now_ms=NOW_MS)).posts == 50
    assert isinstance(await ledger.reserve(NEIGHBOUR, 100, now_ms=NOW_MS), Reservation)
    assert isinstance(await ledger.reserve(BOB, 100, now_ms=NOW_MS), Exhausted)
    await recovery.hold_back_posts(0, 0, now_ms=NOW_MS)
    assert (await ledger.spent(now_ms=NOW_MS)).month == 5000 - 70
    await recovery.believe_posts(None, 300, now_ms=NOW_MS)
    spent = await ledger.spent(now_ms=NOW_MS)
    assert (spent.day, spent.month) == (350, 300)
