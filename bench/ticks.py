"""
What a tick costs where few accounts are registered and where many are, with the same number due.

By itself: the same claims, beginnings and settlings on either store, in turn, again and again, as a scheduler
and fetchers make them. And in life: a scheduler and the settler, which polls nothing, for a while.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from typing import TypeVar

import msgspec

from bench.ground import Ground
from bench.meters import Reading, Store, Watch
from bench.registered import Plan
from shared.clock import Clock
from shared.domain.account import AccountId, shard_of
from shared.domain.lease import Lease
from shared.store import keys
from shared.store.connection import Connection, connect
from shared.store.polls import Begun, Ended, Polls, Retention
from shared.store.schedule import Schedule
from tests.servers.process import Process
from tests.servers.rabbitmq import LocalRabbitMQ, clear

T = TypeVar("T")

#: So many are due at each claim, and so many of a shard may be claimed.
DUE = 500
_PER_SHARD = 100
_LEASE_MS = 60_000
_LATER_MS = 3600 * 1000
_RETENTION = Retention(age_ms=30 * 24 * 3600 * 1000, tweets=3200)
_LOOK_EVERY_MS = 50
_WARM_MS = 3_000


@dataclass(frozen=True, slots=True)
class Steps:
    """Milliseconds that each step took, pass by pass; and of Redis, for one account, in scripts."""

    claim_ms: list[float] = field(default_factory=list)
    claim_us: list[float] = field(default_factory=list)
    poll_us: list[float] = field(default_factory=list)
    nothing_ms: list[float] = field(default_factory=list)
    counted_ms: list[float] = field(default_factory=list)
    overdue_ms: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Life:
    """What a scheduler did in a while: processor time for one tick, its own and the store's; lateness."""

    jobs_per_second: float
    scheduler_ms: float
    store_ms: float
    p50_ms: float
    p99_ms: float


async def take_steps(stores: Sequence[tuple[Store, list[AccountId]]], passes: int) -> list[Steps]:
    """Take the same steps on each store, in turn; each has these accounts awake."""
    told = [Steps() for _ in stores]
    chance = random.Random(1)  # noqa: S311 (repeatable, not secret)
    for number in range(passes + 1):
        for steps, (store, awake) in zip(told, stores, strict=True):
            due = chance.sample(awake, min(DUE, len(awake)))
            async with connect(store.url) as redis:
                # The first pass only warms: scripts are sent, and memory is touched.
                await _pass(redis, store, due, steps if number else Steps())
    return told


async def _pass(redis: Connection, store: Store, due: list[AccountId], steps: Steps) -> None:
    """Have these accounts fall due, claim them and settle their polls; then let nobody be due."""
    schedule, now_ms = Schedule(redis), Clock().now_ms()
    await redis.ask_all([("ZADD", keys.due(shard_of(each)), now_ms - 1_000, each) for each in due])
    claim = {"now_ms": now_ms, "lease_ms": _LEASE_MS, "per_shard": _PER_SHARD}
    before = store.read()
    took_ms, leases = await _timed(schedule.claim(**claim))
    steps.claim_us.append(_us(store, before, len(due)))
    steps.claim_ms.append(took_ms)
    assert len(leases) == len(due), f"{len(leases)} were claimed where {len(due)} were due"
    before = store.read()
    await _begin_and_settle(redis, leases, now_ms)
    steps.poll_us.append(_us(store, before, len(due)))
    steps.nothing_ms.append((await _timed(schedule.claim(**claim)))[0])
    steps.counted_ms.append((await _timed(schedule.count_awake()))[0])
    steps.overdue_ms.append((await _timed(schedule.overdue_ms(now_ms=now_ms)))[0])


async def _begin_and_settle(redis: Connection, leases: Sequence[Lease], now_ms: int) -> None:
    polls = Polls(redis, _RETENTION)
    begun = await asyncio.gather(*(polls.begin(each, now_ms=now_ms, lease_ms=_LEASE_MS) for each in leases))
    ended = Ended("unavailable", 0, None, unsent=True)
    held = [each.lease for each in begun if isinstance(each, Begun)]
    assert len(held) == len(leases), f"{len(held)} polls began where {len(leases)} were claimed"
    settling = (polls.settle(each, ended, due_at_ms=now_ms + _LATER_MS) for each in held)
    await asyncio.gather(*settling)


def live(place: Ground, store: Store, broker: LocalRabbitMQ, plan: Plan, seconds: float) -> Life:
    """Let a scheduler tick for a while over accounts that fall due evenly and are settled at once."""
    settler = place.program("-m", "bench.settler", broker.url, store.url, plan.cadence_ms)
    scheduler = place.roost("scheduler", redis_url=store.url, broker_url=broker.url)
    scheduler.wait_until(lambda: _told(scheduler) != [])
    assert scheduler.pid, scheduler.output()
    watch = Watch(store, {"scheduler": scheduler.pid})
    asyncio.run(_look(store.url, _WARM_MS / 1000))
    ticks, jobs = len(_told(scheduler)), sum(_told(scheduler))
    watch.begin()
    late = asyncio.run(_look(store.url, seconds))
    spent, cpu = watch.end()
    ticks, jobs = len(_told(scheduler)) - ticks, sum(_told(scheduler)) - jobs
    for each in (scheduler, settler):
        assert each.pid, each.output()
        each.kill()
    clear(broker.url)
    assert jobs > plan.awake * seconds * 1000 / plan.cadence_ms / 2, f"only {jobs} jobs were sent"
    cuts = quantiles(late, n=100)
    each_tick = 1000 / ticks
    return Life(
        jobs / seconds, cpu["scheduler"] * each_tick, spent.cpu_seconds * each_tick, cuts[49], cuts[98]
    )


async def _look(url: str, seconds: float) -> list[int]:
    clock, late = Clock(), list[int]()
    end_ms = clock.now_ms() + seconds * 1000
    async with connect(url) as redis:
        schedule = Schedule(redis)
        while clock.now_ms() < end_ms:
            late.append(await schedule.overdue_ms(now_ms=clock.now_ms()))
            await clock.sleep_ms(_LOOK_EVERY_MS)
    return late


def _told(scheduler: Process) -> list[int]:
    """List how many jobs each tick sent, as the log tells it; a tick without any is not told."""
    lines = [line for line in scheduler.log.read_bytes().splitlines() if line.endswith(b"}")]
    told = [msgspec.json.decode(line) for line in lines]
    return [each["jobs"] for each in told if each["event"] == "tick"]


def _us(store: Store, before: Reading, count: int) -> float:
    return store.read().since(before).script_us / count


async def _timed(waiting: Awaitable[T]) -> tuple[float, T]:
    began = time.perf_counter()
    result = await waiting
    return (time.perf_counter() - began) * 1000, result
