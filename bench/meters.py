"""
What work costs the servers and programs that do it, counted by themselves.

Commands, bytes and read events are Redis' own counts (`INFO`), memory is its `used_memory`, processor time
is that of the processes as Linux counts it. What lies between two readings is what was spent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import redis

from bench.cpu import cpu_seconds


@dataclass(frozen=True, slots=True)
class Reading:
    """
    Sums over the nodes of a store since they were started.

    Shape: `commands` counts those within scripts too; `calls` are scripts, and `script_us` how long they kept
           the server; `reads` are read events, so about the round trips, of which many callers may share one.
    """

    commands: float
    calls: float
    script_us: float
    reads: float
    bytes_in: float
    bytes_out: float
    cpu_seconds: float
    used_memory: float

    def since(self, before: "Reading") -> "Reading":
        """Tell what was spent since another reading."""
        return self._with(before, lambda now, then: now - then)

    def each(self, count: float) -> "Reading":
        """Tell what that is for one of so many."""
        return self._with(self, lambda now, _: now / count)

    def _with(self, other: "Reading", merge: Callable[[float, float], float]) -> "Reading":
        names = self.__dataclass_fields__
        return Reading(**{name: merge(getattr(self, name), getattr(other, name)) for name in names})


@dataclass(frozen=True, slots=True)
class Store:
    """A server, or the primaries of a cluster; `replicas` cost processor time too, and are told apart."""

    url: str
    nodes: Sequence[redis.Redis]
    replicas: Sequence[redis.Redis] = ()

    def read(self) -> Reading:
        """Read all nodes' counts."""
        figures = [_figures(each) for each in self.nodes]
        return Reading(*(sum(each) for each in zip(*figures, strict=True)))

    def replicas_cpu_seconds(self) -> float:
        """Processor time of the replicas."""
        return sum(_cpu_seconds(each) for each in self.replicas)


def one_server(url: str) -> Store:
    """Make a store of one server."""
    return Store(url, [redis.Redis.from_url(url)])


@dataclass(slots=True)
class Watch:
    """What named processes and a store spend while something is done."""

    store: Store
    pids: Mapping[str, int]
    _cpu: dict[str, float] = field(default_factory=dict)
    _before: Reading | None = None
    _replicas: float = 0.0

    def begin(self) -> None:
        """From here on."""
        self._cpu = {name: cpu_seconds(pid) for name, pid in self.pids.items()}
        self._replicas = self.store.replicas_cpu_seconds()
        self._before = self.store.read()

    def end(self) -> tuple[Reading, dict[str, float]]:
        """Up to here: what the store spent, and seconds of each process; `replicas` among them."""
        assert self._before is not None, "begin first"
        spent = self.store.read().since(self._before)
        cpu = {name: cpu_seconds(pid) - self._cpu[name] for name, pid in self.pids.items()}
        return spent, {**cpu, "replicas": self.store.replicas_cpu_seconds() - self._replicas}


def _figures(node: redis.Redis) -> tuple[float, ...]:
    told, stats = node.info("stats"), node.info("commandstats")
    scripts = stats.get("cmdstat_evalsha", {"calls": 0, "usec": 0})
    return (
        sum(each["calls"] for each in stats.values()),
        scripts["calls"],
        scripts["usec"],
        told["total_reads_processed"],
        told["total_net_input_bytes"],
        told["total_net_output_bytes"],
        _cpu_seconds(node),
        node.info("memory")["used_memory"],
    )


def _cpu_seconds(node: redis.Redis) -> float:
    return cpu_seconds(node.info("server")["process_id"])
