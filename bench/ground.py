"""
The servers and programs of one measurement, each a process of its own on a free port.

The servers are those of the tests: the embedded Valkey and the RabbitMQ that is
installed on this machine. Nothing outlives the measurement.
"""

import os
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from bench.crowd import MASTER_KEY
from roost.ports import reserve_port
from shared.environment import variable
from shared.sealing import write_key
from tests.servers.process import Process
from tests.servers.rabbitmq import LocalRabbitMQ
from tests.servers.redis import LocalRedis
from tests.servers.redis_cluster import RedisCluster

_ROOT = Path(__file__).parent.parent

ServerT = TypeVar("ServerT", LocalRedis, LocalRabbitMQ, RedisCluster)

#: X's latency in every measurement, and how many tweets a poll finds new.
LATENCY_MS = 100
TWEETS = 5


class Ground:
    """A folder in which servers and programs are started; all of them end with it."""

    def __init__(self, folder: Path, ending: ExitStack) -> None:
        self.folder = folder
        self._ending = ending
        self._numbers = count()

    def redis(self) -> LocalRedis:
        """Start a Valkey."""
        return self._begin(LocalRedis(self.folder / f"redis-{next(self._numbers)}"))

    def redis_cluster(self) -> RedisCluster:
        """Start a cluster of Valkeys: three primaries with a replica each."""
        return self._begin(RedisCluster(self.folder / f"cluster-{next(self._numbers)}"))

    def rabbitmq(self) -> LocalRabbitMQ:
        """Start a RabbitMQ."""
        return self._begin(LocalRabbitMQ(self.folder / f"rabbitmq-{next(self._numbers)}"))

    def roost(self, service: str, **settings: object) -> Process:
        """Start one of the product's programs with these settings."""
        if service in {"api", "fetcher"}:
            settings["secret_keys"] = write_key(MASTER_KEY)
        if service in {"scheduler", "fetcher"}:
            settings["metrics_port"] = 0  # another may be running on this machine
        environment = {variable(name): str(value) for name, value in settings.items()}
        return self._run(service, ["-m", "roost", service], environment)

    def program(self, *words: object) -> Process:
        """Start another Python program: `-m`, its name, its arguments."""
        return self._run(str(words[1]).rpartition(".")[2], [str(word) for word in words], {})

    def pages(self, tweets: int) -> str:
        """Start the lean page server and wait until it answers; tell its URL."""
        port = reserve_port()
        url = f"http://127.0.0.1:{port}"
        serving = self.program("-m", "bench.pages", port, LATENCY_MS, tweets)
        serving.wait_until(lambda: answers(f"{url}/count"))
        return url

    def _run(self, name: str, words: list[str], environment: dict[str, str]) -> Process:
        inherited = {"PATH": os.environ["PATH"], "PYTHONPATH": str(_ROOT)}  # noqa: TID251 (passed on)
        log = self.folder / f"{name}-{next(self._numbers)}.log"
        process = Process([sys.executable, *words], inherited | environment, log)
        self._ending.callback(process.kill)
        process.start()
        return process

    def _begin(self, server: ServerT) -> ServerT:
        self._ending.callback(server.stop)
        server.start()
        return server


@contextmanager
def ground() -> Iterator[Ground]:
    """Prepare a ground and clear it afterwards."""
    with (
        TemporaryDirectory(prefix="roost-bench-", ignore_cleanup_errors=True) as folder,
        ExitStack() as ending,
    ):
        yield Ground(Path(folder), ending)


def answers(url: str) -> bool:
    """Tell whether a GET is answered with 200."""
    try:
        return bool(ask(url))
    except OSError:
        return False


def ask(url: str) -> bytes:
    """GET an address of this machine."""
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 (ours, on this machine)
        return bytes(answer.read())
