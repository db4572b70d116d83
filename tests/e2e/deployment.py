"""
A whole Roost as real processes on free ports, living in a time of its own.

Every process is given the same clock: minutes pass in seconds, and none of their
code knows. What waits for a machine (an answer of X, a stop) is in real seconds.
"""

import signal
from pathlib import Path

from shared.clock import Clock
from tests.servers.process import Process
from tests.servers.programs import Programs

TWICE = Path(__file__).with_name("twice.py")


class Deployment:
    """A simulator of X, a gateway, schedulers and fetchers, all told the same settings."""

    def __init__(self, programs: Programs, *, speed: float = 1.0, **settings: object) -> None:
        self.clock = Clock(speed, Clock().now_ms())
        self.fetchers: list[Process] = []
        self.schedulers: list[Process] = []
        self._programs = programs
        self.redis_url, self.broker_url = str(settings["redis_url"]), str(settings["broker_url"])
        self._settings = settings | {"clock_speed": speed, "clock_origin_at_ms": self.clock.origin_at_ms}
        self.simulator_url = programs.start_simulator(**self._settings)
        self._settings |= {
            "x_api_url": self.simulator_url,
            "x_consumer_key": "roost-simulator",
            "x_consumer_secret": "roost-simulator-secret",
            "x_client_id": "roost-simulator-client",
            "x_client_secret": "roost-simulator-client-secret",
            "x_site_url": self.simulator_url,
        }
        # A registration whose answer from X never comes may not be tried again before X's window ends.
        self.gateway_url = programs.start_gateway(**self._settings | {"x_timeout_seconds": 30})

    def start(self, *, each_job_twice: bool = False) -> None:
        """Start two schedulers and two fetchers: no part is a singleton."""
        words = [str(TWICE)] if each_job_twice else ["-m", "roost", "scheduler"]
        for _ in range(2):
            self.schedulers.append(self._programs.start_other("scheduler", words, self._settings))
            self.fetchers.append(self._programs.start("fetcher", **self._settings))

    def stop(self) -> None:
        """Ask schedulers and fetchers to end; each does so of itself, as one that nothing went wrong for."""
        for process in (*self.schedulers, *self.fetchers):
            assert process.pid, f"{process.log.stem} had ended before it was asked to"
            # One that has just been started may not be listening for the signal yet.
            assert process.stop() in {0, -signal.SIGTERM}, f"{process.log.stem} ended badly"

    def late_jobs(self) -> int:
        """Count the jobs that fetchers had to drop, for somebody held a newer lease."""
        return sum(each.log.read_text(errors="replace").count('"outcome":"late"') for each in self.fetchers)
