"""What Redis keeps beside an account and its timeline: what arrived last, for who listens, and a session."""

import asyncio
from dataclasses import dataclass

import redis

from bench import crowd
from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.tweet import first_id_at
from shared.store import keys
from shared.store.connection import connect
from shared.store.sessions import Sessions, Terms

_PEOPLE = 5_000
_DAY_MS = 24 * 3600 * 1000
_TWEET_EVERY_MS = 33_000
#: Arrivals of one tweet, and of what a poll of mode `fresh` brings.
_FEW, _MANY = 1, 9


@dataclass(frozen=True, slots=True)
class Beside:
    """Bytes: of one arrival, of each tweet that it tells of, and of one session."""

    arrival: float
    told: float
    session: float


def measure(url: str) -> Beside:
    """Have as many arrivals as are kept, twice over, and a session of each of some people."""
    few, many = (_arrivals(url, tweets) / keys.ARRIVALS_KEPT for tweets in (_FEW, _MANY))
    told = (many - few) / (_MANY - _FEW)
    return Beside(few - told * _FEW, told, asyncio.run(_session(url)))


def _arrivals(url: str, tweets: int) -> int:
    name, first_ms = keys.arrivals(AccountId(1)), Clock().now_ms()
    with redis.Redis.from_url(url) as client:
        client.delete(name)
        for number in range(2 * keys.ARRIVALS_KEPT):  # as `commit.lua` tells of them
            instants = (first_ms + (number * tweets + each) * _TWEET_EVERY_MS for each in range(tweets))
            added = " ".join(keys.padded(first_id_at(at_ms)) for at_ms in instants)
            told = {"added": added, "replaced": "", "gaps": ""}
            client.xadd(name, told, maxlen=keys.ARRIVALS_KEPT, approximate=True)
        return int(client.memory_usage(name, samples=0))


async def _session(url: str) -> float:
    people, now_ms = crowd.people(_PEOPLE), Clock().now_ms()
    crowd.register(url, people, now_ms, within_ms=0, timelines=False)
    async with connect(url) as client:
        sessions = Sessions(client)
        terms = Terms.app(30 * _DAY_MS)
        await sessions.begin(people[0], terms, now_ms=now_ms)  # the script is sent and kept
        before = _used(url)
        for each in people[1:]:
            await sessions.begin(each, terms, now_ms=now_ms)
        return (_used(url) - before) / (_PEOPLE - 1)


def _used(url: str) -> int:
    # On a connection of its own: what a busy one has buffered counts too.
    with redis.Redis.from_url(url) as client:
        return int(client.info("memory")["used_memory"])
