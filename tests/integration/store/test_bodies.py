"""Bodies: kept once, served byte for byte, gone after their time."""

import tracemalloc

import pytest

from shared.domain.tweet import Body, TweetId
from shared.store.bodies import Bodies
from shared.store.shelf import GENERATION_MS
from tests.integration.store.conftest import DAY_MS, NOW_MS

AUTHOR = Body("user:7", b'{"id":"7","name":"\xc3\x9c"}')
PHOTO = Body("media:3_9", b'{"media_key":"3_9","type":"photo"}')
ORIGINAL = Body("tweet:20", b'{"id":"20","text":"first"}', ("user:7",))
REPOST = Body("tweet:30", b'{"id": "30",  "text":"RT"}', ("user:7", "tweet:20", "media:3_9"))
ALL = (AUTHOR, PHOTO, ORIGINAL, REPOST)


def ids(*numbers):
    return [TweetId(each) for each in numbers]


async def test_a_body_is_read_as_x_wrote_it(store):
    await store.bodies.write(ALL)

    shown = await store.bodies.read(ids(30), now_ms=NOW_MS)

    assert shown.tweets == [REPOST]


async def test_tweets_come_in_the_order_asked_for_and_what_is_shown_with_them_once(store):
    await store.bodies.write(ALL)

    shown = await store.bodies.read(ids(20, 30), now_ms=NOW_MS)

    assert shown.tweets == [ORIGINAL, REPOST]
    assert shown.includes == {"user": [AUTHOR], "tweet": [ORIGINAL], "media": [PHOTO]}
    assert shown.missing == []


async def test_a_tweet_whose_body_is_gone_is_named_and_the_others_are_shown(store):
    await store.bodies.write(ALL)

    shown = await store.bodies.read(ids(40, 30), now_ms=NOW_MS)

    assert (shown.tweets, shown.missing) == ([REPOST], ids(40))


async def test_what_was_shown_with_a_tweet_and_is_gone_is_left_out(store):
    await store.bodies.write([REPOST, AUTHOR])

    shown = await store.bodies.read(ids(30), now_ms=NOW_MS)

    assert shown.includes == {"user": [AUTHOR]}


async def test_a_body_that_two_accounts_see_is_kept_once(store):
    await store.bodies.write(ALL)
    before = await store.dump()
    await store.bodies.write(ALL)

    assert (await store.dump()).keys() == before.keys() == {body.key.encode() for body in ALL}


async def test_the_newest_version_of_a_body_is_kept(store):
    renamed = Body("user:7", b'{"id":"7","name":"Ada"}')
    await store.bodies.write(ALL)
    await store.bodies.write([renamed])

    assert (await store.bodies.read(ids(20), now_ms=NOW_MS)).includes["user"] == [renamed]


async def test_every_body_outlives_the_ids_that_point_to_it_and_then_goes(store):
    await store.bodies.write(ALL)

    lives_ms = [await store.redis.pttl(body.key) for body in ALL]

    assert all(30 * DAY_MS < each <= 31 * DAY_MS for each in lives_ms)


async def test_a_body_that_is_read_from_x_again_lives_on(store):
    await store.bodies.write([AUTHOR])
    await store.redis.pexpire(AUTHOR.key, 1000)

    await store.bodies.write([AUTHOR])

    assert await store.redis.pttl(AUTHOR.key) > 30 * DAY_MS


@pytest.mark.parametrize("tweets", [[], ids(1, 2)])
async def test_nothing_kept_is_nothing_shown(store, tweets):
    await store.bodies.write([])

    shown = await store.bodies.read(tweets, now_ms=NOW_MS)

    assert (shown.tweets, shown.includes, shown.missing) == ([], {}, tweets)


async def test_a_body_lately_read_is_shown_without_asking_and_after_two_minutes_no_more(store):
    bodies = Bodies(store.redis, age_ms=DAY_MS, shelf_bytes=10_000)
    await bodies.write(ALL)
    first = await bodies.read(ids(30), now_ms=NOW_MS)
    await store.redis.flushdb()

    assert await bodies.read(ids(30), now_ms=NOW_MS + GENERATION_MS) == first
    assert (await bodies.read(ids(30), now_ms=NOW_MS + 2 * GENERATION_MS)).missing == ids(30)


async def test_pages_that_are_kept_are_bounded_however_long_they_are(store):
    numbers = ids(*range(2 * 10**18, 2 * 10**18 + 1400))
    await store.bodies.write(Body(f"tweet:{each}", b"{}") for each in numbers)
    bodies = Bodies(store.redis, age_ms=DAY_MS, shelf_bytes=10_000_000)
    await bodies.read(numbers, now_ms=NOW_MS)

    tracemalloc.start()
    for start in range(600):
        page = ids(*map(int, map(str, numbers[start : start + 800])))  # its own, as a request has
        await bodies.read(page, now_ms=NOW_MS)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held < 16_000_000
