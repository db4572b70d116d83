"""
The fetcher process: a dramatiq worker whose jobs share one event loop.

All of them go over one pool of connections to X and one to Redis.

To have more fetchers, run more processes. One may be killed at any line: what it
held falls due again when its leases run out.
"""

import asyncio
import signal
import threading
from contextlib import suppress

import structlog
import uvloop
from dramatiq import Worker
from dramatiq.asyncio import async_to_sync

from services.fetcher.batch import Batches
from services.fetcher.counts import CountedHome, CountedPolls, CountedTokens, Counts
from services.fetcher.keep import Stores
from services.fetcher.overlap import Overlap
from services.fetcher.poll import Poller
from services.fetcher.purse import Purse
from services.fetcher.refresh import Refresher
from services.fetcher.rules import DAY_MS, Rules
from shared import log, queue
from shared.clock import Clock
from shared.domain.mode import Mode
from shared.heartbeat import Heartbeat
from shared.metrics.served import served
from shared.parts import make_app, make_budget, make_data_keys, must_open
from shared.settings import FetcherSettings
from shared.stopping import stop_in_time
from shared.store.bodies import Bodies
from shared.store.breaker import Breaker
from shared.store.climate import Climates
from shared.store.connection import StoreError, connect
from shared.store.credentials import Credentials
from shared.store.latenesses import Latenesses
from shared.store.ledger import Ledger
from shared.store.polls import Retention
from shared.store.prices import Prices
from shared.store.removals import Removals
from shared.store.schedule import Schedule
from shared.x.lookup import Lookup
from shared.x.upstream import Upstream

_log = structlog.get_logger()

#: What is in hand is given this long when the process is asked to stop; one fetch takes at most 8 s.
STOP_MS = 8_500
#: By then nothing is in hand: the worker's threads only have to notice.
WORKER_STOP_MS = 500
#: A refresh that X is slow to answer is waited for longer: cut off, it would cost its person their sign-in.
REFRESH_STOP_MS = 28_000
#: A process that still is there after all that hangs.
LAST_STOP_SECONDS = 39

#: How often the event loop is asked whether it turns.
HEARTBEAT_SECONDS = 5


def run(settings: FetcherSettings) -> None:
    """Poll until SIGTERM or SIGINT; then finish what is in hand and let go of the rest."""
    log.configure(settings)
    must_open(settings)
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop_in_time(stop.set, LAST_STOP_SECONDS))
    heartbeat, counts = Heartbeat(settings.heartbeat_path), Counts()
    with served(settings, counts.registry, heartbeat):
        _work(settings, heartbeat, counts, stop)
    _log.info("fetcher stopped")


def _work(settings: FetcherSettings, heartbeat: Heartbeat, counts: Counts, stop: threading.Event) -> None:
    broker = queue.make_broker(settings.broker_url.get_secret_value())
    fetcher = Fetcher(settings, counts)
    queue.receive(broker, fetcher.batches.begin_all, counts.began)
    worker = Worker(broker, worker_threads=settings.fetcher_threads, worker_timeout=100)
    worker.start()
    _log.info("fetcher started", concurrency=settings.fetcher_concurrency)
    while not stop.wait(HEARTBEAT_SECONDS):
        async_to_sync(heartbeat.beat)()
        heartbeat.is_ready |= all(each.consumer for each in worker.consumers.values())
    for consumer in worker.consumers.values():
        consumer.stop()  # or it would take jobs only to let them go; paused, it stops when none come
    fetcher.refresher.draining = True
    async_to_sync(fetcher.batches.finish)(within_ms=STOP_MS)
    async_to_sync(fetcher.refresher.finish)(within_ms=REFRESH_STOP_MS)
    async_to_sync(fetcher.close)()
    worker.stop(timeout=WORKER_STOP_MS)
    broker.close()


class Fetcher:
    """What the jobs of this process share. Made on any thread, used on the worker's event loop only."""

    def __init__(self, settings: FetcherSettings, counts: Counts) -> None:
        clock = Clock(settings.clock_speed, settings.clock_origin_at_ms)
        self._redis = connect(
            settings.redis_url.get_secret_value(),
            connections=settings.fetcher_concurrency,
            on_failure=counts.redis_failed,
        )
        app = make_app(settings)
        self._upstream = Upstream(
            app, connections=settings.fetcher_concurrency, timeout_seconds=settings.x_timeout_seconds
        )
        retention = Retention(age_ms=settings.retention_days * DAY_MS, tweets=settings.retention_tweets)
        climates = Climates(self._redis)
        rules = _rules(settings)
        stores = Stores(
            CountedPolls(self._redis, retention, counts),
            Bodies(self._redis, age_ms=retention.age_ms),
            Schedule(self._redis),
            climates,
            Breaker(self._redis),
            Ledger(self._redis, rules.budget),
            Removals(self._redis, age_ms=retention.age_ms),
        )
        data_keys, _ = make_data_keys(settings, self._redis)
        credentials = Credentials(self._redis, data_keys)
        tokens = CountedTokens(self._upstream, app, clock, counts)
        self.refresher = Refresher(tokens, (credentials, climates), clock)
        self._purse = Purse(Prices(self._redis))
        shared = (self._purse, Overlap(Latenesses(self._redis)))
        home = CountedHome(self._upstream, clock, counts)
        x = (self.refresher, home, Lookup(self._upstream, clock))
        poller = Poller(x, stores, shared, clock, rules)
        self.batches = Batches(poller, clock, counts, concurrency=settings.fetcher_concurrency)
        self._clock = clock

    async def close(self) -> None:
        """Give back the requests that were taken and not made; a store that is down keeps them as spent."""
        with suppress(StoreError):
            await self._purse.close(self._clock.now_ms())


def _rules(settings: FetcherSettings) -> Rules:
    return Rules(
        lease_ms=settings.lease_seconds * 1000,
        cadence_ms=settings.cadence_seconds * 1000,
        pages=settings.pages_per_poll,
        page_size=settings.page_size,
        backfill_tweets=settings.backfill_tweets,
        budget=make_budget(settings),
        mode=Mode(settings.mode),
        dormant_ms=settings.dormant_days * DAY_MS,
        catch_up_tweets=settings.catch_up_tweets,
        check_days=settings.check_days,
    )
