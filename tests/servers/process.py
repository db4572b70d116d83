"""
A program that a test runs as a process of its own: started, waited for, killed.

It dies with the tests, and its output is kept to be shown when something fails.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from roost.child import ends_with_parent


class Process:
    """One program, which may be started again after it has ended."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.command = list(command)
        self.environment = dict(environment)
        self.log = log
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; its output is added to the log."""
        with self.log.open("ab") as output:
            self._running = subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=self.log.parent,  # not where the tests run: a developer's .env is not theirs
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=ends_with_parent(),  # noqa: PLW1509 (it calls the kernel, nothing else)
            )

    @property
    def pid(self) -> int | None:
        """Its process id, while it runs."""
        return self._running.pid if self._running and self._running.poll() is None else None

    def kill(self) -> None:
        """End it and all it started, at once, as a crash would."""
        self._end(signal.SIGKILL, seconds=10)

    def stop(self, seconds: float = 12) -> int:
        """
        Ask it to end.

        Shape:  its exit status.
        Errors: TimeoutExpired when it has not ended in time; it is killed then.
        """
        try:
            self._signal(signal.SIGTERM)
            return self._running.wait(seconds) if self._running else 0
        finally:
            self.kill()

    def hang(self) -> None:
        """Let it do nothing, as a machine without power to give would."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Wake it."""
        self._signal(signal.SIGCONT)

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = 60) -> None:
        """
        Wait until it is ready.

        Errors: AssertionError, with what it wrote, when it ends before or is not ready in time.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            assert self.pid, f"{self.command[0]} ended:\n{self.output()}"
            assert time.monotonic() < deadline, (
                f"{self.command[0]} was not ready in {seconds} s:\n{self.output()}"
            )
            pause()

    def output(self) -> str:
        """Read the end of what it wrote."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]

    def _end(self, number: int, seconds: float) -> None:
        self._signal(number)
        if self._running:
            self._running.wait(seconds)

    def _signal(self, number: int) -> None:
        """Signal it and whatever it started; its children may outlive it by a moment."""
        if self._running:
            try:
                os.killpg(self._running.pid, number)
            except ProcessLookupError:
                return


def until(true: Callable[[], bool], *, seconds: float = 30) -> None:
    """
    Wait until something is so.

    Errors: AssertionError when it is not in time.
    """
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"still not so after {seconds} s"
        pause()


def pause() -> None:
    """Let a moment go by before looking again."""
    time.sleep(0.05)  # noqa: TID251 (real servers start in real time)
