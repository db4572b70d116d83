"""
What one poll and one served page cost, in all parts that take part in it.

A poll: a scheduler sends jobs through RabbitMQ to one fetcher, which reads pages of so many new tweets. A
page: one gateway answers wrk, each caller in turn for the newest 50 of their own timeline. The store is one
server or a cluster; nothing else differs.
"""

import asyncio
from dataclasses import dataclass

import msgspec

from bench import crowd, wrk
from bench.ground import Ground, answers, ask
from bench.meters import Reading, Store, Watch
from bench.stock import stock
from roost.ports import reserve_port
from shared.clock import Clock
from tests.servers.process import Process, until
from tests.servers.rabbitmq import LocalRabbitMQ, clear

_ACCOUNTS = 3_000
_PEOPLE = 100
_WARM_POLLS = 200
_WARM_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What one of many cost: the store's counts, seconds of each process, messages, and how many a second."""

    store: Reading
    cpu: dict[str, float]
    per_second: float
    messages: float = 0.0

    def ms(self, name: str) -> float:
        """Milliseconds of processor time of a process."""
        return 1000 * self.cpu[name]

    @property
    def store_ms(self) -> float:
        """Milliseconds of processor time of the store."""
        return 1000 * self.store.cpu_seconds


def poll(place: Ground, store: Store, broker: LocalRabbitMQ, tweets: int, seconds: float) -> Cost:
    """Let one fetcher poll for a while, with new tweets each time; what one poll cost."""
    now_ms = Clock().now_ms()
    crowd.register(store.url, crowd.people(_ACCOUNTS), now_ms, within_ms=0, timelines=True)
    pages = place.pages(tweets)
    common = {"redis_url": store.url, "broker_url": broker.url, "lease_seconds": 60}
    scheduler = place.roost("scheduler", **common)
    fetcher = place.roost("fetcher", **common, x_api_url=pages, cadence_seconds=1, mode="archive")
    try:
        fetcher.wait_until(lambda: _polls(pages) > _WARM_POLLS)
        watch = Watch(store, _pids(scheduler=scheduler, fetcher=fetcher) | {"broker": broker.pid})
        return _watch_polls(watch, pages, scheduler, seconds)
    finally:
        scheduler.stop()
        fetcher.stop()
        clear(broker.url)


def _watch_polls(watch: Watch, pages: str, scheduler: Process, seconds: float) -> Cost:
    polls, jobs, messages = _polls(pages), *_sent(scheduler)
    watch.begin()
    took = _wait(seconds)
    spent, cpu = watch.end()
    polls = _polls(pages) - polls
    sent_jobs, sent_messages = _sent(scheduler)
    assert polls, "nothing was polled"
    each_message = (sent_messages - messages) / max(1, sent_jobs - jobs)
    return Cost(spent.each(polls), _each(cpu, polls), polls / took, each_message)


def page(place: Ground, store: Store, seconds: float) -> Cost:
    """Load one gateway for a while; what one page cost."""
    tokens = asyncio.run(stock(store.url, _PEOPLE))
    callers = [{"authorization": f"Bearer {each}"} for each in tokens]
    port = reserve_port()
    url = f"http://127.0.0.1:{port}"
    gateway = place.roost(
        "api", port=port, redis_url=store.url, x_api_url="http://127.0.0.1:9", calls_limit=10**9
    )
    try:
        gateway.wait_until(lambda: answers(f"{url}/livez"))
        path = f"{url}/v1/timeline?max_results=50"
        wrk.load(path, callers, _WARM_SECONDS, place.folder)
        watch = Watch(store, _pids(gateway=gateway))
        watch.begin()
        load = wrk.load(path, callers, seconds, place.folder)
        spent, cpu = watch.end()
        pages = load.per_second * seconds
        return Cost(spent.each(pages), _each(cpu, pages), load.per_second)
    finally:
        gateway.stop()


def _pids(**processes: Process) -> dict[str, int]:
    for name, each in processes.items():
        assert each.pid, f"{name} ended:\n{each.output()}"
    return {name: each.pid for name, each in processes.items() if each.pid}


def _each(cpu: dict[str, float], count: float) -> dict[str, float]:
    return {name: seconds / count for name, seconds in cpu.items()}


def _polls(pages: str) -> int:
    return int(ask(f"{pages}/count"))


def _sent(scheduler: Process) -> tuple[int, int]:
    lines = [line for line in scheduler.log.read_bytes().splitlines() if b'"tick"' in line]
    ticks = [msgspec.json.decode(line) for line in lines if line.endswith(b"}")]
    return sum(each["jobs"] for each in ticks), sum(each["messages"] for each in ticks)


def _wait(seconds: float) -> float:
    clock = Clock()
    began_ms = clock.now_ms()
    until(lambda: clock.now_ms() >= began_ms + seconds * 1000, seconds=2 * seconds + 10)
    return (clock.now_ms() - began_ms) / 1000
