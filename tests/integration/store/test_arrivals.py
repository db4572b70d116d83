"""What arrived is told once, in order, to whoever may listen; and that something was missed, where it was."""

import pytest

from shared.domain.timeline import Gap, Page
from shared.domain.tweet import TweetId
from shared.store import keys
from shared.store.arrivals import NOTHING_YET, Arrivals
from shared.store.sessions import ACCOUNT_WRITE, Kind, OutOfScope, Terms, read_token
from tests.integration.store.conftest import ADA, NOW_MS, speak_for, tweet_ids


@pytest.fixture
def arrivals(store):
    return Arrivals(store.redis)


@pytest.fixture
async def claim(store):
    await store.register(ADA)
    return await speak_for(store, ADA)


@pytest.fixture
def add(store):
    """Commit tweets as a poll does, at an instant of its own."""
    polls = 0

    async def add(*ids, **page):
        nonlocal polls
        polls += 1
        begun = await store.begun(NOW_MS + polls * 1_000_000)
        await store.commit(begun, Page(ids=tuple(sorted(ids, reverse=True)), **page))

    return add


async def _read(arrivals, claim, after):
    return await arrivals.read(claim, after, now_ms=NOW_MS)


async def test_one_who_begins_is_told_nothing_old_and_what_comes_next(arrivals, claim, add):
    one, two = tweet_ids(1, 2)
    await add(one)
    first = await _read(arrivals, claim, None)
    await add(two)

    second = await _read(arrivals, claim, first.newest)

    assert (first.arrivals, first.missed, first.more) == ([], False, False)
    assert [each.added for each in second.arrivals] == [(one,), (two,)]  # from the one that was named on
    assert second.kept.account.id == ADA


async def test_one_who_listened_before_anything_came_misses_nothing(arrivals, claim, add):
    begun = await _read(arrivals, claim, None)
    ids = tweet_ids(1, 2, 3)
    await add(*ids)

    news = await _read(arrivals, claim, begun.newest)

    assert begun.newest == NOTHING_YET
    assert not news.missed
    assert [each.added for each in news.arrivals] == [tuple(sorted(ids))]


async def test_what_is_replaced_and_the_gaps_are_told_with_what_came(arrivals, claim, add):
    old, new = sorted(tweet_ids(1, 2))
    await add(old)
    after = (await _read(arrivals, claim, None)).newest
    await add(new, replaced=(old,), next_token="more")

    *_, told = (await _read(arrivals, claim, after)).arrivals

    assert (told.added, told.replaced, told.deleted) == ((new,), (old,), ())
    assert told.gaps is not None
    assert isinstance(told.gaps[0], Gap)


async def test_many_are_read_in_parts(arrivals, claim, add):
    ids = sorted(tweet_ids(*range(50)))
    begun = await _read(arrivals, claim, None)
    for each in ids:
        await add(each)

    seen, after = [], begun.newest
    while True:
        news = await _read(arrivals, claim, after)
        seen += [each for each in news.arrivals if each.entry != after]
        after = news.arrivals[-1].entry
        if not news.more:
            break

    assert [each.added for each in seen] == [(each,) for each in ids]


async def test_what_the_timeline_holds_no_longer_is_named(store, arrivals, claim, add):
    one, two = tweet_ids(1, 2)
    after = (await _read(arrivals, claim, None)).newest
    await add(one, two)
    await store.redis.zrem(keys.timeline(ADA), keys.padded(one))

    news = await _read(arrivals, claim, after)

    assert news.gone == {one}


async def test_one_whose_place_was_trimmed_is_told_so(store, arrivals, claim, add):
    one, two, three = sorted(tweet_ids(1, 2, 3))
    await add(one)
    after = (await _read(arrivals, claim, None)).newest
    await add(two)
    await add(three)
    await store.redis.xtrim(keys.arrivals(ADA), maxlen=1, approximate=False)

    assert (await _read(arrivals, claim, after)).missed


async def test_one_who_listened_before_anything_came_is_told_of_what_was_trimmed(store, arrivals, claim, add):
    begun = await _read(arrivals, claim, None)
    for each in sorted(tweet_ids(1, 2, 3)):
        await add(each)
    await store.redis.xtrim(keys.arrivals(ADA), maxlen=2, approximate=False)

    assert (await _read(arrivals, claim, begun.newest)).missed


async def test_one_whose_place_a_crash_has_lost_goes_on_with_what_came_after(store, arrivals, claim, add):
    one, two, three = sorted(tweet_ids(1, 2, 3))
    await add(one)
    await add(two)
    lost = (await _read(arrivals, claim, None)).newest
    await store.redis.xdel(keys.arrivals(ADA), lost)
    await add(three)

    news = await _read(arrivals, claim, lost)

    assert not news.missed
    assert [each.added for each in news.arrivals] == [(three,)]


async def test_one_whose_place_lies_beyond_the_newest_is_told_so_and_hears_what_comes_before_it(
    store, arrivals, claim, add
):
    one, two = sorted(tweet_ids(1, 2))
    await add(one)
    beyond = f"{int((await _read(arrivals, claim, None)).newest.split('-')[0]) + 3_600_000}-0"

    news = await _read(arrivals, claim, beyond)
    await add(two)

    assert (news.missed, news.arrivals) == (True, [])
    assert [each.added for each in (await _read(arrivals, claim, news.newest)).arrivals][-1:] == [(two,)]


async def test_a_stream_that_is_gone_was_missed(store, arrivals, claim, add):
    await add(*tweet_ids(1))
    after = (await _read(arrivals, claim, None)).newest
    await store.redis.delete(keys.arrivals(ADA))

    assert (await _read(arrivals, claim, after)).missed


async def test_what_x_withheld_is_named(arrivals, claim, add):
    one, two = tweet_ids(1, 2)
    await add(one, two, withheld=(one,))

    news = await _read(arrivals, claim, "1-0")

    assert news.withheld == {TweetId(one)}


async def test_only_who_may_read_may_listen(store, arrivals, claim):
    terms = Terms(Kind.KEY, frozenset({ACCOUNT_WRITE}), "writer", 0)
    writer = read_token((await store.sessions.begin(ADA, terms, now_ms=NOW_MS)).token)

    assert await _read(arrivals, writer, None) == OutOfScope()
    await store.sessions.end(claim)
    assert await _read(arrivals, claim, None) is None


async def test_who_listens_counts_as_reading(store, arrivals, claim):
    await _read(arrivals, claim, None)

    assert int(await store.redis.hget(keys.account(ADA), "read_at_ms")) == NOW_MS
