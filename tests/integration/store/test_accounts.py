"""Who is registered: found as they registered, gone without a trace."""

from shared.domain.account import Account, AccountId, Standing, shard_of
from shared.domain.budget import Window
from shared.domain.parking import Record
from shared.domain.timeline import Held, Page
from shared.store import keys
from shared.store.polls import Begun, Ended
from shared.store.sessions import Terms
from tests.integration.store.conftest import ADA, BOB, NOW_MS, tweet_ids

WINDOW = Window(limit=15, left=10, resets_at_ms=NOW_MS + 900_000)


async def test_an_account_is_found_as_x_named_it(store):
    await store.accounts.register(ADA, ("ada", "Ada \U0001f98b"), b"sealed", now_ms=NOW_MS)

    kept = await store.accounts.find(ADA)

    assert kept.account == Account(ADA, "ada", "Ada \U0001f98b", Standing.ACTIVE, NOW_MS)
    assert (kept.held, kept.polling.outcome, kept.failures, kept.window) == (Held(), "", 0, None)


async def test_what_polls_left_behind_is_found(store):
    await store.register(ADA)
    await store.commit(await store.begun(), Page(ids=tweet_ids(1, 2)), window=WINDOW)

    kept = await store.accounts.find(ADA)

    assert (kept.held.newest, kept.held.tweets, kept.held.gaps) == (tweet_ids(2)[0], 2, ())
    assert (kept.polling.outcome, kept.window) == ("page", WINDOW)


async def test_nobody_is_found_who_has_not_registered(store):
    assert await store.accounts.find(ADA) is None
    assert not await store.accounts.stand(ADA, Standing.PAUSED, now_ms=NOW_MS)
    assert not await store.accounts.forget(ADA, now_ms=NOW_MS)
    assert await store.dump() == {}


async def test_a_poll_with_the_credential_of_before_cannot_park_one_who_signed_in_again(store):
    await store.register(ADA)
    begun = await store.begun()
    await store.accounts.register(ADA, ("new", "New"), b"another", now_ms=NOW_MS + 5)

    refused = Ended("sign-in-needed", 1, None, record=Record(2, NOW_MS, "sign-in-needed"))
    await store.polls.settle(begun.lease, refused, due_at_ms=NOW_MS + 10**9)

    kept = await store.accounts.find(ADA)
    assert (kept.account.parked, kept.polling.outcome) == ("", "")
    assert len(await store.claim(NOW_MS + 5)) == 1


async def test_registering_again_takes_the_new_credential_and_names_and_keeps_the_timeline(store):
    await store.register(ADA)
    await store.commit(await store.begun(), Page(ids=tweet_ids(1)), window=WINDOW)

    assert not await store.accounts.register(ADA, ("new", "New"), b"another", now_ms=NOW_MS + 5)

    kept = await store.accounts.find(ADA)
    assert (kept.account.username, kept.account.registered_at_ms, kept.held.tweets) == ("new", NOW_MS, 1)
    assert (await store.begun(NOW_MS + 5)).sealed == b"another"


async def test_signing_in_again_ends_the_wait_after_a_refusal(store):
    await store.register(ADA)
    lease = (await store.begun()).lease
    await store.polls.settle(lease, Ended("sign-in-needed", 1, None), due_at_ms=NOW_MS + 10**8)
    assert await store.claim(NOW_MS + 1) == []

    await store.register(ADA, NOW_MS + 1)

    assert len(await store.claim(NOW_MS + 1)) == 1


async def test_pausing_and_resuming_show_in_the_account_and_in_the_schedule(store):
    await store.register(ADA)

    assert await store.accounts.stand(ADA, Standing.PAUSED, now_ms=NOW_MS)
    assert (await store.accounts.find(ADA)).account.standing is Standing.PAUSED
    assert await store.claim(NOW_MS + 10**9) == []

    assert await store.accounts.stand(ADA, Standing.ACTIVE, now_ms=NOW_MS + 5)
    assert (await store.accounts.find(ADA)).account.standing is Standing.ACTIVE
    assert len(await store.claim(NOW_MS + 5)) == 1


async def test_resuming_an_account_that_is_polled_just_now_loses_nothing_of_that_poll(store):
    await store.register(ADA)
    begun = await store.begun()
    await store.accounts.stand(ADA, Standing.ACTIVE, now_ms=NOW_MS)

    await store.commit(begun, Page(ids=tweet_ids(1)), window=WINDOW)

    assert (await store.held()).newest == tweet_ids(1)[0]


async def test_nothing_that_names_a_forgotten_account_is_left(store):
    empty = await store.dump()
    await store.register(ADA)
    await store.commit(
        await store.begun(), Page(ids=tweet_ids(1, 2), withheld=tweet_ids(2), next_token="m"), window=WINDOW
    )
    await store.sessions.begin(ADA, Terms.app(60_000), now_ms=NOW_MS)

    assert await store.accounts.forget(ADA, now_ms=NOW_MS)

    left = await store.dump()
    spent = keys.spent(ADA).encode()
    numbered = keys.leases(shard_of(ADA)).encode()
    assert set(left) - set(empty) <= {spent, numbered}
    assert await store.redis.hkeys(numbered) == [b"newest"]
    # What is left tells how much of X's window is spent: not whose it is, and not for long.
    assert str(ADA) not in keys.spent(ADA).partition(":")[2].split(":")
    assert 0 < await store.redis.pttl(spent) <= WINDOW.resets_at_ms - NOW_MS


async def test_forgetting_one_account_leaves_the_others_of_its_shard(store):
    neighbour = AccountId(ADA + 256)
    assert shard_of(neighbour) == shard_of(ADA)
    for each in (ADA, BOB, neighbour):
        await store.register(each)

    await store.accounts.forget(ADA, now_ms=NOW_MS)

    assert sorted(lease.account_id for lease in await store.claim()) == sorted([BOB, neighbour])


async def test_an_account_that_comes_back_begins_anew_but_its_window_at_x_does_not(store):
    await store.register(ADA)
    spent = Window(limit=15, left=0, resets_at_ms=NOW_MS + 300_000)
    await store.commit(await store.begun(), Page(ids=tweet_ids(1)), window=spent)
    await store.accounts.forget(ADA, now_ms=NOW_MS)

    assert await store.register(ADA, NOW_MS + 1)

    assert (await store.held()) == Held()
    (lease,) = await store.claim(NOW_MS + 1)
    assert not isinstance(await store.begin(lease, NOW_MS + 1), Begun)
    assert isinstance(await store.begun(NOW_MS + 300_000), Begun)
