"""Say whether the process is alive, whether it can do its work, and how things stand."""

import asyncio

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from services.api.gateway import Gateway
from shared.domain.overlap import NOTHING_SEEN, late_ms
from shared.metrics import stored
from shared.store.connection import Connection, StoreError
from shared.store.keys import KEY_MARK

#: A probe that waits longer than its prober says nothing.
_PATIENCE_SECONDS = 2
#: Prometheus waits 10 s for all that is shown, and then has none of it; each call of Redis may take 5 s.
_SCRAPE_SECONDS = 8


async def live(_: Request) -> Response:
    """Answer `GET /livez`: the event loop turns."""
    return _answer(200, {"live": True})


async def ready(request: Request) -> Response:
    """
    Answer `GET /readyz`: 503 while Redis does not answer, and of each dependency how it is.

    The data keys' Redis alone makes nobody unready: it is the same for all gateways, and timelines are
    served without it.
    """
    gateway: Gateway = request.app.state.gateway
    asked = {"redis": await _asked(gateway.redis)}
    if gateway.keys_redis is not gateway.redis:
        asked["keys"] = await _asked(gateway.keys_redis)
    is_ready = asked["redis"] == "ok"
    return _answer(200 if is_ready else 503, {"ready": is_ready, "dependencies": asked})


async def measure(request: Request) -> Response:
    """Answer `GET /metrics`, for Prometheus: what is read from Redis, and what this process counts."""
    gateway: Gateway = request.app.state.gateway
    gateway.counts.listening(gateway.listeners.count())
    try:
        async with asyncio.timeout(_SCRAPE_SECONDS):
            found = await _find(gateway, gateway.clock.now_ms())
    except (StoreError, TimeoutError):
        found = None  # that it is so, and since when, is told by what is counted here
    return Response(stored.write(gateway.counts.registry, found), media_type=stored.CONTENT_TYPE)


async def _find(gateway: Gateway, now_ms: int) -> stored.Stored:
    climate, spent = await gateway.climates.now(now_ms=now_ms), await gateway.ledger.spent(now_ms=now_ms)
    engine = stored.Engine(
        await gateway.prices.now(),
        await gateway.prices.left(now_ms=now_ms),
        await gateway.schedule.overdue_ms(now_ms=now_ms),
        late_ms(await gateway.latenesses.share(NOTHING_SEEN, now_ms=now_ms)),
        await gateway.breaker.is_open(),
        await gateway.breaker.stopped(),
    )
    return stored.Stored(climate, stored.Money(gateway.budget, spent, now_ms), engine)


async def _asked(redis: Connection) -> str:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await redis.exists(KEY_MARK)  # a cluster answers if the node does that has this key
    except (StoreError, TimeoutError, OSError) as fault:
        return f"down: {type(fault).__name__}"
    return "ok"


def _answer(status: int, body: dict[str, object]) -> Response:
    return Response(msgspec.json.encode(body), status, {"cache-control": "no-store"}, "application/json")
