"""What timelines of several lengths take in Redis, as it is set up for the product."""

import redis

from bench import crowd
from shared.clock import Clock
from shared.domain.tweet import first_id_at
from shared.store import keys

#: X's depth, what is still packed, and what is kept unless told otherwise.
LENGTHS = (800, 1_000, 3_200)
_TWEET_EVERY_MS = 33_000


def timeline_bytes(url: str) -> dict[int, int]:
    """Tell by the length of a timeline what Redis says of its key."""
    now_ms, names = Clock().now_ms(), map(keys.timeline, crowd.people(len(LENGTHS)))
    with redis.Redis.from_url(url) as client:
        sizes = {}
        for kept, name in zip(LENGTHS, names, strict=True):
            ids = (first_id_at(now_ms - age * _TWEET_EVERY_MS) for age in range(kept))
            for each in ids:
                client.zadd(name, {keys.padded(each): 0})
            sizes[kept] = int(client.memory_usage(name, samples=0))
        return sizes
