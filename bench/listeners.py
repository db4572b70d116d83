"""
Measurement 5: how much memory idle listeners take of one gateway process.

So many people each listen to their timeline over a connection of their own; nothing
arrives, but hearts beat. What is told is the resident memory of the process, before and with
all of them, and how long it takes until all of them have heard of one commit each.
"""

import asyncio
import time
from contextlib import suppress

from bench import crowd
from bench.ground import Ground, answers, ground
from bench.table import Row
from roost.ports import reserve_port
from shared.clock import Clock
from shared.domain.account import AccountId
from shared.store import keys
from shared.store.connection import connect
from shared.store.sessions import Sessions, Terms
from tests.servers.process import Process

LISTENERS = 2000
_AIM_MEGABYTES = 150
_DAY_MS = 24 * 3600 * 1000
_AT_ONCE = 100
_PATIENCE_SECONDS = 30.0

#: A writer that nobody holds closes its connection.
Ear = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def measure(_runs: int, seconds: float) -> list[Row]:
    """Let them all listen for so long."""
    with ground() as place:
        redis = place.redis()
        people = crowd.people(LISTENERS)
        crowd.register(redis.url, people, Clock().now_ms(), within_ms=_DAY_MS, timelines=False)
        port, gateway = _gateway(place, redis.url)
        alone = _megabytes(gateway)
        idle, reached_ms = asyncio.run(_listen(redis.url, people, port, gateway, seconds))
    return [
        Row(
            f"5  MB of a gateway with {LISTENERS:,} idle listeners",
            f"{idle:.0f}",
            f"alone {alone:.0f}",
            "",
            f"< {_AIM_MEGABYTES}",
        ),
        Row("   kB of one of them", f"{(idle - alone) * 1000 / LISTENERS:.1f}"),
        Row("   ms until all have heard of a commit each", f"{reached_ms:.0f}"),
    ]


def _gateway(place: Ground, redis_url: str) -> tuple[int, Process]:
    port = reserve_port()
    gateway = place.roost("api", port=port, redis_url=redis_url, x_api_url="http://127.0.0.1:9")
    gateway.wait_until(lambda: answers(f"http://127.0.0.1:{port}/livez"))
    return port, gateway


async def _listen(
    redis_url: str, people: list[AccountId], port: int, gateway: Process, seconds: float
) -> tuple[float, float]:
    async with connect(redis_url) as redis:
        sessions, now_ms = Sessions(redis), Clock().now_ms()
        terms = Terms.app(_DAY_MS)
        tokens = [(await sessions.begin(each, terms, now_ms=now_ms)).token for each in people]
        ears: list[Ear] = []
        for start in range(0, LISTENERS, _AT_ONCE):
            ears += await asyncio.gather(*(_open(port, each) for each in tokens[start : start + _AT_ONCE]))
        await asyncio.sleep(seconds)
        idle = _megabytes(gateway)
        began = time.perf_counter()
        hearing = [asyncio.create_task(_hear(reader)) for reader, _ in ears]
        for each in people:
            await redis.xadd(keys.arrivals(each), {"deleted": keys.padded(1)})
            await redis.publish(keys.settled(each), "")
        await asyncio.wait_for(asyncio.gather(*hearing), _PATIENCE_SECONDS)
        return idle, (time.perf_counter() - began) * 1000


async def _open(port: int, token: str) -> Ear:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"GET /v1/timeline/stream HTTP/1.1\r\nhost: roost\r\nauthorization: Bearer %b\r\n\r\n"
        % token.encode()
    )
    head = await asyncio.wait_for(reader.readuntil(b"event: state"), _PATIENCE_SECONDS)
    assert b" 200 " in head, head
    return reader, writer


async def _hear(reader: asyncio.StreamReader) -> None:
    await reader.readuntil(b"event: delete")


def _megabytes(process: Process) -> float:
    with suppress(FileNotFoundError), open(f"/proc/{process.pid}/status") as status:  # noqa: PTH123
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024
    return 0.0
