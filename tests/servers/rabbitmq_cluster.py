"""
A RabbitMQ cluster on loopback: three nodes with one home, one cookie and one port mapper of their own.

A quorum queue lives on all three; any one of them may be killed.
"""

import json
import subprocess
from pathlib import Path

from roost.ports import reserve_port
from tests.servers import rabbitmq
from tests.servers.process import Process, until

NODES = 3
CONFIG = (
    "cluster_formation.peer_discovery_backend = classic_config\n"
    "cluster_partition_handling = pause_minority\n"
    "net_ticktime = 10\n"
)


class RabbitMQCluster:
    """The nodes, which find each other as they start."""

    def __init__(self, folder: Path) -> None:
        (folder / "home").mkdir(parents=True)
        cookie = folder / "home" / ".erlang.cookie"  # made beforehand: each would make one of its own
        cookie.write_text("ROOSTTESTS")
        cookie.chmod(0o400)
        self._mapper_port = reserve_port()
        self._ports = [reserve_port() for _ in range(NODES)]
        (folder / "plugins").write_text("[].")
        (folder / "rabbitmq.conf").write_text(rabbitmq.LIMITS + CONFIG + self._peers())
        self.nodes = [self._node(folder, port) for port in self._ports]
        self.url = ";".join(f"amqp://guest:guest@127.0.0.1:{port}/" for port in self._ports)

    def start(self) -> None:
        """Start all nodes; a cluster when this returns."""
        for node in self.nodes:
            node.start()
        for number in range(NODES):
            self._wait_for(number)
        until(lambda: self._running() == NODES, seconds=60)

    def kill(self, number: int) -> None:
        """Crash a node."""
        self.nodes[number].kill()

    def revive(self, number: int) -> None:
        """Start a node again with the data that it has; ready when this returns."""
        self.nodes[number].start()
        self._wait_for(number)

    def stop(self) -> None:
        """End it for good, and its port mapper, which would outlive it."""
        for node in self.nodes:
            node.kill()
        subprocess.run(["epmd", "-kill"], env=self.nodes[0].environment, capture_output=True, check=False)

    def leader(self, queue: str) -> int:
        """Find the node that leads a quorum queue."""
        told = self._ask("list_queues", "name", "leader").splitlines()
        name = next(line.split()[1] for line in told if line.split()[:1] == [queue])
        return next(number for number, port in enumerate(self._ports) if f"roost{port}@" in name)

    def _running(self) -> int:
        told = self._ask("cluster_status", "--formatter", "json")
        return len(json.loads(told)["running_nodes"]) if told.startswith("{") else 0

    def _ask(self, *words: str) -> str:
        number = next(number for number, node in enumerate(self.nodes) if node.pid)
        program = str(rabbitmq.DEBIAN_PROGRAMS / "rabbitmqctl")
        command = [program, "-q", "-n", f"roost{self._ports[number]}@localhost", *words]
        run = subprocess.run(
            command,
            env=self.nodes[number].environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return run.stdout

    def _node(self, folder: Path, port: int) -> Process:
        environment = rabbitmq.environment(folder, port, self._mapper_port)
        return Process([rabbitmq.program()], environment, folder / f"rabbitmq-{port}.log")

    def _wait_for(self, number: int) -> None:
        url = f"amqp://127.0.0.1:{self._ports[number]}/"
        self.nodes[number].wait_until(lambda: rabbitmq.answers(url), seconds=180)

    def _peers(self) -> str:
        names = (f"roost{port}@localhost" for port in self._ports)
        lines = (
            f"cluster_formation.classic_config.nodes.{number} = {name}"
            for number, name in enumerate(names, start=1)
        )
        return "\n".join(lines) + "\n"
