"""
The jobs of one message, polled together on the one event loop.

Each job is settled on its own, so a fault in one touches no other. When the
process is asked to stop, what is in hand is finished and what was not begun is
let go: due now, for another fetcher.
"""

import asyncio

import structlog
from structlog.typing import FilteringBoundLogger

from services.fetcher.poll import Polled, Poller
from shared.clock import Clock
from shared.domain.lease import Lease


class Batches:
    """Polls batches of jobs, at most `concurrency` at once over all batches."""

    def __init__(self, poller: Poller, clock: Clock, *, concurrency: int) -> None:
        self._poller = poller
        self._clock = clock
        self._places = asyncio.Semaphore(concurrency)
        self._log: FilteringBoundLogger = structlog.get_logger()

    def drain(self) -> None:
        """Begin no further poll, and no further page of those in hand."""
        self._poller.draining = True

    async def poll_all(self, leases: list[Lease]) -> None:
        """Poll each of these accounts once; returns when all are settled or let go."""
        async with asyncio.TaskGroup() as group:
            for lease in leases:
                group.create_task(self._poll(lease))

    async def _poll(self, lease: Lease) -> None:
        async with self._places:
            began_ms = self._clock.now_ms()
            try:
                if self._poller.draining:
                    return await self._poller.let_go(lease)
                polled = await self._poller.poll(lease)
            except Exception as fault:  # the top of this job: its lease runs out, the account falls due again
                self._log.warning("poll failed", account_id=str(lease.account_id), fault=repr(fault))
            else:
                self._tell(polled, self._clock.now_ms() - began_ms)

    def _tell(self, polled: Polled, took_ms: int) -> None:
        self._log.info(
            "poll",
            account_id=str(polled.lease.account_id),
            lease=polled.lease.number,
            outcome=polled.outcome,
            pages=polled.pages,
            tweets=polled.tweets,
            gaps=polled.gaps,
            left=polled.left,
            took_ms=took_ms,
        )
