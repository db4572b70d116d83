"""
Polls and checks of people's timelines, step by step as a fetcher makes them.

The simulator is served in this process and its clock is moved by hand, so that days
pass in moments; what asks it is the product's own.
"""

from contextlib import asynccontextmanager
from dataclasses import replace

from services.fetcher.check import Checker
from services.fetcher.keep import Stores
from services.fetcher.purse import Purse
from shared.domain.account import AccountId
from shared.domain.budget import Window
from shared.domain.credential import OAuth2Credential
from shared.domain.deletion import DAY_MS, MINUTE_MS
from shared.domain.timeline import Page, join, want_newest, want_next
from shared.store import keys
from shared.store.bodies import Bodies
from shared.store.breaker import Breaker
from shared.store.climate import Climates
from shared.store.connection import connect
from shared.store.ledger import Ledger
from shared.store.polls import Begun, Polls, Retention, Step
from shared.store.prices import Prices
from shared.store.removals import Removals
from shared.x.home import Home
from shared.x.lookup import Lookup
from shared.x.upstream import App, Upstream
from tests.integration.fetching import RULES
from tests.integration.serving import serving
from tests.integration.store.conftest import Store
from tests.unit.simulator.x import X

MIDNIGHT_MS = 1_800_057_600_000
NIGHT_MS = MIDNIGHT_MS + (23 * 60 + 50) * MINUTE_MS
AGE_MS = 30 * DAY_MS


class Counted:
    """X's word on tweets, and how often it was asked for."""

    def __init__(self, checking):
        self._checking = checking

    async def fetch(self, ids, credential):
        self._checking.asked += 1
        return await self._checking.lookup.fetch(ids, credential)


class Checking:
    """One process's parts, which poll and check people's timelines at the simulator."""

    def __init__(self, x, upstream, redis):
        self.x, self.clock = x, x.clock
        self.home = Home(upstream, self.clock)
        self.lookup = Lookup(upstream, self.clock)
        self.store = Store(redis)
        self.polls = Polls(redis, Retention(AGE_MS, 100_000))
        self.bodies = Bodies(redis, age_ms=AGE_MS)
        self.stores = Stores(
            self.polls,
            self.bodies,
            self.store.schedule,
            Climates(redis),
            Breaker(redis),
            Ledger(redis, RULES.budget),
            Removals(redis, age_ms=AGE_MS),
        )
        self.asked = 0

    async def register(self, **wish):
        person = await self.x.person(**wish)
        await self.store.register(AccountId(int(person["id"])), self.clock.at_ms)
        return person

    async def begin(self, person):
        account_id = AccountId(int(person["id"]))
        credential = OAuth2Credential(person["oauth2"]["access_token"], None, 2**50, "")
        now_ms = self.clock.at_ms
        leases = await self.store.schedule.claim(now_ms=now_ms, lease_ms=MINUTE_MS, per_shard=9)
        for lease in leases:
            if lease.account_id != account_id:
                await self.store.schedule.release(lease, now_ms=now_ms)
        (lease,) = (each for each in leases if each.account_id == account_id)
        begun = await self.polls.begin(lease, now_ms=now_ms, lease_ms=MINUTE_MS)
        assert isinstance(begun, Begun)
        return begun, credential

    async def poll(self, person):
        """Read what is new, down to what is held."""
        begun, credential = await self.begin(person)
        held, want = begun.held, want_newest(begun.held, MINUTE_MS)
        while want is not None:
            page = await self.fetch(begun, credential, want)
            held = replace(join(held, want, page), as_of_ms=self.clock.at_ms)
            want = want_next(held, want, page)
            await self.commit(begun, Step(page, held, self.plenty(), MINUTE_MS if want else None))

    async def fetch(self, begun, credential, want):
        page = (await self.home.fetch(begun.lease.account_id, credential, want, 100)).outcome
        assert isinstance(page, Page)
        return page

    async def commit(self, begun, step):
        await self.bodies.write(step.page.bodies)
        await self.polls.commit(begun.lease, step, due_at_ms=self.clock.at_ms, now_ms=self.clock.at_ms)

    async def check(self, person, *, days=0, ended=True):
        """Look for what was deleted, as the fetcher does."""
        begun, credential = await self.begin(person)
        rules = replace(RULES, page_size=100, pages=10, check_days=days)
        checker = Checker(
            (self.home, Counted(self)), self.stores, Purse(Prices(self.store.redis)), self.clock, rules
        )
        checked = await checker.check(begun, credential)
        assert checked.ended is ended
        await self.commit(begun, Step(Page(), begun.held, self.plenty(), None))
        return checked

    def plenty(self):
        return Window(limit=1000, left=900, resets_at_ms=self.clock.at_ms + 15 * MINUTE_MS)

    async def ids(self, person):
        members = await self.store.redis.zrange(keys.timeline(AccountId(int(person["id"]))), 0, -1, desc=True)
        return [int(each) for each in members]

    async def billed(self):
        return (await self.x.control("GET", "/stats"))["posts_billed"]


@asynccontextmanager
async def checking(redis_url):
    x = X(NIGHT_MS - 60 * MINUTE_MS, simulator_access_token_seconds=10**9)
    redis = connect(redis_url)
    async with serving(x.app) as url, Upstream(App(url), connections=2, timeout_seconds=5) as upstream:
        yield Checking(x, upstream, redis)
    await x.client.aclose()
    await redis.aclose()
