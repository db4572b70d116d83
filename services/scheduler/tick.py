"""
One pass of the scheduler: claim what is due, send jobs.

Any number of schedulers tick at once; a claim is atomic, so no account is sent
twice. When the queue is full nothing is claimed: what waits in the schedule is
merely late, and the most overdue goes first when there is room again. After a pause
all are due at once: then they are claimed a little faster than usual, not at once.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import chain
from typing import ParamSpec, TypeVar

from services.scheduler.share import share
from shared import queue
from shared.clock import Clock
from shared.domain.account import SHARDS
from shared.domain.lease import Lease
from shared.store.gate import Gate, Permit
from shared.store.schedule import Schedule

P = ParamSpec("P")
T = TypeVar("T")

#: Few jobs go one to a message, so that several fetchers share them; many go in full batches.
_MESSAGES_WANTED = 16

#: A broker that takes longer over all that a tick asks of it has no majority of its nodes, or is too slow for
#: the leases that wait: the tick fails, and the next one looks.
_BROKER_SECONDS = 15

#: Why nothing is claimed but a canary.
X_UNAVAILABLE = "x-unavailable"


@dataclass(frozen=True, slots=True)
class Rules:
    """How much one tick may take."""

    lease_ms: int
    claims_per_shard: int
    jobs_per_message: int
    queue_max_messages: int


@dataclass(frozen=True, slots=True)
class Ticked:
    """
    What one tick did: `held_back` says why nothing was claimed, `full` that more may be due at once.

    `waiting` counts the messages that no fetcher had taken; None where the broker was not asked. While X is
    out `held_back` says so, and there may be one job for all that: the canary.
    """

    jobs: int = 0
    messages: int = 0
    held_back: str | None = None
    full: bool = False
    waiting: int | None = None


class Ticker:
    """Ticks; `publisher` is the one thread that speaks to the broker."""

    def __init__(
        self,
        stores: tuple[Schedule, Gate],
        broker: queue.Broker,
        publisher: Executor,
        clock: Clock,
        rules: Rules,
    ) -> None:
        self._schedule, self._gate = stores
        self._broker = broker
        self._publisher = publisher
        self._clock = clock
        self._rules = rules
        self._waiting = [0] * SHARDS
        self._first = 0

    async def tick(self) -> Ticked:
        """
        Claim what is due and send it as jobs.

        Errors: those of Redis and of the broker; what was claimed and not sent falls due again.
        """
        permit = await self._gate.ask(now_ms=self._clock.now_ms())
        held_back = X_UNAVAILABLE if permit.is_out else permit.stopped
        if held_back and not permit.claims:
            return Ticked(held_back=held_back)
        deadline = asyncio.get_running_loop().time() + _BROKER_SECONDS
        waiting = await self._run(deadline, self._broker.waiting)
        room = self._rules.queue_max_messages - waiting
        if room <= 0:
            return Ticked(held_back=held_back or "queue-full", waiting=waiting)
        most = self._claims_per_shard(room)
        leases = await self._claim(permit, most)
        messages = list(_batches(leases, self._rules.jobs_per_message))
        await self._send(deadline, messages)
        is_full = len(leases) >= most * SHARDS // 2
        return Ticked(len(leases), len(messages), held_back, is_full, waiting + len(messages))

    def _claims_per_shard(self, room: int) -> int:
        return max(1, min(self._rules.claims_per_shard, room * self._rules.jobs_per_message // SHARDS))

    async def _claim(self, permit: Permit, most: int) -> list[Lease]:
        """Claim what is permitted, and whoever is read now; while X is out, nobody but the canary."""
        shares = share(permit.claims, self._waiting, most=most, first=self._first)
        self._first = (self._first + permit.claims) % SHARDS
        claimed = await self._schedule.claim_shares(
            shares,
            0 if permit.is_out else most,
            now_ms=self._clock.now_ms(),
            lease_ms=self._rules.lease_ms,
        )
        self._gate.use(len(claimed.leases) - claimed.hurried)
        self._waiting = claimed.waiting
        return claimed.leases

    async def _send(self, deadline: float, messages: Sequence[Sequence[Lease]]) -> None:
        """
        Send each message, once the broker has the one before.

        Errors: those of the broker; what it has not confirmed is due now, for whoever ticks next.
        """
        for count, message in enumerate(messages):
            try:
                await self._run(deadline, queue.send, self._broker, message)
            except Exception:
                unsent = chain.from_iterable(messages[count:])
                await self._schedule.release(*unsent, now_ms=self._clock.now_ms())
                raise

    async def _run(self, deadline: float, call: Callable[P, T], *args: P.args, **_: P.kwargs) -> T:
        calling = asyncio.get_running_loop().run_in_executor(self._publisher, call, *args)
        async with asyncio.timeout_at(deadline):
            return await calling


def _batches(leases: Sequence[Lease], largest: int) -> Iterator[Sequence[Lease]]:
    size = max(1, min(largest, len(leases) // _MESSAGES_WANTED))
    for start in range(0, len(leases), size):
        yield leases[start : start + size]
