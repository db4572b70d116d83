"""
The yardstick for the fetcher: the least that a program must do to poll.

One asyncio program on the same HTTP client, event loop and concurrency. It fetches
the same pages, parses them, and writes ids and bodies in one pipeline. It has no
schedule, no lease, no budget, no gaps; bodies are kept as they came.

    python -m bench.bare_loop PAGES_URL REDIS_URL CONCURRENCY ACCOUNTS
"""

import asyncio
import sys
from collections.abc import Iterator
from itertools import cycle

import httpx2
import msgspec
import uvloop
from redis.asyncio import Redis

from bench.crowd import people
from shared.store import keys
from shared.x.home import FIELDS


async def poll_all(pages_url: str, redis_url: str, concurrency: int, accounts: int) -> None:
    """Poll account after account until killed, so many at once."""
    limits = httpx2.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    redis = Redis.from_url(redis_url, max_connections=concurrency)
    turns = cycle(people(accounts))
    async with httpx2.AsyncClient(base_url=pages_url, limits=limits) as client, asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(_poll_on(client, redis, turns))


async def _poll_on(client: httpx2.AsyncClient, redis: Redis, turns: Iterator[int]) -> None:
    newest: dict[int, str] = {}
    for account_id in turns:
        answer = await client.get(
            f"/2/users/{account_id}/timelines/reverse_chronological",
            params=FIELDS | {"max_results": "100", "since_id": newest.get(account_id, "1")},
            headers={"authorization": f"Bearer at-{account_id:040}"},
        )
        page = msgspec.json.decode(answer.content)
        pipe = redis.pipeline(transaction=False)
        pipe.zadd(keys.timeline(account_id), {tweet["id"]: 0 for tweet in page["data"]})
        for kind, things in {"data": page["data"], **page["includes"]}.items():
            for thing in things:
                name = thing.get("id") or thing["media_key"]
                pipe.set(f"{kind}:{name}", msgspec.json.encode(thing), ex=31 * 86_400)
        await pipe.execute()
        newest[account_id] = page["meta"]["newest_id"]


if __name__ == "__main__":
    uvloop.run(poll_all(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
