"""
Measurement 6: what a poll, a page, a tweet and an idle account cost, and that a tick costs what is due.

The same number of accounts is due on two servers of one run: one has ten thousand registered, the other a
million, nearly all asleep; with --quick a hundred thousand. Nobody polls them: who is claimed is settled.
Polls and pages are measured on servers of their own. docs/capacity.md says what follows for N accounts.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench import beside, spending, ticks, timelines, wrk
from bench.ground import Ground, ground
from bench.ledgers import app_us
from bench.meters import one_server
from bench.registered import Plan, fall_due, register, rewrite_file
from bench.spending import Cost
from bench.table import Row, spread
from bench.ticks import DUE, Life, Steps
from shared.clock import Clock

_WHOLE, _QUICK = (10_000, 1_000_000), (10_000, 100_000)
_AWAKE, _CADENCE_MS = 5_000, 10_000
#: A poll with one new tweet, and one with so many more.
_MORE_TWEETS = 20
#: What is due at first falls due when its steps are taken, not before.
_FAR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Registered:
    """What so many accounts took: bytes of each, seconds until all are read again after a crash."""

    count: int
    bytes_each: float
    loaded_seconds: float
    steps: Steps
    lives: list[Life]


def measure(runs: int, seconds: float) -> list[Row]:
    """Measure all of it."""
    counts = _WHOLE if runs > 1 else _QUICK
    with ground() as place:
        rows = _spending_rows(place, runs, seconds)
    with ground() as place:
        few, many = _registered(place, counts, runs, seconds)
    return [*rows, *_account_rows(many), *_tick_rows(few, many)]


def _spending_rows(place: Ground, runs: int, seconds: float) -> list[Row]:
    broker = place.rabbitmq()
    little: list[Cost] = []
    much: list[Cost] = []
    pages: list[Cost] = []
    for _ in range(runs):
        store = one_server(place.redis().url)
        little.append(spending.poll(place, store, broker, 1, seconds))
        much.append(spending.poll(place, store, broker, 1 + _MORE_TWEETS, seconds))
        if wrk.found():
            pages.append(spending.page(place, store, seconds))
    return [*_poll_rows(little), *_tweet_rows(little, much), *_page_rows(pages), _app_row(place)]


def _registered(place: Ground, counts: Sequence[int], runs: int, seconds: float) -> list[Registered]:
    servers = [place.redis() for _ in counts]
    stores = [one_server(each.url) for each in servers]
    plans = [Plan(count, _AWAKE, _CADENCE_MS) for count in counts]
    empty = [each.read().used_memory for each in stores]
    now_ms = Clock().now_ms()
    awake = [register(store.url, plan, now_ms + _FAR_MS) for store, plan in zip(stores, plans, strict=True)]
    grown = [store.read().used_memory - before for store, before in zip(stores, empty, strict=True)]
    for store in stores:
        rewrite_file(store.url)
    steps = asyncio.run(ticks.take_steps(list(zip(stores, awake, strict=True)), 10 * runs))
    broker = place.rabbitmq()
    lives: list[list[Life]] = [[] for _ in counts]
    for _ in range(runs):
        for life, store, plan, due in zip(lives, stores, plans, awake, strict=True):
            fall_due(store.url, due, plan, Clock().now_ms() + 1_000)
            life.append(ticks.live(place, store, broker, plan, seconds))
            fall_due(store.url, due, plan, Clock().now_ms() + _FAR_MS)
    loaded = []
    for server in servers:
        server.kill()
        began = time.perf_counter()
        server.start()
        loaded.append(time.perf_counter() - began)
    figures = zip(counts, grown, loaded, steps, lives, strict=True)
    return [Registered(count, size / count, took, step, life) for count, size, took, step, life in figures]


def _poll_rows(polls: list[Cost]) -> list[Row]:
    return [
        Row("6  ms of a fetcher for a poll, 1 new tweet", _spread(polls, lambda each: each.ms("fetcher"))),
        Row("   ms of a scheduler for a poll", _spread(polls, lambda each: each.ms("scheduler"))),
        Row("   ms of RabbitMQ for a poll", _spread(polls, lambda each: each.ms("broker"))),
        Row("   messages for a poll", _spread(polls, lambda each: each.messages)),
        Row("   ms of Redis for a poll", _spread(polls, lambda each: each.store_ms)),
        *_count_rows("a poll", polls),
    ]


def _tweet_rows(little: list[Cost], much: list[Cost]) -> list[Row]:
    def more(figure: Callable[[Cost], float]) -> str:
        pairs = zip(little, much, strict=True)
        return str(spread([(figure(two) - figure(one)) / _MORE_TWEETS for one, two in pairs]))

    return [
        Row("   ms of a fetcher for one tweet more", more(lambda each: each.ms("fetcher"))),
        Row("   ms of Redis for one tweet more", more(lambda each: each.store_ms)),
        Row("   commands of Redis for one tweet more", more(lambda each: each.store.commands)),
    ]


def _page_rows(pages: list[Cost]) -> list[Row]:
    if not pages:
        return [Row("   a page", "not measured: apt-get install wrk")]
    return [
        Row("   ms of a gateway for a page of 50", _spread(pages, lambda each: each.ms("gateway"))),
        Row("   ms of Redis for a page", _spread(pages, lambda each: each.store_ms)),
        *_count_rows("a page", pages),
    ]


def _count_rows(what: str, costs: list[Cost]) -> list[Row]:
    return [
        Row(
            f"   commands of Redis for {what}, those in scripts too",
            _spread(costs, lambda each: each.store.commands),
        ),
        Row(f"   read events of Redis for {what}", _spread(costs, lambda each: each.store.reads)),
        Row(
            f"   kB to and from Redis for {what}",
            f"{_spread(costs, lambda each: each.store.bytes_in / 1000)} to\n"
            f"{_spread(costs, lambda each: each.store.bytes_out / 1000)} from",
        ),
    ]


def _app_row(place: Ground) -> Row:
    return Row("   µs of the {app} node for a page, with a money budget", f"{app_us(place.redis().url):.1f}")


def _account_rows(many: Registered) -> list[Row]:
    with ground() as place:
        kept, around = timelines.measure(place.redis().url), beside.measure(place.redis().url)
    return [
        Row(
            f"   bytes of an idle account, of {many.count:,}, without its timeline", f"{many.bytes_each:,.0f}"
        ),
        Row("   bytes of a session", f"{around.session:,.0f}"),
        Row("   bytes of an arrival, of 200 that are kept", f"{around.arrival:.1f}"),
        Row("   bytes of each tweet that it tells of", f"{around.told:.1f}"),
        *(Row(f"   bytes of a timeline of {each.tweets:,}", f"{each.size:,}") for each in kept),
        *(Row(f"   µs to add 5 tweets to one of {each.tweets:,}", f"{each.adding_us:.1f}") for each in kept),
        Row(f"   s until {many.count:,} accounts are read again after a crash", f"{many.loaded_seconds:.1f}"),
    ]


def _tick_rows(few: Registered, many: Registered) -> list[Row]:
    def steps(what: str, name: str, aim: str = "") -> Row:
        ours, theirs = (spread(getattr(each.steps, name)) for each in (many, few))
        return Row(what, str(ours), f"{few.count:,}: {theirs}", f"{ours.middle / theirs.middle:.2f}", aim)

    def lives(what: str, name: str, aim: str = "") -> Row:
        ours, theirs = (spread([getattr(life, name) for life in each.lives]) for each in (many, few))
        return Row(what, str(ours), f"{few.count:,}: {theirs}", f"{ours.middle / theirs.middle:.2f}", aim)

    return [
        steps(f"   ms to claim {DUE} of {many.count:,} registered", "claim_ms", "near 1"),
        steps("   µs of Redis for each of them", "claim_us", "near 1"),
        steps("   µs of Redis to begin and settle its poll", "poll_us", "near 1"),
        steps("   ms to claim when nobody is due", "nothing_ms", "near 1"),
        steps("   ms to count who is awake, once a minute", "counted_ms", "near 1"),
        steps("   ms to find the most overdue", "overdue_ms", "near 1"),
        lives(
            f"   ms of a scheduler for a tick, {_AWAKE * 1000 // _CADENCE_MS} due a second",
            "scheduler_ms",
            "near 1",
        ),
        lives("   ms of Redis for it, with settling", "store_ms", "near 1"),
        lives("   ms late, p50", "p50_ms"),
        lives("   ms late, p99", "p99_ms", "p99 < 1,000"),
    ]


def _spread(costs: list[Cost], figure: Callable[[Cost], float]) -> str:
    return str(spread([figure(each) for each in costs]))
