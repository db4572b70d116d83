"""
The children of `roost up`: started in order, watched, stopped in reverse.

They live and die together: half a product is worse than one clear line.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from roost.child import Child
from roost.fault import Fault
from shared.clock import Clock

_START_MS = 60_000  # a busy machine takes seconds; more than this is a hang
_LOOK_MS = 50


class Family:
    """Every process that was started, oldest first. Each inherits the file descriptor `keeps_open`."""

    def __init__(self, logs: Path, keeps_open: int | None = None) -> None:
        self.logs = logs
        self._keeps_open = keeps_open
        self._children: list[Child] = []
        self._clock = Clock()

    async def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start one more."""
        self.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        child = await Child.start(command, self.logs / f"{name}.log", environment, self._keeps_open)
        self._children.append(child)

    async def until(self, ready: Callable[[], Awaitable[bool]], what: str) -> None:
        """
        Wait until `what` is ready.

        Errors: Fault when a child ends meanwhile, or it takes longer than a minute.
        """
        deadline_ms = self._clock.now_ms() + _START_MS
        while not await ready():
            self._must_all_live()
            if self._clock.now_ms() > deadline_ms:
                raise Fault(f"{what} is not ready after {_START_MS // 1000} s; see {self.logs}")
            await self._clock.sleep_ms(_LOOK_MS)

    async def watch(self) -> None:
        """
        Wait for a child to end, which none should.

        Errors: Fault, always: which child it was, and the end of its log.
        """
        await asyncio.wait([child.ended for child in self._children], return_when=asyncio.FIRST_COMPLETED)
        self._must_all_live()

    async def stop(self) -> list[str]:
        """
        Stop all, the newest first: what serves before what it stands on.

        Shape: names of those that had to be killed.
        """
        return [child.name for child in reversed(self._children) if not await child.stop()]

    def _must_all_live(self) -> None:
        for child in self._children:
            if child.ended.done():
                raise Fault(
                    f"{child.name} ended (status {child.ended.result()}); the end of {child.log}:\n"
                    f"{child.last_lines()}"
                )
