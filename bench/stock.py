"""A store stocked with the simulator's world, as the fetcher would have written it."""

from bench import crowd
from bench.samples import Samples
from shared.clock import Clock
from shared.domain.account import AccountId
from shared.store import keys
from shared.store.bodies import Bodies
from shared.store.connection import Connection, connect
from shared.store.sessions import Sessions, Terms
from shared.x.page import read_page

_DAY_MS = 24 * 3600 * 1000
_PAGE = 100


async def stock(url: str, people: int) -> list[str]:
    """Register people with full timelines, and all bodies; tell a token of each."""
    now_ms = Clock().now_ms()
    accounts = crowd.people(people)
    crowd.register(url, accounts, now_ms, within_ms=0, timelines=False)
    samples = Samples(people)
    async with connect(url) as redis:
        bodies, sessions = Bodies(redis, age_ms=30 * _DAY_MS), Sessions(redis)
        for account_id, ids in zip(accounts, samples.timelines(), strict=True):
            await _fill(redis, account_id, ids)
            for start in range(0, len(ids), _PAGE):
                await bodies.write(read_page(samples.page(ids[start : start + _PAGE])).bodies)
        terms = Terms.app(_DAY_MS)
        return [(await sessions.begin(each, terms, now_ms=now_ms)).token for each in accounts]


async def _fill(redis: Connection, account_id: AccountId, ids: list[int]) -> None:
    await redis.zadd(keys.timeline(account_id), {keys.padded(each): 0 for each in ids})
    cursors = {"newest": keys.padded(ids[0]), "floor": keys.padded(ids[-1] - 1)}
    await redis.hset(keys.account(account_id), mapping=cursors)
