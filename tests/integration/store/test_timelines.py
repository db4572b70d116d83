"""Reading a timeline: exact to the lowest bit, in both directions, for whom it belongs to."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.budget import Window
from shared.domain.timeline import Gap, Page
from shared.domain.tweet import MAX_ID, TweetId
from shared.store.connection import connect
from shared.store.timelines import Range
from tests.integration.store.conftest import ADA, NEIGHBOUR, NOW_MS, Store, speak_for, tweet_ids

ONE = tweet_ids(0)[0]

#: Ids so close that a floating-point score could not tell them apart, and the ends of what an id can be.
ids = st.integers(ONE, ONE + 40) | st.sampled_from([1, 2, MAX_ID - 1, MAX_ID]) | st.integers(1, MAX_ID)
ends = st.none() | ids | st.just(0)
ranges = st.builds(Range, ends, ends, st.integers(1, 12), st.booleans())


async def with_tweets(store, *low_bits):
    await store.register(ADA)
    await store.commit(await store.begun(), Page(ids=tweet_ids(*low_bits)))
    return await speak_for(store, ADA)


def expected(held, wanted):
    """Cut the same range from a list."""
    since, until = wanted.since or 0, MAX_ID + 1 if wanted.until is None else wanted.until
    fitting = sorted(each for each in held if since < each < until)
    cut = fitting[: wanted.limit] if wanted.oldest_first else fitting[-wanted.limit :]
    return tuple(reversed(cut)), len(fitting) > wanted.limit


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(held=st.sets(ids, max_size=30), wanted=st.lists(ranges, min_size=1, max_size=8))
def test_every_range_is_exact_to_the_lowest_bit(redis_db, held, wanted):
    asyncio.run(_read_ranges(redis_db, held, wanted))


async def _read_ranges(url, held, wanted):
    connection = connect(url)
    await connection.flushdb()
    store = Store(connection)
    await store.register(ADA)
    # Committed as if in the first moments of X, when no tweet is too old to be kept.
    page = Page(ids=tuple(map(TweetId, sorted(held, reverse=True))))
    await store.commit(await store.begun(), page, now_ms=0)
    claimed = await speak_for(store, ADA)
    for each in wanted:
        part = await store.timelines.read(claimed, each, now_ms=NOW_MS)
        assert (part.ids, part.more) == expected(held, each)
    await connection.aclose()


async def test_a_reader_hears_the_state_of_the_account_from_the_same_moment(store):
    claimed = await with_tweets(store, 1, 2, 3)

    part = await store.timelines.read(claimed, Range(None, None, 2), now_ms=NOW_MS)

    assert part.ids == tweet_ids(2, 3)
    assert part.more
    assert (part.kept.account.id, part.kept.account.username) == (ADA, "user12")
    assert (part.kept.held.newest, part.kept.held.tweets, part.kept.polling.outcome) == (
        part.ids[0],
        3,
        "page",
    )


async def test_gaps_below_the_floor_are_not_told(store):
    await store.register(ADA)
    page = Page(ids=tweet_ids(*range(40)), next_token="more")
    await store.commit(await store.begun(), page, window=Window(15, 10, NOW_MS + 900_000))
    claimed = await speak_for(store, ADA)
    part = await store.timelines.read(claimed, Range(None, None, 1), now_ms=NOW_MS)
    assert part.kept.held.gaps == (Gap(TweetId(0), page.ids[-1]),)

    newer = Page(ids=tweet_ids(*range(40, 80)))
    await store.commit(await store.begun(NOW_MS + 60_000), newer)  # 80 are too many: 30 go

    part = await store.timelines.read(claimed, Range(None, None, 1), now_ms=NOW_MS)
    assert part.kept.held.floor == tweet_ids(29)[0]
    assert part.kept.held.gaps == ()


async def test_a_timeline_nobody_has_asked_x_for_yet_is_empty(store):
    await store.register(ADA)

    part = await store.timelines.read(await speak_for(store, ADA), Range(None, None, 10), now_ms=NOW_MS)

    assert (part.ids, part.more, part.kept.held.as_of_ms) == ((), False, 0)


async def test_nothing_is_read_without_a_session_that_holds(store):
    claimed = await with_tweets(store, 1)
    await store.redis.delete(claimed.session_key)

    assert await store.timelines.read(claimed, Range(None, None, 10), now_ms=NOW_MS) is None


async def test_nobody_reads_another_ones_timeline(store):
    await with_tweets(store, 1)
    await store.register(NEIGHBOUR)
    bobs = await speak_for(store, NEIGHBOUR)

    for foreign in (
        type(bobs)(ADA, bobs.session_key),
        type(bobs)(NEIGHBOUR, (await speak_for(store, ADA)).session_key),
    ):
        assert await store.timelines.read(foreign, Range(None, None, 10), now_ms=NOW_MS) is None


@pytest.mark.parametrize("again", [False, True])
async def test_a_session_ends_with_its_account_also_when_that_comes_back(store, again):
    claimed = await with_tweets(store, 1)
    await store.accounts.forget(ADA, now_ms=NOW_MS)
    if again:
        await store.register(ADA, NOW_MS + 1)

    assert await store.timelines.read(claimed, Range(None, None, 10), now_ms=NOW_MS) is None
