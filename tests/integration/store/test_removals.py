"""What X shows no longer: gone from one timeline or from everywhere, and not brought back."""

import asyncio

import pytest

from shared.domain.budget import Window
from shared.domain.deletion import Removal
from shared.domain.timeline import Page
from shared.domain.tweet import Body
from shared.store import keys
from shared.store.connection import connect
from shared.store.polls import Late
from shared.store.removals import Removals
from shared.store.tombstones import keep
from tests.integration.store.conftest import ADA, BOB, DAY_MS, LEASE_MS, NOW_MS, tweet_ids

AGE_MS = 30 * DAY_MS
PLENTY = Window(limit=15, left=10, resets_at_ms=NOW_MS + 900_000)
THREE, TWO, ONE = ALL = tweet_ids(1, 2, 3)
BODIES = [Body(f"tweet:{each}", b'{"id":"%d"}' % each) for each in ALL]


@pytest.fixture
async def removals(store):
    return Removals(store.redis, age_ms=AGE_MS)


async def with_tweets(store, *account_ids, page=None):
    """Register accounts that all hold the same tweets, and begin a poll of each under a lease."""
    begun = {}
    for account_id in account_ids:
        await store.register(account_id)
        await store.commit(await store.begun(), page or Page(ids=ALL), window=PLENTY)
    for lease in await store.claim(NOW_MS + 60_000):
        begun[lease.account_id] = await store.begin(lease, NOW_MS + 60_000)
    await store.bodies.write(BODIES)
    return begun


async def deleted_arrivals(store, account_id):
    arrivals = await store.redis.xrange(keys.arrivals(account_id))
    return [entry[b"deleted"].decode() for _, entry in arrivals if b"deleted" in entry]


async def bodies_left(store):
    return sorted([key async for key in store.redis.scan_iter("tweet:*")])


async def test_a_deleted_tweet_leaves_the_timeline_and_its_body_goes(store, removals):
    begun = await with_tweets(store, ADA, page=Page(ids=ALL, withheld=(TWO,)))

    assert await removals.remove(begun[ADA].lease, Removal(gone=(TWO,)), now_ms=NOW_MS) == 1

    assert await store.ids() == [THREE, ONE]
    assert await store.redis.zcard(keys.withheld(ADA)) == 0
    assert await deleted_arrivals(store, ADA) == [keys.padded(TWO)]
    shown = await store.bodies.read([TWO], now_ms=NOW_MS)
    assert (shown.tweets, shown.missing) == ([], [])


async def test_one_arrival_tells_of_all_that_a_check_removed(store, removals):
    begun = await with_tweets(store, ADA)

    await removals.remove(begun[ADA].lease, Removal(gone=(THREE,), unseen=(ONE,)), now_ms=NOW_MS)

    assert await deleted_arrivals(store, ADA) == [f"{keys.padded(THREE)} {keys.padded(ONE)}"]
    assert (await store.held()).newest == THREE  # the newest that was seen, not that is there


async def test_a_check_that_found_nothing_tells_nobody_and_is_noted(store, removals):
    begun = await with_tweets(store, ADA)

    assert await removals.remove(begun[ADA].lease, Removal(), now_ms=NOW_MS) == 0

    assert await deleted_arrivals(store, ADA) == []
    assert int(await store.redis.hget(keys.account(ADA), "checked_at_ms")) == NOW_MS


async def test_a_removal_carried_out_twice_is_told_once(store, removals):
    begun = await with_tweets(store, ADA)
    removal = Removal(gone=(TWO,), unseen=(ONE,))

    await removals.remove(begun[ADA].lease, removal, now_ms=NOW_MS)

    assert await removals.remove(begun[ADA].lease, removal, now_ms=NOW_MS) == 0
    assert len(await deleted_arrivals(store, ADA)) == 1


async def test_the_poll_goes_on_under_its_lease_after_a_removal(store, removals):
    begun = await with_tweets(store, ADA)
    await removals.remove(begun[ADA].lease, Removal(gone=(TWO,)), now_ms=NOW_MS)

    await store.commit(begun[ADA], Page(ids=tweet_ids(9)))

    assert await store.ids() == [*tweet_ids(9), THREE, ONE]


async def test_a_late_fetcher_removes_nothing_from_a_timeline(store, removals):
    begun = await with_tweets(store, ADA)
    await store.claim(NOW_MS + 60_000 + LEASE_MS)
    before = await store.dump()

    assert await removals.remove(begun[ADA].lease, Removal(unseen=(TWO,)), now_ms=NOW_MS) == Late()

    assert await store.dump() == before


async def test_what_x_says_is_deleted_is_so_even_when_the_lease_is_lost(store, removals):
    begun = await with_tweets(store, ADA)
    await store.claim(NOW_MS + 60_000 + LEASE_MS)

    assert await removals.remove(begun[ADA].lease, Removal(gone=(TWO,)), now_ms=NOW_MS) == Late()

    assert await store.ids() == list(ALL)
    assert await removals.gone_of(ALL) == {TWO}


async def test_a_forgotten_account_is_not_brought_back_by_its_check(store, removals):
    begun = await with_tweets(store, ADA)
    await store.accounts.forget(ADA, now_ms=NOW_MS)

    await removals.remove(begun[ADA].lease, Removal(unseen=(TWO,)), now_ms=NOW_MS)

    assert await store.redis.exists(keys.account(ADA), keys.arrivals(ADA)) == 0


async def test_a_question_is_asked_under_the_lease_only_and_brings_no_forgotten_account_back(store, removals):
    begun = await with_tweets(store, ADA, BOB)
    assert await removals.may_ask(begun[ADA].lease, PLENTY, now_ms=NOW_MS)
    await store.accounts.forget(ADA, now_ms=NOW_MS)
    await store.claim(NOW_MS + 60_000 + LEASE_MS)

    assert not await removals.may_ask(begun[ADA].lease, PLENTY, now_ms=NOW_MS)
    assert not await removals.may_ask(begun[BOB].lease, PLENTY, now_ms=NOW_MS)

    assert await store.redis.exists(keys.account(ADA)) == 0


async def test_the_window_for_questions_outlives_an_account_that_is_forgotten_and_comes_back(store, removals):
    begun = await with_tweets(store, ADA)
    none_left = Window(limit=15, left=0, resets_at_ms=NOW_MS + 900_000)
    assert not await removals.may_ask(begun[ADA].lease, none_left, now_ms=NOW_MS)
    await store.accounts.forget(ADA, now_ms=NOW_MS)

    lease = (await with_tweets(store, ADA))[ADA].lease

    assert not await removals.may_ask(lease, None, now_ms=NOW_MS + 1)
    assert await removals.may_ask(lease, None, now_ms=NOW_MS + 900_000)


async def test_a_late_answer_of_the_window_before_says_nothing_of_this_one(store, removals):
    lease = (await with_tweets(store, ADA))[ADA].lease
    old, new = Window(15, 9, NOW_MS + 1_000), Window(15, 1, NOW_MS + 900_000)
    assert await removals.may_ask(lease, new, now_ms=NOW_MS)

    assert not await removals.may_ask(lease, old, now_ms=NOW_MS + 2_000)
    assert not await removals.may_ask(lease, None, now_ms=NOW_MS + 2_000)


async def test_what_one_person_may_not_see_stays_with_those_who_received_it(store, removals):
    begun = await with_tweets(store, ADA, BOB)

    await removals.remove(begun[BOB].lease, Removal(unseen=(TWO,)), now_ms=NOW_MS)

    assert await store.ids(BOB) == [THREE, ONE]
    assert await store.ids(ADA) == list(ALL)
    assert (await store.bodies.read([TWO], now_ms=NOW_MS)).missing == []
    assert await removals.gone_of(ALL) == frozenset()


async def test_a_deleted_tweet_is_shown_to_nobody_and_leaves_others_at_their_own_check(store, removals):
    begun = await with_tweets(store, ADA, BOB)
    await removals.remove(begun[ADA].lease, Removal(gone=(TWO,)), now_ms=NOW_MS)

    shown = await store.bodies.read(ALL, now_ms=NOW_MS)
    assert ([each.key for each in shown.tweets], shown.missing) == ([f"tweet:{THREE}", f"tweet:{ONE}"], [])
    assert await store.ids(BOB) == list(ALL)

    known = await removals.gone_of(await removals.held(BOB))
    await removals.remove(begun[BOB].lease, Removal(gone=tuple(known)), now_ms=NOW_MS)
    assert await store.ids(BOB) == [THREE, ONE]
    assert await deleted_arrivals(store, BOB) == [keys.padded(TWO)]


async def test_another_accounts_older_page_does_not_bring_a_deleted_tweet_back(store, removals):
    begun = await with_tweets(store, ADA)
    await removals.remove(begun[ADA].lease, Removal(gone=(TWO,)), now_ms=NOW_MS)
    await store.redis.unlink(*(each.key for each in BODIES))

    gone = await keep(store.redis, [("SET", each.key, each.raw) for each in BODIES], ALL)

    assert gone == {TWO}
    assert await bodies_left(store) == [f"tweet:{each}".encode() for each in (ONE, THREE)]


async def test_whatever_is_deleted_while_it_is_written_stays_deleted(store, removals, redis_db):
    begun = await with_tweets(store, ADA)
    many = tweet_ids(*range(300))
    other = connect(redis_db)

    async def write(tweet_id):
        for _ in range(3):
            await keep(other, [("SET", f"tweet:{tweet_id}", b"{}")], [tweet_id])

    removing = (removals.remove(begun[ADA].lease, Removal(gone=(each,)), now_ms=NOW_MS) for each in many)
    await asyncio.gather(*(step for pair in zip(map(write, many), removing, strict=True) for step in pair))
    await other.aclose()

    assert await bodies_left(store) == []


async def test_a_tombstone_lasts_as_long_as_a_timeline_may_hold_its_id(store, removals):
    begun = await with_tweets(store, ADA)
    (old,) = tweet_ids(1, at_ms=NOW_MS - 29 * DAY_MS)
    (ancient,) = tweet_ids(1, at_ms=NOW_MS - 99 * DAY_MS)

    await removals.remove(begun[ADA].lease, Removal(gone=(ONE, old, ancient)), now_ms=NOW_MS)

    lives = [round(await store.redis.pttl(keys.gone(each)) / DAY_MS) for each in (ONE, old, ancient)]
    assert lives == [31, 2, 1]


async def test_a_check_that_did_not_end_removes_what_it_found_and_stays_due(store, removals):
    begun = await with_tweets(store, ADA)

    await removals.remove(begun[ADA].lease, Removal(gone=(TWO,)), now_ms=NOW_MS, ended=False)

    assert await removals.held(ADA) == (THREE, ONE)
    assert await store.redis.hget(keys.account(ADA), "checked_at_ms") is None


async def test_nothing_is_asked_of_redis_about_nothing(store, removals):
    await store.redis.config_resetstat()

    assert await removals.gone_of(()) == frozenset()

    assert "cmdstat_mget" not in await store.redis.info("commandstats")
