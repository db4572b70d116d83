"""
What a metric is, and what counts one inside a process.

prometheus_client writes the text and is asked to register each in a registry of ours; the
counting itself is done here. Its own kinds take a lock and add up bucket by bucket, 1.4 µs for
an observation and 2.6 with labels, where the gateway has 160 µs for a whole page; these take
a fifth of that. They may, for each is written by one thread, that of the event loop, and
read by any: what is read may be one observation behind.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, product
from typing import Literal

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import Metric as Family

Kind = Literal["gauge", "counter", "histogram"]

#: What a label says instead of a value that was not foreseen: whatever comes, there are no more series.
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Label:
    """
    What tells the series of a metric apart; never whose account it is.

    Shape: `values` are all there are, each shown from the start; none where the code that counts has them
           from a closed set of its own, which `said` names.
    """

    name: str
    values: tuple[str, ...] = ()
    said: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """
    One metric, named and explained.

    Shape: `means` says what it is, `act` what an operator makes of it; `buckets` are those of a histogram.
    """

    name: str
    kind: Kind
    means: str
    act: str
    labels: tuple[Label, ...] = ()
    buckets: tuple[float, ...] = ()

    def family(self, samples: Iterable[tuple[tuple[str, ...], float]]) -> Family:
        """Write a gauge or a counter as Prometheus has it."""
        made = GaugeMetricFamily if self.kind == "gauge" else CounterMetricFamily
        family = made(self.name, self.help(), labels=[label.name for label in self.labels])
        for values, number in samples:
            family.add_metric(values, number)
        return family

    def help(self) -> str:
        """Say what stands beside it in the text that Prometheus reads."""
        return f"{self.means} {self.act}"

    def series(self) -> Iterator[tuple[str, ...]]:
        """List the series that are there from the start: a rate needs a zero to begin from."""
        if all(label.values for label in self.labels):
            yield from product(*(label.values for label in self.labels))

    def beside(self, values: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """List the series that begin with this one: those of the same values where there is no closed set."""
        yield from product(
            *(label.values or (value,) for label, value in zip(self.labels, values, strict=True))
        )

    def foreseen(self, values: tuple[str, ...]) -> tuple[str, ...]:
        """Name the series for these values of the labels."""
        return tuple(
            value if not label.values or value in label.values else OTHER
            for label, value in zip(self.labels, values, strict=True)
        )


class Tally:
    """A counter, or a gauge that is set."""

    def __init__(self, metric: Metric, registry: CollectorRegistry) -> None:
        self._metric = metric
        self._numbers = dict.fromkeys(metric.series(), 0.0)
        registry.register(self)

    def add(self, *values: str, by: float = 1) -> None:
        """Count one more, or so many, in the series of these values of its labels."""
        if values not in self._numbers:
            values = self._metric.foreseen(values)
        self._numbers[values] = self._numbers.get(values, 0.0) + by

    def set(self, number: float) -> None:
        """Show this number; for one without labels."""
        self._numbers[()] = number

    def collect(self) -> Iterator[Family]:
        """Write it, for the registry."""
        yield self._metric.family(list(self._numbers.items()))


class Histogram:
    """How often something took how long."""

    def __init__(self, metric: Metric, registry: CollectorRegistry) -> None:
        self._metric = metric
        self._series = {values: _Series(metric.buckets) for values in metric.series()}
        registry.register(self)

    def observe(self, number: float, *values: str) -> None:
        """Count one observation in the series of these values of its labels."""
        series = self._series.get(values)
        if series is None:
            values = self._metric.foreseen(values)
            for each in (values, *self._metric.beside(values)):
                self._series.setdefault(each, _Series(self._metric.buckets))
            series = self._series[values]
        series.observe(number)

    def collect(self) -> Iterator[Family]:
        """Write it, for the registry."""
        labels = [label.name for label in self._metric.labels]
        family = HistogramMetricFamily(self._metric.name, self._metric.help(), labels=labels)
        for values, series in list(self._series.items()):
            family.add_metric(values, series.buckets(), series.total)
        yield family


class _Series:
    """One series of a histogram."""

    __slots__ = ("_bounds", "_counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, number: float) -> None:
        self._counts[bisect_left(self._bounds, number)] += 1  # a bucket takes in its upper bound
        self.total += number

    def buckets(self) -> list[tuple[str, float]]:
        bounds = [*(str(float(bound)) for bound in self._bounds), "+Inf"]
        return list(zip(bounds, accumulate(self._counts), strict=True))
