"""
The jobs of a message, polled on the one event loop.

Each job is settled on its own, so a fault in one touches no other. A message is
done with when all its jobs have begun: from then on their leases tell the rest,
and however small the messages are, the fetcher's concurrency is made use of. When
the process is asked to stop, what is in hand is finished and what was not begun
is let go: due now, for another fetcher.
"""

import asyncio

import structlog
from structlog.typing import FilteringBoundLogger

from services.fetcher.counts import Counts
from services.fetcher.poll import Polled, Poller
from shared.clock import Clock
from shared.domain.lease import Lease


class Batches:
    """Polls batches of jobs, at most `concurrency` at once over all batches."""

    def __init__(self, poller: Poller, clock: Clock, counts: Counts, *, concurrency: int) -> None:
        self._poller = poller
        self._clock = clock
        self._counts = counts
        self._places = asyncio.Semaphore(concurrency)
        self._in_hand: set[asyncio.Task[None]] = set()
        self._log: FilteringBoundLogger = structlog.get_logger()

    async def begin_all(self, leases: list[Lease]) -> None:
        """Begin to poll each of these accounts; returns when none of them waits any longer."""
        for lease in leases:
            await self._places.acquire()
            task = asyncio.create_task(self._in_place(lease))
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)
            if self._poller.draining:  # nobody waits for it elsewhere
                await task

    async def finish(self, *, within_ms: int) -> None:
        """Begin no further poll, and no further page of those in hand; give these so much time to end."""
        self._poller.draining = True
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=within_ms / 1000)

    async def _in_place(self, lease: Lease) -> None:
        try:
            await self._poll(lease)
        finally:
            self._places.release()

    async def _poll(self, lease: Lease) -> None:
        began_ms = self._clock.now_ms()
        try:
            if self._poller.draining:
                return await self._poller.let_go(lease)
            polled = await self._poller.poll(lease)
        except Exception as fault:  # the top of this job: its lease runs out, the account falls due again
            self._counts.polled("failed")
            self._log.warning("poll failed", account_id=str(lease.account_id), fault=repr(fault))
        else:
            self._tell(polled, self._clock.now_ms() - began_ms)

    def _tell(self, polled: Polled, took_ms: int) -> None:
        self._counts.polled(polled.outcome)
        self._log.info(
            "poll",
            account_id=str(polled.lease.account_id),
            lease=polled.lease.number,
            outcome=polled.outcome,
            pages=polled.pages,
            tweets=polled.tweets,
            gaps=polled.gaps,
            left=polled.left,
            parked=polled.parked,
            removed=polled.removed,
            took_ms=took_ms,
        )
