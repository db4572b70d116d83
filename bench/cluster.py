"""
Measurement 7: what a poll and a page cost on a cluster of three primaries, beside one server.

The cluster has a replica of each primary, as one in use has; their processor time stands apart. All nodes
share this machine with the programs, so what is compared is processor time for each poll and page: polls a
second would compare one process with six that are in each other's way.
"""

from dataclasses import dataclass, field

from bench import spending, wrk
from bench.ground import TWEETS, Ground, ground
from bench.meters import Store, one_server
from bench.spending import Cost
from bench.table import Row, Spread, spread
from tests.servers.rabbitmq import LocalRabbitMQ
from tests.servers.redis_cluster import PRIMARIES


@dataclass(frozen=True, slots=True)
class Costs:
    """Run by run."""

    polls: list[Cost] = field(default_factory=list)
    pages: list[Cost] = field(default_factory=list)


def measure(runs: int, seconds: float) -> list[Row]:
    """Spend on one server and on a cluster, in turn."""
    server, cluster = Costs(), Costs()
    with ground() as place:
        broker, one, three = place.rabbitmq(), one_server(place.redis().url), _cluster(place)
        for _ in range(runs):
            _spend(place, one, broker, seconds, server)
            _spend(place, three, broker, seconds, cluster)
    return [*_poll_rows(cluster.polls, server.polls), *_page_rows(cluster.pages, server.pages)]


def _spend(place: Ground, store: Store, broker: LocalRabbitMQ, seconds: float, costs: Costs) -> None:
    costs.polls.append(spending.poll(place, store, broker, TWEETS, seconds))
    if wrk.found():
        costs.pages.append(spending.page(place, store, seconds))


def _cluster(place: Ground) -> Store:
    cluster = place.redis_cluster()
    clients = [node.client for node in cluster.nodes]
    return Store(cluster.url, clients[:PRIMARIES], clients[PRIMARIES:])


def _poll_rows(ours: list[Cost], theirs: list[Cost]) -> list[Row]:
    return [
        _beside("7  ms of a fetcher for a poll, on a cluster", ours, theirs, "fetcher", "< 1.5"),
        _beside("   ms of a scheduler for a poll", ours, theirs, "scheduler"),
        _store("   ms of Redis for a poll, its primaries together", ours, theirs, "< 2"),
        Row("   ms of its replicas for a poll", str(spread([each.ms("replicas") for each in ours]))),
        _reads("   read events of Redis for a poll", ours, theirs),
    ]


def _page_rows(ours: list[Cost], theirs: list[Cost]) -> list[Row]:
    if not ours:
        return [Row("   pages on a cluster", "not measured: apt-get install wrk")]
    return [
        _beside("   ms of a gateway for a page", ours, theirs, "gateway", "< 1.5"),
        _store("   ms of Redis for a page, its primaries together", ours, theirs, "< 2"),
        _reads("   read events of Redis for a page", ours, theirs),
    ]


def _beside(what: str, ours: list[Cost], theirs: list[Cost], name: str, aim: str = "") -> Row:
    return _row(
        what, spread([each.ms(name) for each in ours]), spread([each.ms(name) for each in theirs]), aim
    )


def _store(what: str, ours: list[Cost], theirs: list[Cost], aim: str) -> Row:
    return _row(
        what, spread([each.store_ms for each in ours]), spread([each.store_ms for each in theirs]), aim
    )


def _reads(what: str, ours: list[Cost], theirs: list[Cost]) -> Row:
    roost, server = (spread([each.store.reads for each in costs]) for costs in (ours, theirs))
    return _row(what, roost, server)


def _row(what: str, ours: Spread, theirs: Spread, aim: str = "") -> Row:
    return Row(what, str(ours), f"one server {theirs}", f"{ours.middle / theirs.middle:.2f}", aim)
