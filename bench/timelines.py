"""What timelines of several lengths take in Redis as the product sets it up, and adding to them as well."""

from collections.abc import Iterable
from dataclasses import dataclass

import redis

from bench import crowd
from shared.clock import Clock
from shared.domain.tweet import first_id_at
from shared.store import keys

#: X's depth, what is still packed, and what is kept unless told otherwise.
LENGTHS = (800, 1_000, 3_200)
_TWEET_EVERY_MS = 33_000
_NEW, _POLLS = 5, 100


@dataclass(frozen=True, slots=True)
class Kept:
    """A timeline of so many tweets: its bytes, and the microseconds of Redis to add five that are new."""

    tweets: int
    size: int
    adding_us: float


def measure(url: str) -> list[Kept]:
    """Make timelines of all lengths and poll for each, as `commit.lua` does."""
    now_ms = Clock().now_ms()
    with redis.Redis.from_url(url) as client:
        return [
            _measure(client, keys.timeline(account_id), tweets, now_ms)
            for tweets, account_id in zip(LENGTHS, crowd.people(len(LENGTHS)), strict=True)
        ]


def _measure(client: redis.Redis, name: str, tweets: int, now_ms: int) -> Kept:
    client.zadd(name, _members(now_ms - age * _TWEET_EVERY_MS for age in range(1, tweets + 1)))
    size = int(client.memory_usage(name, samples=0))
    client.config_resetstat()
    for poll in range(_POLLS):
        began_ms = now_ms + poll * _NEW * _TWEET_EVERY_MS
        new = _members(began_ms + each * _TWEET_EVERY_MS for each in range(_NEW))
        client.zmscore(name, list(new))
        client.zadd(name, new)
        client.zremrangebyrank(name, 0, _NEW - 1)
    spent = client.info("commandstats")
    took_us = sum(spent[f"cmdstat_{each}"]["usec"] for each in ("zmscore", "zadd", "zremrangebyrank"))
    return Kept(tweets, size, took_us / _POLLS)


def _members(instants: Iterable[int]) -> dict[str, int]:
    return {keys.padded(first_id_at(at_ms)): 0 for at_ms in instants}
