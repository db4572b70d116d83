"""
`make up` on a machine where nothing was prepared: a clone, one command, and it runs.

No test asserts a time; how long a person waits is printed.
"""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from roost.ports import reserve_port
from shared.clock import Clock
from tests.e2e.people import Apps, People
from tests.servers.process import Process, pause
from tests.servers.programs import is_ok

ROOT = Path(__file__).parents[2]
#: A fresh clone makes a virtual environment and installs into it.
INSTALL_SECONDS = 400
STOP_SECONDS = 30
SERVED_MS = 60_000
TWEETS = 60


class Machine:
    """A clone of this repository on which `make up` may be called, again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.simulator_port = reserve_port(), reserve_port()
        subprocess.run(["git", "clone", "--quiet", ROOT, folder / "roost"], check=True)
        environment = {
            "PATH": os.environ["PATH"],  # noqa: TID251 (where make and python3 are)
            "HOME": os.environ["HOME"],  # noqa: TID251 (where pip keeps what it has loaded before)
            "ROOST_PORT": str(self.port),
            "ROOST_SIMULATOR_PORT": str(self.simulator_port),
            "ROOST_DATA_DIR": str(folder / "kept"),
        }
        self._make = Process(["make", "-C", str(folder / "roost"), "up"], environment, folder / "up.log")

    def up(self) -> None:
        """Call `make up` and wait until it says that all is up; the gateway is ready then."""
        before = self._times_up() if self._make.log.exists() else 0
        self._make.start()
        self._make.wait_until(lambda: self._times_up() > before, seconds=INSTALL_SECONDS)
        assert is_ok(f"{self.gateway_url}/readyz")

    def down(self) -> None:
        """Ask `make up`, and nothing else, to end; wait until it has."""
        os.kill(self._make.pid, signal.SIGTERM)
        deadline_ms = Clock().now_ms() + STOP_SECONDS * 1000
        while self._make.pid and Clock().now_ms() < deadline_ms:
            pause()

    def tokens(self) -> dict[str, str]:
        """Read what opens the timelines of the people that were there from the start."""
        return json.loads((self.folder / "kept" / "demo.json").read_text())

    def processes(self) -> list[str]:
        """List every process that has to do with this machine: what runs there, or was told of it."""
        return list(self._processes())

    def end(self) -> None:
        """End whatever should have ended by itself."""
        self._make.stop()

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def simulator_url(self) -> str:
        """Where the simulator is."""
        return f"http://127.0.0.1:{self.simulator_port}"

    def _times_up(self) -> int:
        return self._make.log.read_text().count("Roost is up")

    def _processes(self) -> Iterator[str]:
        mark = os.fsencode(self.folder)
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes()
                told = words + (process / "environ").read_bytes()
            except OSError:  # it has ended, or it is not ours to look at
                continue
            if mark in told:
                yield f"{process.name}: {words.replace(bytes(1), b' ').decode(errors='replace')}"


@pytest.fixture
def machine(tmp_path):
    """A machine where nothing was prepared."""
    machine = Machine(tmp_path)
    yield machine
    machine.end()


async def test_one_command_runs_everything_stops_all_of_it_and_goes_on_where_it_was(machine, tell):
    machine.up()
    token, timeline = await _see_a_newcomer_served(machine, tell)
    tokens = machine.tokens()

    assert machine.processes()
    machine.down()
    assert machine.processes() == []

    machine.up()
    async with Apps(machine.gateway_url) as apps:
        assert (await apps.read(token)).ids == timeline
        for each in tokens.values():
            assert (await apps.read(each)).ids
    assert machine.tokens() == tokens
    await _see_a_newcomer_served(machine, tell)

    machine.down()
    assert machine.processes() == []


async def _see_a_newcomer_served(machine: Machine, tell: Callable[[str], None]) -> tuple[str, list[int]]:
    """Register somebody and wait until their tweets are served; give their token and their timeline."""
    async with People(machine.simulator_url) as people, Apps(machine.gateway_url) as apps:
        (person,) = await people.add(1, follow=0)
        await people.tweets(person, TWEETS)
        began_ms = Clock().now_ms()
        (token,) = await apps.register([person])
        while len((served := await apps.read(token)).ids) < TWEETS:
            assert Clock().now_ms() - began_ms < SERVED_MS, "registered, but never served"
            await asyncio.sleep(0.05)
        tell(f"{TWEETS} tweets are served {(Clock().now_ms() - began_ms) / 1000:.2f} s after a registration")
        return token, list(served.ids)
