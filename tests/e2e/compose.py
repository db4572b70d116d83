"""A compose stack of a test's own: its project, its ports, its data, gone with the test."""

import os
import secrets
import subprocess
from pathlib import Path

from roost.ports import free_port
from tests.house.files import ROOT


class Compose:
    """The project's compose.yaml, with the simulator, on free ports."""

    def __init__(self, changes: Path) -> None:
        port, simulator_port = free_port(), free_port()
        self.gateway_url = f"http://127.0.0.1:{port}"
        self.simulator_url = f"http://127.0.0.1:{simulator_port}"
        self._project = f"roost-test-{secrets.token_hex(4)}"
        self._files = ["-f", str(ROOT / "compose.yaml"), "-f", str(changes)]
        self._environment = {
            "PATH": os.environ["PATH"],  # noqa: TID251 (where docker is)
            "HOME": os.environ["HOME"],  # noqa: TID251 (where its plugins may be)
            "ROOST_PORT": str(port),
            "ROOST_SIMULATOR_PORT": str(simulator_port),
        }

    def up(self, *, fetchers: int) -> None:
        """Build, start, and wait until everything is healthy."""
        self._compose("build", "api")
        self._compose("up", "--detach", "--wait", "--wait-timeout", "240", "--scale", f"fetcher={fetchers}")

    def kill_a_fetcher(self) -> None:
        """End one as a crash would."""
        self._docker("kill", self.running("fetcher")[0])

    def running(self, service: str) -> list[str]:
        """Name the containers of a service that run."""
        return self._compose("ps", "--quiet", "--status", "running", service).split()

    def logs(self) -> str:
        """Read the end of everybody's log."""
        return self._compose("logs", "--no-color", "--tail", "40")

    def down(self) -> None:
        """End everything, data too."""
        self._compose("down", "--volumes", "--remove-orphans", "--timeout", "15")

    def _compose(self, *words: str) -> str:
        # No .env: a developer's is not the tests'.
        fixed = ["--env-file", os.devnull, "--project-name", self._project, "--profile", "simulator"]
        return self._docker("compose", *self._files, *fixed, *words)

    def _docker(self, *words: str) -> str:
        done = subprocess.run(
            ["docker", *words], env=self._environment, capture_output=True, text=True, check=False
        )
        assert not done.returncode, f"docker {' '.join(words)}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout


def docker_answers() -> bool:
    """Tell whether a Docker engine answers and Compose is there."""
    try:
        for words in (["info"], ["compose", "version"]):
            subprocess.run(["docker", *words], capture_output=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        return False
    return True
