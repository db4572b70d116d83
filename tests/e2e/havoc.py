"""
What goes wrong while people live: X fails, tweets surface late or all at once, processes are killed.

What the chances are is told by a seed; when things happen is up to the machine.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any

from shared.clock import Clock
from shared.domain.tweet import first_id_at
from tests.e2e.deployment import Deployment
from tests.e2e.people import People, Person

#: What X does, each in this share of its answers. An answer that takes 60 s never comes: at the
#: speed of the tests these are 6 real seconds, and a fetcher waits for 3.
TROUBLE: tuple[dict[str, Any], ...] = (
    {"share": 0.01, "status": 429},
    {"share": 0.03, "status": 500},
    {"share": 0.01, "latency_ms": 60_000},
    {"share": 0.01, "drop": True},
    {"share": 0.03, "truncate": True},
)


#: Tweets surface so late, some at a time; a newer one of each of these timelines was there before.
LATE_MS = 3_000
LATE_AT_A_TIME = 10
#: More tweets than a page holds: the poll that reads them is cut, and may be interrupted there.
BURST_TWEETS = 150
BURST_EVERY_SECONDS = 0.4


async def let_x_fail(people: People) -> None:
    """Throw every fault in, from now on."""
    for fault in TROUBLE:
        await people.fault(endpoint="home", **fault)


def tweets_come_as_they_like(
    people: People, everybody: Sequence[Person], clock: Clock, seed: int
) -> contextlib.AbstractAsyncContextManager[None]:
    """Meanwhile show people a tweet and later one that was written before it, and others many at once."""
    chance = random.Random(seed)  # noqa: S311 (repeatable, not secret)

    async def show(readers: Sequence[Person], written_at_ms: int) -> None:
        ids = [first_id_at(written_at_ms) + chance.getrandbits(22) for _ in readers]
        await asyncio.gather(*map(people.tweet, readers, ids))

    async def late() -> None:
        while True:
            readers, now_ms = chance.sample(everybody, LATE_AT_A_TIME), clock.now_ms()
            await show(readers, now_ms)
            await clock.sleep_ms(LATE_MS)
            await show(readers, now_ms - 1)

    async def bursts() -> None:
        while True:
            await people.tweets(chance.choice(everybody), BURST_TWEETS)
            await asyncio.sleep(BURST_EVERY_SECONDS)

    return _meanwhile(late(), bursts())


def processes_are_killed(roost: Deployment, seed: int) -> contextlib.AbstractAsyncContextManager[None]:
    """Meanwhile kill one fetcher or scheduler after the other, and start each again."""
    chance = random.Random(seed)  # noqa: S311 (repeatable, not secret)

    async def kill() -> None:
        while True:
            await asyncio.sleep(chance.uniform(1, 3))
            process = chance.choice([*roost.fetchers, *roost.fetchers, *roost.schedulers])
            process.kill()
            try:
                await asyncio.sleep(chance.uniform(0, 2))
            finally:
                process.start()

    return _meanwhile(kill())


@contextlib.asynccontextmanager
async def _meanwhile(*doing: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do something until the block ends; a fault in it is a fault of the block."""
    task = asyncio.gather(*doing)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
