"""
Measurement 4: how much of Redis a cached tweet and a timeline take.

The yardstick is the naive store: for every person and tweet one JSON copy that can
be served as it is, with its author, media and the tweets it refers to, and a sorted
set of ids with scores. Both hold the same timelines of 800 tweets: once of people
of one world, who see some of the same tweets, and once of people of worlds apart,
who share nothing. What is told is the growth of `used_memory`, and of timelines
what Redis says of their keys.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec
import redis as redis_py

from bench import crowd
from bench.ground import ground
from bench.samples import SEED, Samples
from bench.table import Row
from roost.valkey import ZSET_MAX_LISTPACK_ENTRIES
from shared.store import keys
from shared.store.bodies import Bodies
from shared.store.connection import connect
from shared.x.page import read_page

PEOPLE = 30
_PAGE = 100
_RETENTION_MS = 30 * 24 * 3600 * 1000
#: Redis packs no sorted set of more members than this, unless told otherwise.
_USUAL_LISTPACK = 128

Timelines = Sequence[tuple[Samples, list[int]]]


@dataclass(frozen=True, slots=True)
class Sizes:
    """What the same timelines took, in bytes."""

    sharing: float  # how many people see a tweet, on average
    seen: int  # tweets, each counted for everyone who sees it
    bodies: int
    packed: int
    skiplists: int
    naive: int

    @property
    def people(self) -> int:
        """How many timelines these are."""
        return self.seen // 800


def measure(_runs: int, _seconds: float) -> list[Row]:
    """Measure once: bytes do not vary."""
    one_world = Samples(PEOPLE)
    together = [(one_world, ids) for ids in one_world.timelines()]
    worlds = [Samples(1, SEED + number) for number in range(10)]
    apart = [(world, ids) for world in worlds for ids in world.timelines()]
    return [*_rows(_sizes(together)), *_rows(_sizes(apart))]


def _sizes(timelines: Timelines) -> Sizes:
    seen = [tweet_id for _, ids in timelines for tweet_id in ids]
    return Sizes(
        sharing=len(seen) / len(set(seen)),
        seen=len(seen),
        bodies=_growth(lambda url: asyncio.run(_keep_bodies(url, timelines))),
        packed=_timelines_bytes(timelines, ZSET_MAX_LISTPACK_ENTRIES),
        skiplists=_timelines_bytes(timelines, _USUAL_LISTPACK),
        naive=_growth(lambda url: _keep_naively(url, timelines)),
    )


def _growth(keep: Callable[[str], None]) -> int:
    """Tell by how much an empty Redis grows."""
    with ground() as place:
        url = place.redis().url
        before = _used(url)
        keep(url)
        return _used(url) - before


def _used(url: str) -> int:
    # On a connection of its own: what a busy one has buffered counts too.
    with redis_py.Redis.from_url(url) as client:
        return int(client.info("memory")["used_memory"])


async def _keep_bodies(url: str, timelines: Timelines) -> None:
    async with connect(url) as client:
        bodies = Bodies(client, age_ms=_RETENTION_MS)
        for samples, ids in timelines:
            for page in _pages(ids):
                await bodies.write(read_page(samples.page(page)).bodies)


def _timelines_bytes(timelines: Timelines, listpack: int) -> int:
    with ground() as place, redis_py.Redis.from_url(place.redis().url) as client:
        client.config_set("zset-max-listpack-entries", listpack)
        names = [keys.timeline(each) for each in crowd.people(len(timelines))]
        for name, (_, ids) in zip(names, timelines, strict=True):
            client.zadd(name, {keys.padded(each): 0 for each in ids})
        return sum(client.memory_usage(name, samples=0) for name in names)


def _keep_naively(url: str, timelines: Timelines) -> None:
    with redis_py.Redis.from_url(url) as client:
        for account_id, (samples, ids) in zip(crowd.people(len(timelines)), timelines, strict=True):
            pipe = client.pipeline(transaction=False)
            pipe.zadd(f"timeline:{account_id}", {str(each): each for each in ids})
            for tweet_id in ids:
                pipe.set(f"tweet:{account_id}:{tweet_id}", _alone(samples.page([tweet_id])), px=_RETENTION_MS)
            pipe.execute()


def _alone(page: bytes) -> bytes:
    """Write one tweet with all that is shown with it."""
    answer = msgspec.json.decode(page, type=dict[str, msgspec.Raw])
    return msgspec.json.encode({"data": answer["data"], "includes": answer["includes"]})


def _pages(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _PAGE):
        yield ids[start : start + _PAGE]


def _rows(sizes: Sizes) -> list[Row]:
    ours, theirs = (sizes.bodies + sizes.packed) / sizes.seen, sizes.naive / sizes.seen
    return [
        Row(
            f"4  bytes per person and tweet, {sizes.sharing:.1f} people to a tweet",
            f"{ours:,.0f}",
            f"a JSON copy each {theirs:,.0f}",
            f"1/{theirs / ours:.1f}",
            "≤ 1/6",
        ),
        Row(
            "   bytes per cached tweet, all shown with it",
            f"{sizes.bodies * sizes.sharing / sizes.seen:,.0f}",
        ),
        Row(
            "   bytes per timeline of 800, packed",
            f"{sizes.packed / sizes.people:,.0f}",
            f"as a skiplist {sizes.skiplists / sizes.people:,.0f}",
            f"1/{sizes.skiplists / sizes.packed:.1f}",
        ),
    ]
