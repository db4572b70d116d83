"""Credentials at rest: readable by nobody, swapped once, and gone for good when their key is."""

import asyncio
from dataclasses import replace

import pytest

from shared.domain.credential import OAuth1Credential, OAuth2Credential
from shared.domain.parking import Record
from shared.sealing import MasterKeys, UnknownKeyError, new_key
from shared.store import keys
from shared.store.connection import connect
from shared.store.credentials import Credentials
from shared.store.datakeys import DataKeys, ElsewhereError
from shared.store.polls import Ended
from tests.integration.store.conftest import ADA, BOB, NOW_MS
from tests.servers.programs import SECRET_KEYS

#: After so long an account's window has reset.
LATER_MS = 1_000_000
OLD = OAuth2Credential("an-old-access-token", "an-old-refresh-token", NOW_MS, "tweet.read")
NEW = replace(OLD, access_token="a-new-access-token", refresh_token="a-new-refresh-token")


@pytest.fixture(autouse=True)
async def _started(store):
    """The data keys are kept where they are looked for, as every service sees to at its start."""
    await store.data_keys.check(store.redis)


async def register(store, account_id=ADA, credential=OLD):
    sealed = await store.credentials.seal(account_id, credential)
    await store.accounts.register(account_id, ("a", "A"), sealed, now_ms=NOW_MS)
    return sealed


@pytest.mark.parametrize(
    "credential", [OLD, replace(OLD, refresh_token=None), OAuth1Credential("a-token", "its-secret")]
)
async def test_a_poll_opens_what_was_entrusted(store, credential):
    await register(store, credential=credential)

    assert await store.credentials.open(ADA, (await store.begun()).sealed, now_ms=NOW_MS) == credential


async def test_nothing_in_redis_shows_a_token(store):
    await register(store)

    for value in (await store.dump()).values():
        assert b"an-old" not in value
        assert b"tweet.read" not in value


async def test_a_credential_moved_to_another_account_does_not_open(store):
    sealed = await register(store)
    await register(store, BOB)
    await store.redis.set(keys.data_key(BOB), await store.redis.get(keys.data_key(ADA)))
    await store.redis.hset(keys.account(BOB), "credential", sealed)

    assert await fresh(store).open(BOB, sealed, now_ms=NOW_MS) is None


async def test_a_credential_under_the_right_key_of_another_account_does_not_open(store):
    sealed = await register(store)
    await register(store, BOB)

    assert await fresh(store).open(BOB, sealed, now_ms=NOW_MS) is None


async def test_without_its_data_key_it_opens_nowhere(store):
    sealed = await register(store)

    await store.credentials.destroy(ADA)

    assert await fresh(store).open(ADA, sealed, now_ms=NOW_MS) is None


async def test_a_master_key_that_is_missing_is_a_fault_of_ours_not_the_persons(store):
    sealed = await register(store)
    other = Credentials(store.redis, DataKeys(store.redis, MasterKeys([new_key()])))

    with pytest.raises(UnknownKeyError):
        await other.open(ADA, sealed, now_ms=NOW_MS)


async def test_a_redis_that_has_lost_all_data_keys_is_no_fault_of_the_persons(store):
    sealed = await register(store)
    await store.redis.delete(keys.data_key(ADA), keys.KEY_MARK)

    with pytest.raises(ElsewhereError):
        await fresh(store).open(ADA, sealed, now_ms=NOW_MS)


async def test_a_damaged_data_key_asks_to_sign_in_and_a_sign_in_mends_it(store):
    sealed = await register(store)
    await store.redis.setrange(keys.data_key(ADA), 20, b"damaged")
    assert await fresh(store).open(ADA, sealed, now_ms=NOW_MS) is None

    sealed = await register(store)

    assert await fresh(store).open(ADA, sealed, now_ms=NOW_MS) == OLD


async def test_a_data_key_of_a_master_key_that_is_gone_is_replaced_by_a_sign_in_and_told_by_a_rotation(store):
    await register(store)
    sealed_with_it = await store.redis.get(keys.data_key(ADA))
    other = DataKeys(store.redis, MasterKeys([new_key()]))

    assert await other.rewrap([ADA]) == (0, 1)
    assert await store.redis.get(keys.data_key(ADA)) == sealed_with_it
    sealed = await Credentials(store.redis, other).seal(ADA, NEW)
    assert await Credentials(store.redis, other).open(ADA, sealed, now_ms=NOW_MS) == NEW


async def test_what_is_kept_open_is_opened_anew_after_a_while(store):
    sealed = await register(store)
    assert await store.credentials.open(ADA, sealed, now_ms=NOW_MS) == OLD
    await store.redis.delete(keys.data_key(ADA))

    assert await store.credentials.open(ADA, sealed, now_ms=NOW_MS + 1000) == OLD
    assert await store.credentials.open(ADA, sealed, now_ms=NOW_MS + 1_000_000) is None


async def test_a_swap_that_comes_late_overrules_whoever_gave_the_account_up(store):
    old = await register(store)
    begun = await store.begun()
    await store.credentials.mark(begun.lease, old)
    later = await store.begun(NOW_MS + LATER_MS)
    parked = Ended("sign-in-needed", 1, None, record=Record(2, NOW_MS, "sign-in-needed"))
    await store.polls.settle(later.lease, parked, due_at_ms=NOW_MS + 10**9)

    new = await store.credentials.seal(ADA, NEW)
    assert await store.credentials.swap(begun.lease, old, new, now_ms=NOW_MS + 2 * LATER_MS)

    assert (await store.accounts.find(ADA)).account.parked == ""
    assert len(await store.claim(NOW_MS + 2 * LATER_MS)) == 1


async def test_a_parked_account_is_not_claimed_again_while_the_poll_that_refreshed_it_goes_on(store):
    old = await register(store)
    parked = Ended("suspended", 1, None, record=Record(2, NOW_MS, "suspended"))
    await store.polls.settle((await store.begun()).lease, parked, due_at_ms=NOW_MS + LATER_MS)
    begun = await store.begun(NOW_MS + LATER_MS)
    await store.credentials.mark(begun.lease, old)

    new = await store.credentials.seal(ADA, NEW)
    assert await store.credentials.swap(begun.lease, old, new, now_ms=NOW_MS + LATER_MS)

    assert await store.claim(NOW_MS + LATER_MS) == []


async def test_a_wrong_master_key_is_told_at_the_start(store):
    await store.data_keys.check(store.redis)
    await store.data_keys.check(store.redis)

    with pytest.raises(UnknownKeyError):
        await DataKeys(store.redis, MasterKeys([new_key()])).check(store.redis)


async def test_a_redis_that_never_had_the_data_keys_is_told_from_the_one_that_has(store, redis_broker):
    await store.data_keys.check(store.redis)
    other = connect(redis_broker)

    with pytest.raises(ElsewhereError):
        await DataKeys(other, MasterKeys.read(SECRET_KEYS), apart=True).check(store.redis)
    await other.aclose()


async def test_an_account_has_one_data_key_however_many_make_it(store):
    made = await asyncio.gather(*(store.data_keys.find_or_make(ADA) for _ in range(20)))

    assert len(set(made)) == 1


async def test_rewrapping_changes_who_opens_and_not_what(store):
    sealed = [await register(store, each) for each in (ADA, BOB)]
    await store.data_keys.check(store.redis)
    new = new_key()
    old_text = await store.redis.get(keys.data_key(ADA))
    rotating = DataKeys(store.redis, MasterKeys([new, b"the master key of the tests only"]))

    rewrapped = [await rotating.rewrap(ids) async for ids in rotating.all_ids()]
    await rotating.rewrap_check()

    assert rewrapped == [(2, 0)]
    assert await store.redis.get(keys.data_key(ADA)) != old_text
    after = Credentials(store.redis, DataKeys(store.redis, MasterKeys([new])))
    assert [
        await after.open(each, it, now_ms=NOW_MS) for each, it in zip((ADA, BOB), sealed, strict=True)
    ] == [OLD, OLD]
    assert await rotating.rewrap([ADA, BOB]) == (0, 0)
    with pytest.raises(UnknownKeyError):
        await store.data_keys.check(store.redis)


async def test_a_key_destroyed_while_keys_are_rewrapped_stays_destroyed(store):
    await register(store)
    await store.credentials.destroy(ADA)

    assert await DataKeys(store.redis, MasterKeys([new_key()])).rewrap([ADA]) == (0, 0)
    assert await store.redis.exists(keys.data_key(ADA)) == 0


async def test_a_credential_is_swapped_for_whoever_marked_it(store):
    old = await register(store)
    begun = await store.begun()
    new = await store.credentials.seal(ADA, NEW)

    assert await store.credentials.mark(begun.lease, begun.sealed)
    assert await store.credentials.swap(begun.lease, old, new, now_ms=NOW_MS)

    again = await store.begun(NOW_MS + LATER_MS)
    assert await store.credentials.open(ADA, again.sealed, now_ms=NOW_MS) == NEW
    assert not again.refreshing


async def test_of_many_that_would_refresh_one_credential_one_may(store):
    await register(store)
    begun = await store.begun()
    leases = [replace(begun.lease, number=begun.lease.number + more) for more in range(50)]

    marked = await asyncio.gather(*(store.credentials.mark(each, begun.sealed) for each in leases))

    assert marked == [True] + [False] * 49


async def test_a_mark_may_be_made_twice_by_its_maker_for_answers_get_lost(store):
    old = await register(store)
    begun = await store.begun()
    new = await store.credentials.seal(ADA, NEW)

    assert await store.credentials.mark(begun.lease, old)
    assert await store.credentials.mark(begun.lease, old)
    assert await store.credentials.swap(begun.lease, old, new, now_ms=NOW_MS)
    assert await store.credentials.swap(begun.lease, old, new, now_ms=NOW_MS)


async def test_what_was_marked_and_left_is_marked_for_whoever_comes_next(store):
    await register(store)
    begun = await store.begun()
    await store.credentials.mark(begun.lease, begun.sealed)

    later = await store.begun(NOW_MS + LATER_MS)

    assert later.refreshing
    assert not await store.credentials.mark(later.lease, later.sealed)


async def test_a_mark_is_taken_back_by_its_maker_only(store):
    await register(store)
    begun = await store.begun()
    await store.credentials.mark(begun.lease, begun.sealed)

    await store.credentials.unmark(replace(begun.lease, number=1))
    assert (await store.begun(NOW_MS + LATER_MS)).refreshing
    await store.credentials.unmark(begun.lease)
    assert not (await store.begun(NOW_MS + 2 * LATER_MS)).refreshing


async def test_a_swap_that_comes_late_finds_its_mark_and_one_after_a_new_sign_in_does_not(store):
    old = await register(store)
    begun = await store.begun()
    await store.credentials.mark(begun.lease, old)
    await store.begun(NOW_MS + LATER_MS)
    new = await store.credentials.seal(ADA, NEW)
    assert await store.credentials.swap(begun.lease, old, new, now_ms=NOW_MS)

    begun = await store.begun(NOW_MS + 2 * LATER_MS)
    await store.credentials.mark(begun.lease, new)
    registered_anew = await register(store)
    assert not await store.credentials.swap(begun.lease, new, old, now_ms=NOW_MS)
    assert (await store.begun(NOW_MS + 3 * LATER_MS)).sealed == registered_anew


def fresh(store):
    """Credentials as another process sees them, which has opened none yet."""
    return Credentials(store.redis, store.data_keys)
