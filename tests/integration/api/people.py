"""People of the simulated X who register with the gateway, and what the fetcher would have kept for them."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Self

import httpx2

from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.budget import Window
from shared.domain.parking import Record
from shared.domain.timeline import Page, Want, join
from shared.domain.tweet import Body, TweetId, first_id_at
from shared.store import keys
from shared.store.bodies import Bodies
from shared.store.connection import Connection, connect
from shared.store.polls import Begun, Ended, Polls, Retention, Step
from shared.store.schedule import Schedule

DAY_MS = 24 * 3600 * 1000
LEASE_MS = 60_000
WINDOW_MS = 15 * 60 * 1000
#: What a first poll asks for.
WHOLE = Want(since=TweetId(0))


@dataclass(frozen=True)
class Person:
    """Somebody whom X knows; `headers` speak for them at the gateway."""

    id: str
    username: str
    tokens: dict[str, Any]
    token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """Make the header that says who speaks."""
        return {"authorization": f"Bearer {self.token}"}

    @property
    def home(self) -> str:
        """Name the path of their timeline as X has it."""
        return f"/2/users/{self.id}/timelines/reverse_chronological"


class People:
    """Makes people, registers them, and fills their timelines through the store as a poll does."""

    def __init__(self, gateway: httpx2.AsyncClient, x: httpx2.AsyncClient, redis: Connection) -> None:
        self._gateway, self._x, self._redis = gateway, x, redis
        self._schedule = Schedule(redis)
        self._polls = Polls(redis, Retention(30 * DAY_MS, 3200))
        self._bodies = Bodies(redis, age_ms=30 * DAY_MS)

    @classmethod
    @asynccontextmanager
    async def at(cls, gateway: httpx2.AsyncClient, x: httpx2.AsyncClient, url: str) -> AsyncIterator[Self]:
        """Make it, with a connection to the store that is closed in the end."""
        redis = connect(url)
        yield cls(gateway, x, redis)
        await redis.aclose()

    async def meet(self) -> Person:
        """Let X know somebody new, who has not registered."""
        made = (await self._x.post("/_sim/users", json={})).json()
        return Person(made["id"], made["username"], made)

    async def register(self, generation: str = "oauth2") -> Person:
        """Let somebody new register."""
        person = await self.meet()
        answer = await self._gateway.post("/v1/registrations", json={generation: person.tokens[generation]})
        assert answer.status_code == 201, answer.text
        return replace(person, token=answer.json()["token"])

    async def show(
        self, person: Person, page: Page, want: Want = WHOLE, *, ago_ms: int = 0, **learned: Any
    ) -> None:
        """
        Keep a page that answers `want`; without a `next_token` it is all there was.

        X was asked so long ago; `learned` is what the poll makes of the account (`reach`, `asleep`).
        """
        now_ms = Clock().now_ms()
        begun = await self._begin(person, now_ms)
        held = replace(join(begun.held, want, page), as_of_ms=now_ms - ago_ms)
        await self._bodies.write(page.bodies)
        step = Step(page, held, Window(15, 14, now_ms + WINDOW_MS), None, replace(begun.learned, **learned))
        assert not (await self._polls.commit(begun.lease, step, due_at_ms=now_ms, now_ms=now_ms)).goes_on

    async def wanted(self, person: Person) -> str | None:
        """Tell what the next poll of an account is to bring, if somebody waits for it."""
        found = await self._redis.hget(keys.account(AccountId(int(person.id))), "wanted")
        return None if found is None else found.decode()

    async def fail(self, person: Person, outcome: str) -> None:
        """Note a poll that brought nothing."""
        now_ms = Clock().now_ms()
        begun = await self._begin(person, now_ms)
        await self._polls.settle(begun.lease, Ended(outcome, 1, None), due_at_ms=now_ms)

    async def park(self, person: Person, reason: str) -> None:
        """Note that X refuses an account for good."""
        now_ms = Clock().now_ms()
        begun = await self._begin(person, now_ms)
        ended = Ended(reason, 2, None, record=Record(2, now_ms, reason))
        await self._polls.settle(begun.lease, ended, due_at_ms=now_ms + DAY_MS)

    async def claimed(self) -> list[str]:
        """Claim whatever is due; name the accounts."""
        leases = await self._schedule.claim(now_ms=Clock().now_ms(), lease_ms=LEASE_MS, per_shard=10)
        return [str(lease.account_id) for lease in leases]

    async def _begin(self, person: Person, now_ms: int) -> Begun:
        await self._schedule.hasten(AccountId(int(person.id)), now_ms=now_ms, wanted="0")
        leases = await self._schedule.claim(now_ms=now_ms, lease_ms=LEASE_MS, per_shard=10)
        for other in leases:
            if other.account_id != int(person.id):
                await self._schedule.release(other, now_ms=now_ms)
        lease = next(each for each in leases if each.account_id == int(person.id))
        begun = await self._polls.begin(lease, now_ms=now_ms, lease_ms=LEASE_MS)
        assert isinstance(begun, Begun)
        return begun


def page_of(ids: Iterable[int], next_token: str | None = None) -> Page:
    """Make a page of tweets with these ids, each by the one author that there is."""
    newest_first = tuple(TweetId(each) for each in sorted(ids, reverse=True))
    tweets = tuple(Body(f"tweet:{each}", _tweet(each), ("user:12",)) for each in newest_first)
    author = Body("user:12", b'{"id":"12","name":"jack","username":"jack"}')
    return Page(newest_first, (*tweets, author), next_token=next_token)


def ids_now(count: int, apart: int = 1) -> list[int]:
    """Make ids of tweets written a minute ago, ascending, so far apart."""
    first = first_id_at(Clock().now_ms() - 60_000)
    return [first + number * apart for number in range(count)]


def _tweet(tweet_id: int) -> bytes:
    return b'{"id":"%d","text":"tweet %d","author_id":"12","edit_history_tweet_ids":["%d"]}' % (
        (tweet_id,) * 3
    )
