"""Who speaks: tokens that hold, expire, are ended, and cannot be made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.store import keys
from shared.store.sessions import (
    ACCOUNT_WRITE,
    KEYS_KEPT,
    SCOPES,
    SESSIONS_KEPT,
    TIMELINE_READ,
    Claimed,
    Kind,
    NoSuchAccountError,
    OutOfScope,
    Terms,
    TooManyKeysError,
    read_token,
)
from shared.store.timelines import Range
from tests.integration.store.conftest import ADA, BOB, NEIGHBOUR, NOW_MS

MINUTE_MS = 60_000
IDLE_MS = 10 * MINUTE_MS
APP = Terms.app(IDLE_MS)
READER = Terms(Kind.KEY, frozenset({TIMELINE_READ}), "reader", 0)


async def give(store, terms=APP, account_id=ADA, now_ms=NOW_MS):
    await store.register(account_id)
    return await store.sessions.begin(account_id, terms, now_ms=now_ms)


async def begin(store, terms=APP, account_id=ADA, now_ms=NOW_MS):
    return read_token((await give(store, terms, account_id, now_ms)).token)


async def holds(store, claimed, now_ms=NOW_MS):
    return await store.sessions.confirm(claimed, now_ms=now_ms) is not None


async def test_a_token_that_was_given_out_is_its_accounts(store):
    begun = await give(store)
    claimed = read_token(begun.token)

    session = await store.sessions.confirm(claimed, now_ms=NOW_MS)

    assert (session.account_id, session.kind, session.scopes) == (ADA, Kind.APP, SCOPES)
    assert (session.made_at_ms, session.id) == (NOW_MS, begun.id)


async def test_each_session_has_a_token_of_its_own_and_all_of_them_hold(store):
    claims = [await begin(store) for _ in range(3)]

    assert len(set(claims)) == 3
    assert all([await holds(store, each) for each in claims])


async def test_the_token_itself_is_nowhere_in_the_store(store):
    secret = (await give(store)).token.rpartition("_")[2].encode()

    dumped = await store.dump()

    assert not any(secret in key or secret in value for key, value in dumped.items())


@pytest.mark.parametrize("use", ["confirm", "read"])
async def test_use_puts_the_end_of_a_session_off(store, use):
    claimed = await begin(store)
    await store.redis.pexpire(claimed.session_key, 5_000)
    await store.redis.pexpire(keys.sessions(ADA), 5_000)

    await _use(store, use, claimed, NOW_MS + MINUTE_MS)

    assert IDLE_MS - 5_000 < await store.redis.pttl(claimed.session_key) <= IDLE_MS
    assert IDLE_MS - 5_000 < await store.redis.pttl(keys.sessions(ADA)) <= IDLE_MS
    ((_, ends_at_ms),) = await store.redis.zrange(keys.sessions(ADA), 0, -1, withscores=True)
    assert ends_at_ms == NOW_MS + MINUTE_MS + IDLE_MS


@pytest.mark.parametrize("use", ["confirm", "read"])
async def test_use_is_written_down_once_a_minute_at_most(store, use):
    claimed = await begin(store)
    await _use(store, use, claimed, NOW_MS)
    before = await store.dump()

    await _use(store, use, claimed, NOW_MS + MINUTE_MS - 1)
    assert await store.dump() == before

    await _use(store, use, claimed, NOW_MS + MINUTE_MS)
    assert await store.dump() != before


async def test_a_session_that_is_not_used_expires(store):
    claimed = await begin(store)

    assert 0 < await store.redis.pttl(claimed.session_key) <= IDLE_MS


async def test_an_api_key_does_not_expire_and_is_listed_for_good(store):
    await begin(store)
    claimed = await begin(store, READER)
    await begin(store)

    await _use(store, "confirm", claimed, NOW_MS + 5 * MINUTE_MS)

    assert await store.redis.pttl(claimed.session_key) == -1
    assert await store.redis.pttl(keys.sessions(ADA)) == -1


async def test_what_is_listed_of_sessions_goes_when_they_have_expired(store):
    await begin(store)
    await begin(store, now_ms=NOW_MS + IDLE_MS)

    assert await store.redis.zcard(keys.sessions(ADA)) == 1


async def test_of_too_many_sessions_the_one_goes_that_would_expire_first_and_no_key_does(store):
    key = await begin(store, READER)
    claims = [await begin(store, now_ms=NOW_MS + number) for number in range(SESSIONS_KEPT + 1)]

    assert [await holds(store, each) for each in (key, *claims[:3], claims[-1])] == [
        True,
        False,
        True,
        True,
        True,
    ]


async def test_one_key_too_many_is_refused_until_another_is_revoked(store):
    made = [await give(store, READER) for _ in range(KEYS_KEPT)]
    with pytest.raises(TooManyKeysError):
        await give(store, READER)
    await give(store)  # sessions are not keys

    assert await store.sessions.revoke_key(ADA, made[0].id)

    await give(store, READER)


async def test_keys_are_listed_newest_first_with_their_last_use(store):
    older = await give(store, READER)
    newer = await give(
        store, Terms(Kind.KEY, frozenset({ACCOUNT_WRITE}), "Zoë's", 0), now_ms=NOW_MS + MINUTE_MS
    )
    await begin(store)

    await holds(store, read_token(older.token), NOW_MS + 2 * MINUTE_MS)

    first, second = await store.sessions.list_keys(ADA)
    assert (first.id, first.name, first.scopes, first.used_at_ms) == (
        newer.id,
        "Zoë's",
        frozenset({ACCOUNT_WRITE}),
        0,
    )
    assert (second.id, second.made_at_ms, second.used_at_ms) == (older.id, NOW_MS, NOW_MS + 2 * MINUTE_MS)
    assert await store.sessions.list_keys(BOB) == []


async def test_a_key_is_revoked_by_its_account_only_and_no_session_is(store):
    key, session = await give(store, READER), await give(store)
    await store.register(BOB)

    assert not await store.sessions.revoke_key(BOB, key.id)
    assert not await store.sessions.revoke_key(ADA, session.id)
    assert not await store.sessions.revoke_key(ADA, key.id[:-1])
    assert await store.sessions.revoke_key(ADA, key.id)
    assert not await store.sessions.revoke_key(ADA, key.id)

    assert not await holds(store, read_token(key.token))
    assert await holds(store, read_token(session.token))


async def test_a_session_that_was_ended_holds_no_more_and_leaves_nothing(store):
    claimed, other = await begin(store), await begin(store)

    await store.sessions.end(claimed)

    assert [await holds(store, each) for each in (claimed, other)] == [False, True]
    assert await store.redis.zcard(keys.sessions(ADA)) == 1


async def test_signing_out_everywhere_ends_all_but_keys_and_nobody_elses(store):
    ended = [await begin(store), await begin(store, Terms(Kind.BROWSER, SCOPES, "", IDLE_MS))]
    kept = [await begin(store, READER), await begin(store, APP, BOB)]

    await store.sessions.end_all(ADA)

    assert [await holds(store, each) for each in (*ended, *kept)] == [False, False, True, True]


async def test_forgetting_ends_every_session_and_key_of_the_account_and_no_other(store):
    hers = [await begin(store) for _ in range(3)] + [await begin(store, READER)]
    his = await begin(store, APP, BOB)
    await holds(store, hers[0], NOW_MS + MINUTE_MS)

    await store.accounts.forget(ADA, now_ms=NOW_MS)

    assert not any([await holds(store, each) for each in hers])
    assert await holds(store, his)


async def test_no_session_begins_of_an_account_that_is_not_registered(store):
    with pytest.raises(NoSuchAccountError):
        await store.sessions.begin(ADA, APP, now_ms=NOW_MS)


async def test_a_session_of_one_account_is_not_anothers(store):
    claimed = await begin(store)

    assert not await holds(store, Claimed(NEIGHBOUR, claimed.session_key))


async def test_a_timeline_is_read_with_the_scope_for_it_only(store):
    writer = await begin(store, Terms(Kind.KEY, frozenset({ACCOUNT_WRITE}), "writer", 0))
    wanted = Range(None, None, 1)

    assert await store.timelines.read(writer, wanted, now_ms=NOW_MS) == OutOfScope()
    part = await store.timelines.read(await begin(store, READER), wanted, now_ms=NOW_MS)
    assert part.kept.account.id == ADA


@pytest.mark.parametrize("place", range(len("roost_12_") + 43 + 8))
async def test_a_token_with_one_letter_changed_holds_no_more(store, place):
    token = (await give(store)).token
    changed = token[:place] + ("1" if token[place] != "1" else "2") + token[place + 1 :]

    claimed = read_token(changed)

    assert claimed is None or not await holds(store, claimed)


@given(st.text(max_size=80) | st.from_regex(r"roost_[0-9]{1,20}_[A-Za-z0-9_-]{51}", fullmatch=True))
def test_what_was_never_given_out_is_refused_before_the_store_is_asked(text):
    assert read_token(text) is None


async def _use(store, use, claimed, now_ms):
    if use == "confirm":
        assert await store.sessions.confirm(claimed, now_ms=now_ms)
    else:
        assert await store.timelines.read(claimed, Range(None, None, 1), now_ms=now_ms)
