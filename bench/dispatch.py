"""
Measurement 2: how fast one scheduler sends jobs, and how late the most overdue account is.

Jobs per second: all accounts are due at once, and nobody takes their jobs: each is
claimed once and lies in the broker. Lateness: accounts fall due evenly over a
cadence of 60 s and a settler takes their jobs and settles them, but polls nothing;
so this is what the scheduler adds, not what fetchers add when they are too few.
"""

import asyncio
from statistics import quantiles

import msgspec

from bench import crowd
from bench.ground import Ground, ground
from bench.table import Row, spread
from shared.clock import Clock
from shared.store.connection import connect
from shared.store.schedule import Schedule
from tests.servers.process import Process, until

COUNTS = (10_000, 100_000)
CADENCE_MS = 60_000
_LOOK_EVERY_MS = 50
_WARM_MS = 3_000


def measure(runs: int, seconds: float) -> list[Row]:
    """Measure both, for a small and a large number of accounts."""
    rows: list[Row] = []
    with ground() as place:
        for count in COUNTS:
            rates = [_jobs_per_second(place, count) for _ in range(runs)]
            late = [_lateness_ms(place, count, seconds) for _ in range(runs)]
            rows += _rows(count, rates, late)
    return rows


def _jobs_per_second(place: Ground, count: int) -> float:
    """Send the jobs of accounts that are all due, as the scheduler's log tells it."""
    redis, broker = place.redis(), place.rabbitmq()
    crowd.register(redis.url, crowd.people(count), Clock().now_ms(), within_ms=0, timelines=False)
    scheduler = place.roost(
        "scheduler",
        redis_url=redis.url,
        broker_url=broker.url,
        lease_seconds=600,
        queue_max_messages=2 * count // 50,  # nobody takes them
    )
    until(lambda: sum(each["jobs"] for each in _ticks(scheduler)) >= count, seconds=120)
    ticks = _ticks(scheduler)
    scheduler.stop()
    broker.stop()
    redis.stop()
    return count * 1000 / sum(each["took_ms"] for each in ticks)


def _lateness_ms(place: Ground, count: int, seconds: float) -> list[int]:
    """Look again and again by how much the most overdue account is late."""
    redis, broker = place.redis(), place.rabbitmq()
    crowd.register(
        redis.url, crowd.people(count), Clock().now_ms() + 2_000, within_ms=CADENCE_MS, timelines=False
    )
    settler = place.program("-m", "bench.settler", broker.url, redis.url, CADENCE_MS)
    scheduler = place.roost("scheduler", redis_url=redis.url, broker_url=broker.url)
    late = asyncio.run(_look(redis.url, seconds))
    sent, due = (
        sum(each["jobs"] for each in _ticks(scheduler)),
        count * (seconds * 1000 + _WARM_MS) / CADENCE_MS,
    )
    for each in (scheduler, settler):
        assert each.pid, each.output()
        each.kill()
    assert sent > due / 2, f"only {sent} jobs were sent where {due:.0f} accounts fell due"
    broker.stop()
    redis.stop()
    return late


async def _look(url: str, seconds: float) -> list[int]:
    redis, clock, late = connect(url), Clock(), []
    await clock.sleep_ms(_WARM_MS)
    end_ms = clock.now_ms() + seconds * 1000
    schedule = Schedule(redis)
    while clock.now_ms() < end_ms:
        late.append(await schedule.overdue_ms(now_ms=clock.now_ms()))
        await clock.sleep_ms(_LOOK_EVERY_MS)
    await redis.aclose()
    return late


def _ticks(scheduler: Process) -> list[dict[str, int]]:
    lines = scheduler.log.read_bytes().splitlines()
    told = [msgspec.json.decode(line) for line in lines if line.endswith(b"}")]
    return [each for each in told if each["event"] == "tick"]


def _rows(count: int, rates: list[float], late: list[list[int]]) -> list[Row]:
    middles, ends, worsts = zip(*(_percentiles(each) for each in late), strict=True)
    return [
        Row(f"2  jobs/s, {count:,} accounts due at once", str(spread(rates)), aim="≥ 5,000"),
        Row(
            f"   ms late, {count:,} accounts every 60 s ({count // 60:,}/s)",
            f"p50 {spread(middles)}\np99 {spread(ends)}\nmost {spread(worsts)}",
            aim="p99 < 1,000",
        ),
    ]


def _percentiles(late: list[int]) -> tuple[float, float, float]:
    cuts = quantiles(late, n=100)
    return cuts[49], cuts[98], max(late)
