"""The product's own programs as processes, for tests that talk to them, or kill them."""

import os
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path

from roost.ports import reserve_port
from shared.environment import variable
from tests.servers.process import Process

#: The master key of everything that tests seal.
SECRET_KEYS = "dGhlIG1hc3RlciBrZXkgb2YgdGhlIHRlc3RzIG9ubHk="


class Programs:
    """Starts programs and remembers them, so that all can be ended."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()
        self._started: list[Process] = []

    def start(self, name: str, **settings: object) -> Process:
        """
        Start `roost <name>` with these settings and no others.

        Shape: its process, running but not waited for.
        """
        return self.start_other(name, ["-m", "roost", name], settings)

    def start_other(self, name: str, words: Sequence[str], settings: Mapping[str, object]) -> Process:
        """Start another program, `python <words>`, that takes settings as ours do."""
        log = self._folder / f"{name}-{next(self._numbers)}.log"
        if name in {"api", "fetcher"}:
            settings = {"secret_keys": SECRET_KEYS, **settings}
        if name in {"scheduler", "fetcher"}:
            settings = {"metrics_port": 0, **settings}  # many run on this machine
        environment = {variable(setting): str(value) for setting, value in settings.items()}
        command = [sys.executable, *words]
        process = Process(command, {"PATH": os.environ["PATH"], **environment}, log)  # noqa: TID251 (passed on)
        self._started.append(process)
        process.start()
        return process

    def start_simulator(self, **settings: object) -> str:
        """Start a simulator of X and wait until it answers; tell its URL."""
        return self._serving("simulator", "simulator_port", "/_sim/users", settings)

    def start_gateway(self, **settings: object) -> str:
        """Start a gateway and wait until it is ready; tell its URL."""
        return self._serving("api", "port", "/readyz", settings)

    def running(self) -> list[Process]:
        """List what was started and runs."""
        return [each for each in self._started if each.pid]

    def end(self) -> None:
        """End all of them."""
        for process in reversed(self._started):
            process.kill()

    def _serving(self, name: str, port_setting: str, path: str, settings: dict[str, object]) -> str:
        url = f"http://127.0.0.1:{settings.setdefault(port_setting, reserve_port())}"
        self.start(name, **settings).wait_until(lambda: is_ok(url + path))
        return url


def is_ok(url: str) -> bool:
    """Tell whether a GET of this address is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:  # not there yet, or there and not ready
        return False
