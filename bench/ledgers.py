"""How long one page keeps the node that has the `{app}` keys: reserved and noted, with a money budget."""

import asyncio

from bench import crowd
from bench.meters import one_server
from shared.clock import Clock
from shared.domain.money import Budget
from shared.domain.tweet import TweetId, first_id_at
from shared.store.connection import connect
from shared.store.ledger import Ledger, Reservation

_PAGES = 5_000
_TWEETS = 5
_AT_ONCE = 100
_BUDGET = Budget(price=5_000, daily=10**12, monthly=10**13, account_daily=10**12)


def app_us(url: str) -> float:
    """Reserve and note many pages, as a busy fetcher does; tell the microseconds of Redis for one."""
    store = one_server(url)
    before = store.read()
    asyncio.run(_spend(url))
    return store.read().since(before).script_us / _PAGES


async def _spend(url: str) -> None:
    now_ms, people = Clock().now_ms(), crowd.people(_PAGES)
    async with connect(url) as redis:
        ledger = Ledger(redis, _BUDGET)
        for start in range(0, _PAGES, _AT_ONCE):
            part = people[start : start + _AT_ONCE]
            reserved = await asyncio.gather(*(ledger.reserve(each, 100, now_ms=now_ms) for each in part))
            held = [each for each in reserved if isinstance(each, Reservation)]
            first = first_id_at(now_ms) + start * _TWEETS
            noting = (ledger.note(each, _ids(first, number)) for number, each in enumerate(held))
            await asyncio.gather(*noting)


def _ids(first: int, number: int) -> list[TweetId]:
    return [TweetId(first + number * _TWEETS + each) for each in range(_TWEETS)]
