"""Who listens or waits in this process: how many streams an account has, and word to all that it stops."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from shared.domain.account import AccountId
from shared.store.notices import Wait


class Listeners:
    """The open streams, at most `limit` for an account."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: Counter[AccountId] = Counter()
        self._waiting: set[Wait] = set()
        self._stopping = asyncio.Event()

    @property
    def is_stopping(self) -> bool:
        """Tell whether all are to leave."""
        return self._stopping.is_set()

    def is_full(self, account_id: AccountId) -> bool:
        """Tell whether as many listen to an account as may."""
        return self._open[account_id] >= self._limit

    def count(self) -> int:
        """Count the streams that are open."""
        return self._open.total()

    @contextmanager
    def one(self, account_id: AccountId) -> Iterator[None]:
        """Count one who listens."""
        self._open[account_id] += 1
        try:
            yield
        finally:
            self._open[account_id] -= 1
            if not self._open[account_id]:
                del self._open[account_id]

    async def wait(self, wait: Wait, seconds: float) -> bool:
        """Wait for word of something new, at most so long; tell whether there was any."""
        self._waiting.add(wait)
        try:
            async with asyncio.timeout(0 if self.is_stopping else seconds):
                await wait.is_settled.wait()
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(wait)
        return True

    async def rest(self, seconds: float) -> None:
        """Do nothing for so long, unless all are to leave."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    def stop(self) -> None:
        """Have all of them leave."""
        self._stopping.set()
        for wait in self._waiting:
            wait.is_settled.set()
