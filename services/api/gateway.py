"""What the routes share: the stores, X's word on who somebody is, the clock. Made once, closed once."""

from dataclasses import dataclass
from typing import Self

from shared.clock import Clock
from shared.settings import ApiSettings
from shared.store.accounts import Accounts
from shared.store.bodies import Bodies
from shared.store.connection import Connection, connect
from shared.store.sessions import Sessions
from shared.store.timelines import Timelines
from shared.store.verifications import Verifications
from shared.x.me import Me
from shared.x.upstream import App, Upstream

DAY_MS = 24 * 3600 * 1000
#: The gateway asks X only when somebody registers.
_X_CONNECTIONS = 20


@dataclass(frozen=True, slots=True)
class Gateway:
    """Everything a request may need."""

    clock: Clock
    accounts: Accounts
    sessions: Sessions
    timelines: Timelines
    bodies: Bodies
    verifications: Verifications
    me: Me
    session_ms: int
    stale_ms: int
    redis: Connection
    upstream: Upstream

    @classmethod
    def open(cls, settings: ApiSettings) -> Self:
        """Make it from the settings; nothing is connected before the first request."""
        clock = Clock(settings.clock_speed, settings.clock_origin_at_ms)
        redis = connect(settings.redis_url.get_secret_value())
        app = App(settings.x_api_url, settings.x_consumer_key, settings.x_consumer_secret.get_secret_value())
        upstream = Upstream(app, connections=_X_CONNECTIONS, timeout_seconds=settings.x_timeout_seconds)
        return cls(
            clock=clock,
            accounts=Accounts(redis),
            sessions=Sessions(redis),
            timelines=Timelines(redis),
            bodies=Bodies(
                redis,
                age_ms=settings.retention_days * DAY_MS,
                shelf_bytes=settings.api_cache_megabytes * 1_000_000,
            ),
            verifications=Verifications(redis),
            me=Me(upstream, clock),
            session_ms=settings.session_days * DAY_MS,
            stale_ms=settings.stale_seconds * 1000,
            redis=redis,
            upstream=upstream,
        )

    async def close(self) -> None:
        """Close every connection."""
        await self.upstream.close()
        await self.redis.aclose()
