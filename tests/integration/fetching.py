"""The parts of a fetcher in the test's own process, with a clock that can be ahead."""

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from services.fetcher.keep import Stores
from services.fetcher.overlap import Overlap
from services.fetcher.poll import Poller
from services.fetcher.purse import Purse
from services.fetcher.refresh import Refresher
from services.fetcher.rules import Rules
from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.credential import OAuth2Credential
from shared.domain.lease import Lease
from shared.domain.mode import Mode
from shared.domain.money import Budget
from shared.sealing import MasterKeys
from shared.store.accounts import Accounts
from shared.store.bodies import Bodies
from shared.store.breaker import Breaker
from shared.store.climate import Climates
from shared.store.connection import connect
from shared.store.credentials import Credentials
from shared.store.datakeys import DataKeys
from shared.store.latenesses import Latenesses
from shared.store.ledger import Ledger
from shared.store.polls import Polls, Retention
from shared.store.prices import Prices
from shared.store.removals import Removals
from shared.store.schedule import Schedule
from shared.x.home import Home
from shared.x.lookup import Lookup
from shared.x.tokens import Tokens
from shared.x.upstream import App, Upstream
from tests.servers.programs import SECRET_KEYS

DAY_MS = 86_400_000
MINUTE_MS = 60_000
LEASE_MS = 60_000
CLIENT_SECRET = "roost-simulator-client-secret"
#: The credential of these tests expires so soon: it is to be refreshed now, and good for a while yet.
LASTS_MS = 2 * MINUTE_MS


UNLIMITED = Budget(price=5000)
RULES = Rules(LEASE_MS, 60_000, pages=1, page_size=5, backfill_tweets=10, budget=UNLIMITED, mode=Mode.ARCHIVE)


@dataclass(frozen=True, slots=True)
class Later(Clock):
    """A clock that is ahead."""

    by_ms: int = 0

    def now_ms(self) -> int:
        return Clock.now_ms(self) + self.by_ms


class Fetcher:
    """The parts of a fetcher, on connections of its own, and the person whose account it polls."""

    def __init__(self, redis, upstream, clock, rules):
        app = App(upstream.api_url, client_id="roost-simulator-client", client_secret=CLIENT_SECRET)
        self.clock, self.upstream, self.app = clock, upstream, app
        self.accounts = Accounts(redis)
        self.data_keys = DataKeys(redis, MasterKeys.read(SECRET_KEYS))
        self.credentials = Credentials(redis, self.data_keys)
        self.schedule = Schedule(redis)
        self.ledger = Ledger(redis, rules.budget)
        self.climates = climates = Climates(redis)
        self.stores = Stores(
            Polls(redis, Retention(30 * DAY_MS, 100_000)),
            Bodies(redis, age_ms=30 * DAY_MS),
            self.schedule,
            climates,
            Breaker(redis),
            self.ledger,
            Removals(redis, age_ms=30 * DAY_MS),
        )
        self.refresher = Refresher(Tokens(upstream, app, clock), (self.credentials, climates), clock)
        self.purse = Purse(Prices(redis))
        shared = (self.purse, Overlap(Latenesses(redis)))
        x = (self.refresher, Home(upstream, clock), Lookup(upstream, clock))
        self.poller = Poller(x, self.stores, shared, clock, rules)

    async def register(self, person, lasts_ms=LASTS_MS):
        tokens = person["oauth2"]
        expires_at_ms = self.clock.now_ms() + lasts_ms
        credential = OAuth2Credential(
            tokens["access_token"], tokens["refresh_token"], expires_at_ms, tokens["scope"]
        )
        account_id = AccountId(int(person["id"]))
        sealed = await self.credentials.seal(account_id, credential)
        await self.accounts.register(account_id, ("p", "P"), sealed, now_ms=self.clock.now_ms())
        return account_id

    async def claim(self, lease_ms=LEASE_MS):
        (lease,) = await self.schedule.claim(now_ms=self.clock.now_ms(), lease_ms=lease_ms, per_shard=1)
        return lease

    async def poll(self, lease: Lease | None = None):
        return await self.poller.poll(lease or await self.claim())


@asynccontextmanager
async def fetching(redis_url, x_url, later_ms=0, budget=UNLIMITED, clock=None, **rules):
    redis = connect(redis_url)
    try:
        async with Upstream(App(x_url), connections=60, timeout_seconds=30) as upstream:
            upstream.api_url = x_url
            chosen = replace(RULES, budget=budget, **rules)
            fetcher = Fetcher(redis, upstream, clock or Later(by_ms=later_ms), chosen)
            await fetcher.data_keys.check(redis)
            yield fetcher
    finally:
        await redis.aclose()
