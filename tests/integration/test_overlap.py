"""The overlap of fetchers that share what they see of X's lateness."""

import asyncio
from bisect import bisect_right
from dataclasses import replace

import pytest

from services.fetcher.overlap import Overlap
from shared.domain.overlap import EDGES_S, count_late
from shared.domain.timeline import Held, Page, join, want_newest
from shared.domain.tweet import TweetId
from shared.store.connection import connect
from shared.store.latenesses import Latenesses
from simulator.world import World

MINUTE_MS, DAY_MS = 60_000, 86_400_000
NOON_MS = 20_000 * DAY_MS + DAY_MS // 2
#: What is asked at this instant is not asked with the widest overlap.
AS_OF_MS = NOON_MS + 1 - NOON_MS % 17
SEEN = (30_000.0, *(0.0,) * (len(EDGES_S) - 1))


@pytest.fixture
async def redis(redis_db):
    connection = connect(redis_db)
    yield connection
    await connection.aclose()


def current(overlap: Overlap) -> int:
    return overlap.at(AS_OF_MS, now_ms=AS_OF_MS + MINUTE_MS)


async def test_what_one_fetcher_sees_serves_all(redis):
    ours, theirs = Overlap(Latenesses(redis)), Overlap(Latenesses(redis))
    assert current(theirs) == 60_000

    ours.note(SEEN)
    await ours.refresh(NOON_MS)
    await theirs.refresh(NOON_MS + 1)

    assert (current(ours), current(theirs)) == (8_000, 8_000)


async def test_it_is_shared_at_most_once_a_minute(redis):
    overlap = Overlap(Latenesses(redis))
    await asyncio.gather(*(overlap.refresh(NOON_MS) for _ in range(5)))
    calls = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]

    overlap.note(SEEN)
    await overlap.refresh(NOON_MS + MINUTE_MS - 1)
    assert (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"] == calls
    assert current(overlap) == 60_000

    await overlap.refresh(NOON_MS + MINUTE_MS)
    assert current(overlap) == 8_000


class Reader:
    """One person of the simulated world, whose timeline is read as polls read it."""

    def __init__(self, world, person, now_ms):
        self.world, self.person = world, person
        self.held = Held(newest=TweetId(max(world.at(person, now_ms).timeline.ids)), gaps=(), as_of_ms=now_ms)
        self.kept = set(person.timeline.ids)

    def poll(self, overlap, now_ms):
        """Poll once; an answer is never cut."""
        want = want_newest(self.held, overlap.at(self.held.as_of_ms, now_ms=now_ms))
        shown = self.world.at(self.person, now_ms).timeline.ids
        new = shown[bisect_right(shown, want.since) :]
        page = Page(ids=tuple(map(TweetId, reversed(new))))
        overlap.note(count_late(self.held, want, page, set(page.ids) - self.kept))
        self.held = replace(join(self.held, want, page), as_of_ms=now_ms)
        self.kept.update(page.ids)


async def test_it_settles_at_what_the_simulated_x_does(redis):
    world = World(seed=7, people=0, now_ms=NOON_MS)
    people = [world.add({"rate_per_minute": 10}, NOON_MS) for _ in range(6)]
    fetchers = [Overlap(Latenesses(redis)) for _ in range(2)]
    readers = [Reader(world, person, NOON_MS) for person in people]

    for now_ms in range(NOON_MS, NOON_MS + 4 * 60 * MINUTE_MS, 30_000):
        for number, reader in enumerate(readers):
            overlap = fetchers[number % 2]
            await overlap.refresh(now_ms)
            reader.poll(overlap, now_ms + 1 + number * 7_000)

    # The simulated X shows one tweet in 25 up to eight seconds late.
    assert [current(each) for each in fetchers] == [16_000, 16_000]
    for reader in readers:
        assert {each for each in reader.person.timeline.ids if each <= reader.held.newest} <= reader.kept
