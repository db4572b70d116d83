"""
Measurement 1: polls per second of one fetcher process, and what a poll costs it.

A real scheduler feeds it through RabbitMQ: more accounts are due each second than
it can poll, so the queue never runs dry. Beside it, on the same pages and the same
Valkey, the bare loop and the design of 2016, one after the other. Polls are counted
by the page server; processor time is that of the process that polls and of its
children.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench import celery_2016, crowd
from bench.cpu import cpu_seconds
from bench.ground import TWEETS, Ground, ask, ground
from bench.table import Row, spread
from shared.clock import Clock
from tests.servers.process import Process, until

#: As a fetcher has it by default.
CONCURRENCY = 100
ACCOUNTS = 3_000
_WARM_POLLS = 100


@dataclass(frozen=True, slots=True)
class Polling:
    """What one process did in a while."""

    polls_per_second: float
    cpu_ms_per_poll: float


@dataclass(frozen=True, slots=True)
class Rates:
    """What the fetcher and its two yardsticks did, run by run."""

    roost: list[Polling]
    bare: list[Polling]
    celery: list[Polling]


def measure(runs: int, seconds: float) -> list[Row]:
    """Let each poll for a while, in turn, as many times as wanted."""
    rates = Rates([], [], [])
    with ground() as place:
        pages, broker = place.pages(TWEETS), place.rabbitmq().url
        for _ in range(runs):
            rates.roost.append(_fetcher(place, pages, broker, seconds))
            rates.bare.append(_bare(place, pages, seconds))
            rates.celery.append(_celery(place, pages, broker, seconds))
    return _rows(rates)


def _fetcher(place: Ground, pages: str, broker: str, seconds: float) -> Polling:
    with _crowded_redis(place) as redis_url:
        common = {"redis_url": redis_url, "broker_url": broker, "lease_seconds": 60}
        scheduler = place.roost("scheduler", **common)
        fetcher = place.roost(
            "fetcher",
            **common,
            x_api_url=pages,
            fetcher_concurrency=CONCURRENCY,
            cadence_seconds=1,
            mode="archive",
        )
        try:
            return _watch(fetcher, pages, seconds)
        finally:
            scheduler.stop()
            fetcher.stop()


def _bare(place: Ground, pages: str, seconds: float) -> Polling:
    with _crowded_redis(place) as redis_url:
        loop = place.program("-m", "bench.bare_loop", pages, redis_url, CONCURRENCY, ACCOUNTS)
        try:
            return _watch(loop, pages, seconds)
        finally:
            loop.kill()


def _celery(place: Ground, pages: str, broker: str, seconds: float) -> Polling:
    with _crowded_redis(place) as redis_url:
        app = celery_2016.make_app(broker)
        worker = place.program(
            "-m", "bench.celery_2016", broker, pages, redis_url, "worker", "--loglevel=warning"
        )
        try:
            for account_id in crowd.people(ACCOUNTS):
                app.send_task(celery_2016.TASK, (account_id,))
            return _watch(worker, pages, seconds)
        finally:
            worker.stop()
            app.control.purge()
            app.close()


@contextmanager
def _crowded_redis(place: Ground) -> Iterator[str]:
    server = place.redis()
    crowd.register(server.url, crowd.people(ACCOUNTS), Clock().now_ms(), within_ms=0, timelines=True)
    yield server.url
    server.stop()


def _watch(process: Process, pages: str, seconds: float) -> Polling:
    """Count what a process polls in a while, once it is under way."""
    clock, before = Clock(), _count(pages)
    process.wait_until(lambda: _count(pages) > before + _WARM_POLLS)
    assert process.pid, process.output()
    polls, cpu, at_ms = _count(pages), cpu_seconds(process.pid), clock.now_ms()
    until(lambda: clock.now_ms() >= at_ms + seconds * 1000, seconds=2 * seconds)
    assert process.pid, process.output()
    polls, cpu = _count(pages) - polls, cpu_seconds(process.pid) - cpu
    return Polling(polls * 1000 / (clock.now_ms() - at_ms), cpu * 1000 / polls)


def _count(pages: str) -> int:
    return int(ask(f"{pages}/count"))


def _rows(rates: Rates) -> list[Row]:
    roost, bare, celery = (spread([each.polls_per_second for each in one]) for one in _each(rates))
    ours, least, theirs = (spread([each.cpu_ms_per_poll for each in one]) for one in _each(rates))
    faster = f"{roost.middle / bare.middle:.2f}"
    cheaper = f"{theirs.middle / ours.middle:.1f} times fewer"
    return [
        Row(
            f"1  polls/s, one process, {TWEETS} new tweets each",
            str(roost),
            f"bare loop {bare}",
            faster,
            "≥ 0.5",
        ),
        Row("   CPU seconds for 1,000 polls", str(ours), f"bare loop {least}"),
        Row("   polls/s, one process or one worker", str(roost), f"2016 design {celery}"),
        Row("   CPU seconds for 1,000 polls", str(ours), f"2016 design {theirs}", cheaper, "≥ 10 times"),
    ]


def _each(rates: Rates) -> tuple[list[Polling], list[Polling], list[Polling]]:
    return rates.roost, rates.bare, rates.celery
