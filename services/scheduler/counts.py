"""What a scheduler counts."""

from prometheus_client import CollectorRegistry

from services.scheduler.tick import Ticked
from shared.metrics import named
from shared.metrics.kinds import Histogram, Tally


class Counts:
    """What this scheduler counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        self._ticks = Tally(named.TICKS, self.registry)
        self._tick_time = Histogram(named.TICK_TIME, self.registry)
        self._jobs = Tally(named.JOBS, self.registry)
        self._waiting = Tally(named.WAITING, self.registry)
        self._redis_failures = Tally(named.REDIS_FAILURES, self.registry)

    def ticked(self, ticked: Ticked, took_ms: int) -> None:
        """Count a tick and what it did."""
        result = "sent" if ticked.jobs else "held-back" if ticked.held_back else "idle"
        self._ticks.add(result)
        self._tick_time.observe(max(0, took_ms) / 1000)
        self._jobs.add(by=ticked.jobs)
        if ticked.waiting is not None:
            self._waiting.set(ticked.waiting)

    def tick_failed(self) -> None:
        """Count a tick that found Redis or the broker down."""
        self._ticks.add("failed")

    def redis_failed(self, reason: str) -> None:
        """Count a call of Redis that failed."""
        self._redis_failures.add(reason)
