"""What the routes share: the stores, X's word on who somebody is, the clock. Made once, closed once."""

from dataclasses import dataclass
from typing import Self

from services.api.counts import Counts
from services.api.stream.listeners import Listeners
from services.api.tries import Guard
from shared.clock import Clock
from shared.domain.mode import Mode
from shared.domain.money import Budget
from shared.parts import make_app, make_budget, make_data_keys
from shared.settings import ApiSettings, listed
from shared.store.accounts import Accounts
from shared.store.arrivals import Arrivals
from shared.store.bodies import Bodies
from shared.store.breaker import Breaker
from shared.store.climate import Climates
from shared.store.connection import Connection, connect
from shared.store.credentials import Credentials
from shared.store.latenesses import Latenesses
from shared.store.ledger import Ledger
from shared.store.logins import Logins
from shared.store.notices import Notices
from shared.store.prices import Prices
from shared.store.schedule import Schedule
from shared.store.sessions import Sessions
from shared.store.signers import Signers
from shared.store.timelines import Timelines
from shared.store.tries import Tries
from shared.store.verifications import Verifications
from shared.x.consent import OAuth1Consent, OAuth2Consent
from shared.x.me import Me
from shared.x.tokens import Tokens
from shared.x.upstream import Upstream

DAY_MS = 24 * 3600 * 1000
#: The gateway asks X only when somebody registers.
_X_CONNECTIONS = 20


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator has chosen: how long things hold, how often one may ask, what is offered."""

    session_ms: int
    fresh_ms: int
    stale_ms: int
    calls_limit: int
    heartbeat_seconds: int
    stream_ms: int
    mode: Mode
    modes_offered: frozenset[Mode]

    @classmethod
    def of(cls, settings: ApiSettings) -> Self:
        """Take them from the settings."""
        return cls(
            session_ms=settings.session_days * DAY_MS,
            fresh_ms=settings.fresh_seconds * 1000,
            stale_ms=settings.stale_seconds * 1000,
            calls_limit=settings.calls_limit,
            heartbeat_seconds=settings.stream_heartbeat_seconds,
            stream_ms=settings.stream_lifetime_seconds * 1000,
            mode=Mode(settings.mode),
            modes_offered=frozenset(Mode(each) for each in listed(settings.modes_offered)),
        )


@dataclass(frozen=True, slots=True)
class Gateway:
    """Everything a request may need."""

    clock: Clock
    counts: Counts
    accounts: Accounts
    credentials: Credentials
    climates: Climates
    breaker: Breaker
    prices: Prices
    latenesses: Latenesses
    sessions: Sessions
    signers: Signers
    guard: Guard
    timelines: Timelines
    arrivals: Arrivals
    listeners: Listeners
    bodies: Bodies
    verifications: Verifications
    me: Me
    tokens: Tokens
    oauth2: OAuth2Consent | None
    oauth1: OAuth1Consent | None
    logins: Logins
    ledger: Ledger
    budget: Budget
    public_url: str
    rules: Rules
    schedule: Schedule
    notices: Notices
    redis: Connection
    keys_redis: Connection
    upstream: Upstream

    @classmethod
    def open(cls, settings: ApiSettings, listeners: Listeners, counts: Counts) -> Self:
        """Make it from the settings; nothing is connected before the first request."""
        clock = Clock(settings.clock_speed, settings.clock_origin_at_ms)
        redis = connect(settings.redis_url.get_secret_value(), on_failure=counts.redis_failed)
        app = make_app(settings)
        upstream = Upstream(app, connections=_X_CONNECTIONS, timeout_seconds=settings.x_timeout_seconds)
        tokens, budget = Tokens(upstream, app, clock), make_budget(settings)
        data_keys, keys_redis = make_data_keys(settings, redis)
        return cls(
            clock=clock,
            counts=counts,
            accounts=Accounts(redis),
            credentials=Credentials(redis, data_keys),
            climates=Climates(redis),
            breaker=Breaker(redis),
            prices=Prices(redis),
            latenesses=Latenesses(redis),
            sessions=Sessions(redis, settings.calls_limit),
            signers=Signers(redis, data_keys),
            guard=Guard(Tries(redis)),
            timelines=Timelines(redis, settings.calls_limit),
            arrivals=Arrivals(redis),
            listeners=listeners,
            bodies=_bodies(redis, settings),
            verifications=Verifications(redis),
            me=Me(upstream, clock),
            tokens=tokens,
            oauth2=OAuth2Consent(tokens, app) if app.client_id else None,
            oauth1=OAuth1Consent(upstream, app) if app.consumer_key else None,
            logins=Logins(redis),
            ledger=Ledger(redis, budget),
            budget=budget,
            public_url=settings.public_url,
            rules=Rules.of(settings),
            schedule=Schedule(redis),
            notices=Notices(redis),
            redis=redis,
            keys_redis=keys_redis,
            upstream=upstream,
        )

    async def close(self) -> None:
        """Close every connection."""
        await self.notices.close()
        await self.upstream.close()
        await self.redis.aclose()
        await self.keys_redis.aclose()


def _bodies(redis: Connection, settings: ApiSettings) -> Bodies:
    shelf_bytes = settings.api_cache_megabytes * 1_000_000
    return Bodies(redis, age_ms=settings.retention_days * DAY_MS, shelf_bytes=shelf_bytes)
