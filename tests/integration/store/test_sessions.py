"""Who speaks: tokens that hold, expire, and cannot be made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.store import keys
from shared.store.sessions import Claimed, read_token
from tests.integration.store.conftest import ADA, BOB, NOW_MS

LASTS_MS = 60_000


async def begin(store, account_id=ADA, now_ms=NOW_MS, lasts_ms=LASTS_MS):
    await store.register(account_id)
    return await store.sessions.begin(account_id, now_ms=now_ms, lasts_ms=lasts_ms)


async def test_a_token_that_was_given_out_is_its_accounts(store):
    claimed = read_token(await begin(store))

    assert claimed.account_id == ADA
    assert await store.sessions.confirm(claimed)


async def test_each_session_has_a_token_of_its_own_and_all_of_them_hold(store):
    claims = [read_token(await begin(store)) for _ in range(3)]

    assert len(set(claims)) == 3
    assert all([await store.sessions.confirm(each) for each in claims])


async def test_the_token_itself_is_nowhere_in_the_store(store):
    token = await begin(store)
    secret = token.rpartition("_")[2].encode()

    dumped = await store.dump()

    assert not any(secret in key or secret in value for key, value in dumped.items())


async def test_a_session_expires(store):
    claimed = read_token(await begin(store))

    assert 0 < await store.redis.pttl(claimed.session_key) <= LASTS_MS


async def test_what_is_listed_of_sessions_goes_when_they_have_expired(store):
    await begin(store)
    await begin(store, now_ms=NOW_MS + LASTS_MS)

    assert await store.redis.zcard(keys.sessions(ADA)) == 1


async def test_forgetting_ends_every_session_of_the_account_and_no_other(store):
    await store.register(ADA)
    await store.register(BOB)
    hers = [read_token(await begin(store)) for _ in range(3)]
    his = read_token(await begin(store, BOB))

    await store.accounts.forget(ADA, now_ms=NOW_MS)

    assert not any([await store.sessions.confirm(each) for each in hers])
    assert await store.sessions.confirm(his)


async def test_a_session_of_one_account_is_not_anothers(store):
    claimed = read_token(await begin(store))

    assert not await store.sessions.confirm(Claimed(BOB, claimed.session_key))


@pytest.mark.parametrize("place", range(len("roost_12_") + 43 + 8))
async def test_a_token_with_one_letter_changed_holds_no_more(store, place):
    token = await begin(store)
    changed = token[:place] + ("1" if token[place] != "1" else "2") + token[place + 1 :]

    claimed = read_token(changed)

    assert claimed is None or not await store.sessions.confirm(claimed)


@given(st.text(max_size=80) | st.from_regex(r"roost_[0-9]{1,20}_[A-Za-z0-9_-]{51}", fullmatch=True))
def test_what_was_never_given_out_is_refused_before_the_store_is_asked(text):
    assert read_token(text) is None
