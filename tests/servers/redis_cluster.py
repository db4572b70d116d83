"""
A cluster of the embedded Valkey on loopback: three primaries with a replica each.

It is put together by the servers' own commands, so that the tests need no other program; its
nodes can be killed and started again, and its slots moved while it is in use.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

import redis

from roost import valkey
from roost.ports import reserve_port
from tests.servers.process import Process, until

PRIMARIES = 3
SLOTS = 16384
#: A node that is silent for so long has failed.
_NODE_TIMEOUT_MS = 2000


class Node:
    """One server of a cluster."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.port = reserve_port()
        options = {
            "cluster-enabled": "yes",
            "cluster-port": reserve_port(),
            "cluster-node-timeout": _NODE_TIMEOUT_MS,
            "cluster-announce-ip": "127.0.0.1",
        }
        words = (part for name, value in options.items() for part in (f"--{name}", str(value)))
        self.process = Process([*valkey.command(self.port, folder), *words], {}, folder / "valkey.log")
        self.client = redis.Redis(port=self.port, socket_timeout=5)

    def answers(self) -> bool:
        """Tell whether it is ready to serve."""
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False

    def start(self) -> None:
        """Start it, with the data and the place in the cluster that it had."""
        self.process.start()
        self.process.wait_until(self.answers)

    def is_well(self) -> bool:
        """Tell whether it takes the whole cluster for well, and is in step with its primary if it has one."""
        is_ok = self.client.cluster("info")["cluster_state"] == "ok"
        return is_ok and self.client.info("replication").get("master_link_status", "up") == "up"

    @property
    def id(self) -> str:
        """How the others call it."""
        return self.client.cluster("myid").decode()


class RedisCluster:
    """The nodes: primaries first, then the replica of each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.nodes = [Node(folder / str(number)) for number in range(2 * PRIMARIES)]
        self.url = "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def start(self) -> None:
        """Start all nodes and make a cluster of them; ready when this returns."""
        for node in self.nodes:
            if not node.process.pid:
                node.start()
        primaries, replicas = self.nodes[:PRIMARIES], self.nodes[PRIMARIES:]
        for number, node in enumerate(primaries):
            low, high = SLOTS * number // PRIMARIES, SLOTS * (number + 1) // PRIMARIES
            # One that finds keys of a slot that nobody has takes it by itself.
            node.client.execute_command("CLUSTER ADDSLOTS", *sorted(set(range(low, high)) - _slots_of(node)))
        self._meet(self.nodes[1:])
        for primary, replica in zip(primaries, replicas, strict=True):
            replica.client.cluster("replicate", primary.id)
        self.wait_until_well()

    def wait_until_well(self) -> None:
        """Wait until every node that runs takes the cluster for well: only then may another be killed."""
        until(lambda: all(node.is_well() for node in self._running()), seconds=60)

    def mend(self) -> None:
        """Start again what was killed; well when this returns."""
        for node in self.nodes:
            if not node.process.pid:
                node.start()
        self.wait_until_well()

    def add(self) -> Node:
        """Let a new node join, which has no slots."""
        self.nodes.append(node := Node(self._folder / str(len(self.nodes))))
        node.start()
        self._meet([node])
        self.wait_until_well()
        return node

    def remove(self, node: Node) -> None:
        """End a node that has no slots, for good."""
        self.nodes.remove(node)
        gone = node.id
        node.process.kill()
        node.client.close()
        for each in self.nodes:
            each.client.cluster("forget", gone)
        shutil.rmtree(node.folder)

    def stop(self) -> None:
        """End it for good."""
        for node in self.nodes:
            node.process.kill()
            node.client.close()

    def flush(self) -> None:
        """Empty it."""
        for node in self.primaries():
            node.client.flushall()

    def primaries(self) -> list[Node]:
        """List the nodes that have slots now."""
        return [node for node in self._running() if node.client.info("replication")["role"] == "master"]

    def primary_of(self, key: str) -> Node:
        """Find the node that has a key."""
        slot = self._running()[0].client.cluster("keyslot", key)
        return next(node for node in self.primaries() if slot in _slots_of(node))

    def replica_of(self, primary: Node) -> Node:
        """Find the replica of a node."""
        return next(
            node
            for node in self._running()
            if node.client.info("replication").get("master_port") == primary.port
        )

    def move(self, slot: int, target: Node) -> None:
        """Move a slot with all its keys to another primary, while it is in use."""
        source = self.begin_to_move(slot, target)
        while keys := source.client.execute_command("CLUSTER GETKEYSINSLOT", slot, 10):
            self._move_keys(source, target, *keys)
        for node in (target, source, *self.primaries()):
            node.client.cluster("setslot", slot, "node", target.id)

    def begin_to_move(self, slot: int, target: Node, *keys: str) -> Node:
        """Begin to move a slot, with these of its keys; give the node that it leaves."""
        source = next(node for node in self.primaries() if slot in _slots_of(node))
        target.client.cluster("setslot", slot, "importing", source.id)
        source.client.cluster("setslot", slot, "migrating", target.id)
        if keys:
            self._move_keys(source, target, *keys)
        return source

    def _move_keys(self, source: Node, target: Node, *keys: str | bytes) -> None:
        source.client.execute_command("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)

    def _meet(self, nodes: Sequence[Node]) -> None:
        first = self.nodes[0]
        bus = first.process.command[first.process.command.index("--cluster-port") + 1]
        for node in nodes:
            node.client.execute_command("CLUSTER MEET", "127.0.0.1", first.port, bus)
        until(lambda: all(len(self._known(node)) == len(self.nodes) for node in self.nodes))

    def _running(self) -> list[Node]:
        return [node for node in self.nodes if node.process.pid]

    def _known(self, node: Node) -> list[str]:
        return node.client.execute_command("CLUSTER NODES").keys()


def _slots_of(node: Node) -> set[int]:
    known = node.client.execute_command("CLUSTER NODES")
    own = next(each for each in known.values() if "myself" in each["flags"])
    return {slot for part in own["slots"] for slot in range(int(part[0]), int(part[-1]) + 1)}
