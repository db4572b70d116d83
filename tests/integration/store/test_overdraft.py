"""
Never a post more than the budget holds: the ledger against a model of X's bill.

Several accounts share posts. Their requests overlap, are answered late or never, and
fetchers die before they ask or before they note; days and months end meanwhile.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from shared.domain.account import AccountId
from shared.domain.money import DAY_MS, Budget, day_of
from shared.store import keys
from shared.store.connection import connect
from shared.store.ledger import Ledger, Reservation

PAGE = 10
ACCOUNTS = [AccountId(12), AccountId(34), AccountId(17)]
HOUR_MS = 3_600_000
START_MS = int(datetime(2027, 1, 30, 20, tzinfo=UTC).timestamp() * 1000)


@dataclass
class X:
    """What X shows to each account that was not read yet, newest first, and what it has billed."""

    unread: dict = field(default_factory=lambda: {each: [] for each in ACCOUNTS})
    bills: dict = field(default_factory=dict)
    posts: int = 0

    def publish(self, to):
        self.posts += 1
        for account_id in to:
            self.unread[account_id].insert(0, self.posts)

    def answer(self, reservation):
        ids = self.unread[reservation.account_id][: reservation.posts]
        self.bills.setdefault(day_of(reservation.at_ms)[0], set()).update(ids)
        return ids


@dataclass
class World:
    """A ledger, X, and the requests under way."""

    redis: Redis
    budget: Budget
    x: X = field(default_factory=X)
    now_ms: int = START_MS
    open: list = field(default_factory=list)
    newest: dict = field(default_factory=dict)
    #: Accounts with requests of this day that were not noted: nothing new appears to them, so that each
    #: request asks for the same posts as the one before it.
    unsettled: set = field(default_factory=set)
    #: Days in which an answer was noted after the account's next request; near a limit, that one may have
    #: been too small to show again what others, lost, were billed for.
    late: set = field(default_factory=set)

    def __post_init__(self):
        self.ledger = Ledger(self.redis, self.budget)

    async def publish(self, number):
        to = [each for place, each in enumerate(ACCOUNTS) if (number >> place) & 1]
        for _ in range(number):
            self.x.publish([each for each in to if each not in self.unsettled])

    async def read(self, number):
        await self.begin(number)
        if self.open:
            await self.end(-1)

    async def begin(self, number):
        reservation = await self._reserve(number)
        if reservation:
            self.open.append((reservation, self.x.answer(reservation)))

    async def end(self, number):
        if not self.open:
            return
        reservation, ids = self.open.pop(number % len(self.open))
        account_id = reservation.account_id
        await self.ledger.note(reservation, ids)
        if self.newest[account_id] != reservation:  # a late fetcher cannot commit its page
            self.late.add(day_of(reservation.at_ms)[0])
        else:
            self.x.unread[account_id] = [each for each in self.x.unread[account_id] if each not in ids]
            is_lost = await self.redis.hexists(_reserved(reservation.at_ms), account_id)
            if not is_lost and not any(other.account_id == account_id for other, _ in self.open):
                self.unsettled.discard(account_id)

    async def die_asking(self, number):
        reservation = await self._reserve(number)
        if reservation:
            self.x.answer(reservation)

    async def die(self, number):
        await self._reserve(number)

    async def wait(self, number):
        before_ms, self.now_ms = self.now_ms, self.now_ms + number * HOUR_MS // 2
        if day_of(before_ms) != day_of(self.now_ms):
            self.unsettled = set()
            self.open = [each for each in self.open if self.now_ms - each[0].at_ms < DAY_MS]

    async def _reserve(self, number):
        self.now_ms += 1
        account_id = ACCOUNTS[number % len(ACCOUNTS)]
        reserved = await self.ledger.reserve(account_id, PAGE // (1 + number % 2), now_ms=self.now_ms)
        if not isinstance(reserved, Reservation):
            return None
        self.newest[account_id] = reserved
        self.unsettled.add(account_id)
        return reserved

    async def check(self):
        daily, monthly, account_daily = (10**9 if each is None else each for each in self.budget.limits())
        for account_id in ACCOUNTS:
            spent = await self.ledger.spent(account_id, now_ms=self.now_ms)
            assert spent.account <= account_daily
            assert spent.month + spent.reserved + spent.earlier <= monthly
        for day_ms, billed in self.x.bills.items():
            spent = await self.ledger.spent(now_ms=day_ms)
            reserved = int(await self.redis.hget(_reserved(day_ms), "app") or 0)
            assert spent.day + reserved <= daily
            if self.budget.is_limited() and day_ms not in self.late:
                assert len(billed) <= spent.day + reserved


def _reserved(at_ms):
    return keys.reserved(str(datetime.fromtimestamp(at_ms / 1000, UTC).date()))


HAPPENINGS = [World.publish, World.read, World.begin, World.end, World.die_asking, World.die, World.wait]
lives = st.lists(st.tuples(st.sampled_from(HAPPENINGS), st.integers(1, 12)), min_size=10, max_size=40)
limits = st.one_of(st.just(0), st.integers(1, 40))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limits=st.tuples(limits, limits, limits), happenings=lives)
def test_whatever_happens_no_day_month_or_account_is_overdrawn(redis_db, limits, happenings):
    asyncio.run(_live(redis_db, Budget(1, *limits), happenings))


async def _live(url, budget, happenings):
    connection = connect(url)
    await connection.flushdb()
    world = World(connection, budget)
    for to in range(1, 1 << len(ACCOUNTS)):
        await world.publish(to)
    for happen, number in happenings:
        await happen(world, number)
        await world.check()
    await connection.aclose()
