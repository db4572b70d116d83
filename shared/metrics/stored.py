"""What is read from Redis when a gateway is asked, written beside what the gateway counts itself."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric as Family

from shared.domain.money import Budget, Spent, allowance, forecast, rooms
from shared.domain.parking import Climate
from shared.domain.price import Price
from shared.metrics import named
from shared.metrics.kinds import Metric

CONTENT_TYPE = CONTENT_TYPE_LATEST
_MICRO = 1_000_000

#: A gauge without labels and its number.
Shown = tuple[Metric, float]


@dataclass(frozen=True, slots=True)
class Money:
    """What may be spent, what was, and when that is told."""

    budget: Budget
    spent: Spent
    now_ms: int


@dataclass(frozen=True, slots=True)
class Engine:
    """
    How polls go: the price, None while nobody has made one, and what stops them all.

    Shape: `requests_left` is None where requests have no limit.
    """

    price: Price | None
    requests_left: int | None
    late_ms: int
    surfacing_ms: int
    is_out: bool
    stopped: str | None


@dataclass(frozen=True, slots=True)
class Stored:
    """All that is read: how X treats everybody, what was spent and how polls go."""

    climate: Climate
    money: Money
    engine: Engine


def write(counted: CollectorRegistry, stored: Stored | None) -> bytes:
    """Write what was counted, and what was read: None when Redis did not answer."""
    registry = CollectorRegistry()
    registry.register(_Read(stored))
    return generate_latest(registry) + generate_latest(counted)


class _Read:
    """What was read, as the library collects it."""

    def __init__(self, stored: Stored | None) -> None:
        self._stored = stored

    def collect(self) -> Iterator[Family]:
        stored = self._stored
        yield named.REDIS_UP.family([((), stored is not None)])
        if stored is not None:
            for metric, number in _plain(stored):
                yield metric.family([((), number)])
            yield named.BUDGET_LEFT.family(_left(stored))


def _plain(stored: Stored) -> Iterable[Shown]:
    yield from _of_climate(stored.climate)
    yield from _of_money(stored.money)
    yield from _of_engine(stored.engine)


def _of_climate(climate: Climate) -> Iterator[Shown]:
    yield named.SIGN_IN_OUTAGE, climate.is_outage()
    yield named.REFUSED, climate.refused
    yield named.ACCEPTED, climate.accepted


def _of_money(money: Money) -> Iterator[Shown]:
    budget, spent, now_ms = money.budget, money.spent, money.now_ms
    yield named.BILLED_TODAY, spent.day
    yield named.BILLED_MONTH, spent.month
    yield named.DOLLARS_TODAY, spent.day * budget.price / _MICRO
    yield named.DOLLARS_FORECAST, forecast(spent, now_ms) * budget.price / _MICRO
    # What others have reserved is back in seconds: then nothing is spent.
    yield named.BUDGET_SPENT, allowance(budget, spent, now_ms).bound in {"day", "month"}


def _of_engine(engine: Engine) -> Iterator[Shown]:
    yield named.LATE, engine.late_ms / 1000
    yield named.SURFACE_LATE, engine.surfacing_ms / 1000
    yield named.X_OUT, engine.is_out
    yield named.APP_STOPPED, engine.stopped is not None
    if engine.price is None:
        return
    yield named.PRICE, engine.price.value
    yield named.REQUESTS_RATE, engine.price.spending
    yield named.REQUESTS_WANTED, engine.price.rate


def _left(stored: Stored) -> Iterator[tuple[tuple[str, ...], float]]:
    """Tell what is left of each budget; posts that are reserved are not."""
    day, month, _ = rooms(stored.money.budget, stored.money.spent)
    for scope, left in (("day", day), ("month", month), ("requests", stored.engine.requests_left)):
        yield (scope,), inf if left is None else left
