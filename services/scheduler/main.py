"""
The scheduler process: tick until told to stop.

It keeps nothing: it may be killed at any line, and any number of it may run.
"""

import asyncio
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog
import uvloop

from services.scheduler.counts import Counts
from services.scheduler.pricing import Pricing
from services.scheduler.tick import X_UNAVAILABLE, Rules, Ticked, Ticker
from shared import log, queue
from shared.clock import Clock
from shared.domain.price import Price
from shared.heartbeat import Heartbeat
from shared.metrics.served import served
from shared.settings import SchedulerSettings
from shared.stopping import stop_in_time
from shared.store.connection import connect
from shared.store.gate import Gate
from shared.store.prices import Prices
from shared.store.schedule import Schedule

_log = structlog.get_logger()

#: After a fault of Redis or the broker the next tick waits, longer each time up to this.
_FAULT_CAP_MS = 5_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast to tick, by which clock, and what shows that it goes on and what it does."""

    clock: Clock
    heartbeat: Heartbeat
    counts: Counts
    tick_ms: int


def run(settings: SchedulerSettings) -> None:
    """Tick until SIGTERM or SIGINT; an interrupted tick loses nothing."""
    log.configure(settings)
    broker = queue.make_broker(settings.broker_url.get_secret_value())
    uvloop.run(serve(settings, broker))


async def serve(settings: SchedulerSettings, broker: queue.Broker) -> None:
    """Tick until SIGTERM or SIGINT, and send the jobs to this broker."""
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop_in_time, stop.set)
    clock = Clock(settings.clock_speed, settings.clock_origin_at_ms)
    counts = Counts()
    redis = connect(settings.redis_url.get_secret_value(), on_failure=counts.redis_failed)
    pace = Pace(clock, Heartbeat(settings.heartbeat_path), counts, settings.tick_ms)
    # Where time runs fast, a tick takes long.
    schedule, gate = Schedule(redis), Gate(redis, burst_ms=int(1000 * max(1.0, clock.speed / 10)))
    cadence_ms, daily = settings.cadence_seconds * 1000, settings.requests_daily
    pricing = Pricing(schedule, Prices(redis), clock, cadence_ms=cadence_ms, daily=daily)
    rules = Rules(
        lease_ms=settings.lease_seconds * 1000,
        claims_per_shard=settings.claims_per_shard,
        jobs_per_message=settings.jobs_per_message,
        queue_max_messages=settings.queue_max_messages,
    )
    # One thread speaks to the broker: its connections belong to the thread that made them.
    with (
        served(settings, counts.registry, pace.heartbeat),
        ThreadPoolExecutor(1, thread_name_prefix="publisher") as publisher,
    ):
        ticker = Ticker((schedule, gate), broker, publisher, clock, rules)
        try:
            await _tick_until(stop, (ticker, pricing), pace)
        finally:
            publisher.submit(broker.close).result()
            await redis.aclose()


async def _tick_until(stop: asyncio.Event, parts: tuple[Ticker, Pricing], pace: Pace) -> None:
    (ticker, pricing), clock, tick_ms = parts, pace.clock, pace.tick_ms
    _log.info("scheduler started", tick_ms=tick_ms)
    faults, held_back = 0, None
    while not stop.is_set():
        await pace.heartbeat.beat()
        began_ms = clock.now_ms()
        try:
            ticked = await ticker.tick()
            # While nobody may be polled, what is not spent says nothing.
            price = None if ticked.held_back else await pricing.adjust()
        except Exception as fault:  # the top of this process: whatever was claimed falls due again
            faults += 1
            pace.counts.tick_failed()
            # Schedulers that lost the same node do not come back to the others all at once.
            wait_ms = round(min(_FAULT_CAP_MS, tick_ms * 2**faults) * random.uniform(0.5, 1.5))  # noqa: S311 (to spread)
            _log.warning("tick failed", fault=f"{type(fault).__name__}: {fault}", next_in_ms=wait_ms)
            await _wait(stop, clock, wait_ms)
            continue
        faults, pace.heartbeat.is_ready = 0, True
        took_ms = clock.now_ms() - began_ms
        pace.counts.ticked(ticked, took_ms)
        _tell(ticked, held_back, took_ms)
        _tell_price(price)
        held_back = ticked.held_back
        await _wait(stop, clock, 0 if ticked.full else tick_ms - (clock.now_ms() - began_ms))
    _log.info("scheduler stopped")


def _tell(ticked: Ticked, held_back_before: str | None, took_ms: int) -> None:
    """Log what a tick did; one that had nothing to do goes without a line."""
    if ticked.held_back != held_back_before:
        if X_UNAVAILABLE in (ticked.held_back, held_back_before):
            _log.warning("breaker open" if ticked.held_back == X_UNAVAILABLE else "breaker closed")
        if ticked.held_back:
            _log.warning("tick held back", reason=ticked.held_back)
    if ticked.jobs:
        _log.info("tick", jobs=ticked.jobs, messages=ticked.messages, took_ms=took_ms)


def _tell_price(price: Price | None) -> None:
    """Log a price that was adjusted."""
    if price:
        _log.info(
            "price",
            value=float(f"{price.value:.4g}"),
            rate=round(price.rate, 3),
            spending=round(price.spending, 3),
        )


async def _wait(stop: asyncio.Event, clock: Clock, duration_ms: int) -> None:
    try:
        async with asyncio.timeout(max(0, duration_ms) / 1000 / clock.speed):
            await stop.wait()
    except TimeoutError:
        return
