"""What a gateway counts."""

from prometheus_client import CollectorRegistry

from shared.domain.account import Standing
from shared.metrics import named
from shared.metrics.kinds import Histogram, Tally
from shared.store.accounts import Kept

_CLASSES = {hundreds: f"{hundreds}xx" for hundreds in range(1, 6)}


class Counts:
    """What this gateway counts; `registry` has it in Prometheus's form."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        self._read_stale = Histogram(named.READ_STALE, self.registry)
        self._requests = Histogram(named.REQUESTS, self.registry)
        self._listeners = Tally(named.LISTENERS, self.registry)
        self._redis_failures = Tally(named.REDIS_FAILURES, self.registry)

    def read(self, kept: Kept, now_ms: int) -> None:
        """Count a timeline that is served, by how old what it shows is."""
        if kept.held.as_of_ms:
            account = kept.account
            word = "paused" if account.standing is Standing.PAUSED else "parked" if account.parked else "kept"
            self._read_stale.observe(max(0, now_ms - kept.held.as_of_ms) / 1000, word)

    def answered(self, route: str | None, status: int, took_ms: int) -> None:
        """Count a request by its route's template, None where no route was found, and its status."""
        self._requests.observe(max(0, took_ms) / 1000, route or "none", _CLASSES[status // 100])

    def listening(self, listeners: int) -> None:
        """Tell how many streams are open."""
        self._listeners.set(listeners)

    def redis_failed(self, reason: str) -> None:
        """Count a call of Redis that failed."""
        self._redis_failures.add(reason)
