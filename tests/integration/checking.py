"""
Polls and checks of people's timelines, step by step as a fetcher makes them.

The simulator is served in this process and its clock is moved by hand, so that days
pass in moments; what asks it is the product's own.
"""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import uvicorn

from roost.ports import free_port
from shared.domain.account import AccountId
from shared.domain.budget import Window
from shared.domain.credential import OAuth2Credential
from shared.domain.deletion import (
    DAY_MS,
    MINUTE_MS,
    Told,
    judge,
    of_days_before,
    of_today,
    questions,
    reread,
    reread_rest,
    suspects,
)
from shared.domain.timeline import Page, join, want_newest, want_next
from shared.store import keys
from shared.store.bodies import Bodies
from shared.store.connection import connect
from shared.store.polls import Begun, Polls, Retention, Step
from shared.store.removals import Removals
from shared.x.home import Home
from shared.x.lookup import Lookup
from shared.x.upstream import App, Upstream
from tests.integration.store.conftest import Store
from tests.unit.simulator.x import X

MIDNIGHT_MS = 1_800_057_600_000
NIGHT_MS = MIDNIGHT_MS + (23 * 60 + 50) * MINUTE_MS
AGE_MS = 30 * DAY_MS


class Checking:
    """One process's parts, which poll and check people's timelines at the simulator."""

    def __init__(self, x, upstream, redis):
        self.x, self.clock = x, x.clock
        self.home = Home(upstream, self.clock)
        self.lookup = Lookup(upstream, self.clock)
        self.store = Store(redis)
        self.polls = Polls(redis, Retention(AGE_MS, 100_000))
        self.bodies = Bodies(redis, age_ms=AGE_MS)
        self.removals = Removals(redis, age_ms=AGE_MS)
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

    async def check(self, person, *, days=0):
        """Read the day once more, ask about suspects and about so many days before, and remove."""
        begun, credential = await self.begin(person)
        now_ms = self.clock.at_ms
        held_ids = await self.removals.held(begun.lease.account_id)
        suspected, shown = await self.suspect(begun, credential, held_ids)
        suspected += of_days_before(held_ids, days, now_ms=now_ms)
        known = await self.removals.gone_of((*held_ids, *suspected))
        asked = questions([each for each in suspected if each not in known], (*shown, *held_ids))
        removal = judge([(question, await self.ask(question, credential)) for question in asked])
        removal = replace(removal, gone=(*removal.gone, *known))
        await self.removals.remove(begun.lease, removal, now_ms=now_ms)
        await self.commit(begun, Step(Page(), begun.held, self.plenty(), None))
        return removal

    async def suspect(self, begun, credential, held_ids):
        want = reread(begun.held, now_ms=self.clock.at_ms)
        suspected = [] if want else [*of_today(held_ids, now_ms=self.clock.at_ms)]
        shown = []
        while want is not None:
            page = await self.fetch(begun, credential, want)
            suspected += suspects(held_ids, want, page)
            shown += page.ids
            await self.commit(begun, Step(page, begun.held, self.plenty(), MINUTE_MS))
            want = reread_rest(want, page)
        return suspected, shown

    async def ask(self, question, credential):
        self.asked += 1
        looked = await self.lookup.fetch(question.ids(), credential)
        assert isinstance(looked.outcome, Told)
        return looked.outcome

    def plenty(self):
        return Window(limit=1000, left=900, resets_at_ms=self.clock.at_ms + 15 * MINUTE_MS)

    async def ids(self, person):
        members = await self.store.redis.zrange(keys.timeline(AccountId(int(person["id"]))), 0, -1, desc=True)
        return [int(each) for each in members]

    async def billed(self):
        return (await self.x.control("GET", "/stats"))["posts_billed"]


@asynccontextmanager
async def _serving(app):
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


@asynccontextmanager
async def checking(redis_url):
    x = X(NIGHT_MS - 60 * MINUTE_MS, simulator_access_token_seconds=10**9)
    redis = connect(redis_url)
    async with _serving(x.app) as url, Upstream(App(url), connections=2, timeout_seconds=5) as upstream:
        yield Checking(x, upstream, redis)
    await x.client.aclose()
    await redis.aclose()
