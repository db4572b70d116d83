"""
One process that `roost up` started: its log, its end.

A child leads a process group of its own, so that Ctrl-C reaches only `roost up`,
which then stops its children in the right order. Should `roost up` itself be
killed, the kernel asks its children to end (Linux only: elsewhere they live on).
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

STOP_SECONDS = 45  # every service stops within 10, but for a fetcher whose refresh X is slow to answer
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Child:
    """A running program, named, with its output in a file."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.log = log
        self.ended = asyncio.ensure_future(process.wait())
        self._process = process

    @classmethod
    async def start(
        cls, command: Sequence[str], log: Path, environment: Mapping[str, str], keeps_open: int | None = None
    ) -> "Child":
        """
        Start `command`; its output goes to `log`, the log of the time before to `log`.1.

        It is named after its log. It inherits the file descriptor `keeps_open`, if given, and no other.
        """
        with contextlib.suppress(FileNotFoundError):
            log.rename(log.with_name(f"{log.name}.1"))
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                env=dict(environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=() if keeps_open is None else (keeps_open,),
                preexec_fn=ends_with_parent(),
            )
        return cls(log.stem, process, log)

    async def stop(self) -> bool:
        """
        Ask it to end and wait until it has.

        Shape: whether it ended by itself; after `STOP_SECONDS` it is killed.
        """
        if self.ended.done():
            return True
        self._process.terminate()
        await asyncio.wait([self.ended], timeout=STOP_SECONDS)
        if self.ended.done():
            return True
        self._process.kill()
        await self.ended
        return False

    def last_lines(self, count: int = 12) -> str:
        """Read the end of its log."""
        with self.log.open(encoding="utf-8", errors="replace") as lines:
            return "".join(deque(lines, maxlen=count)).rstrip()


def ends_with_parent() -> Callable[[], None] | None:
    """Make what a new process must call before anything else so that it does not outlive this one."""
    if sys.platform != "linux":
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def ask_the_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the kernel was asked
            os.kill(os.getpid(), signal.SIGTERM)

    return ask_the_kernel
