"""A compose stack of a test's own: its project, its ports, its data, gone with the test."""

import os
import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path

from roost.ports import reserve_port
from tests.house.files import ROOT
from tests.servers.process import until

#: The secrets of the app that the simulator knows, as compose.yaml gives them to who asks X.
OAUTH1_SECRET = "roost-simulator-secret"
OAUTH2_SECRET = "roost-simulator-client-secret"
#: A container that is asked to stop has so long: the longest `stop_grace_period` of compose.yaml.
GRACE_SECONDS = 45


class Compose:
    """The project's compose.yaml, with the simulator, on free ports."""

    def __init__(self, changes: Path) -> None:
        port, simulator_port = reserve_port(), reserve_port()
        self.gateway_url = f"http://127.0.0.1:{port}"
        self.simulator_url = f"http://127.0.0.1:{simulator_port}"
        self._project = f"roost-test-{secrets.token_hex(4)}"
        self._files = ["-f", str(ROOT / "compose.yaml"), "-f", str(changes)]
        self._environment = {
            "PATH": os.environ["PATH"],  # noqa: TID251 (where docker is)
            "HOME": os.environ["HOME"],  # noqa: TID251 (where its plugins may be)
            "ROOST_PORT": str(port),
            "ROOST_SIMULATOR_PORT": str(simulator_port),
            "REDIS_PASSWORD": secrets.token_hex(16),
            "RABBITMQ_PASSWORD": secrets.token_hex(16),
        }

    def up(self, scale: Mapping[str, int]) -> None:
        """Build, start so many of each service, and wait until everything is healthy."""
        self._compose("build", "api", "front")
        scales = (word for name, count in scale.items() for word in ("--scale", f"{name}={count}"))
        self._compose("up", "--detach", "--wait", "--wait-timeout", "240", *scales)

    def kill_a_fetcher(self) -> None:
        """End one as a crash would."""
        self._docker("kill", self.running("fetcher")[0])

    def restart_one_by_one(self, service: str) -> int:
        """Restart each container of a service, the next when the one before is healthy; give how many."""
        containers = self.running(service)
        for container in containers:
            self._docker("restart", "--time", str(GRACE_SECONDS), container)
            until(lambda container=container: self._is_healthy(container), seconds=90)  # type: ignore[misc]
        return len(containers)

    def running(self, service: str) -> list[str]:
        """Name the containers of a service that run."""
        return self._compose("ps", "--quiet", "--status", "running", service).split()

    def master_key(self) -> str:
        """Read the key that was made at the first start."""
        return self._compose("exec", "-T", "fetcher", "cat", "/secrets/keys").strip()

    def kept_secret(self) -> set[str]:
        """Name what nobody should see who sees the machine's processes."""
        passwords = {value for name, value in self._environment.items() if name.endswith("_PASSWORD")}
        return {*passwords, self.master_key(), OAUTH1_SECRET, OAUTH2_SECRET}

    def command_lines(self) -> str:
        """Read how every container was begun, and what runs in those that run."""
        everything = self._compose("ps", "--all", "--quiet").split()
        begun = self._docker("inspect", "--format", "{{.Path}} {{json .Args}}", *everything)
        running = self._compose("ps", "--quiet", "--status", "running").split()
        return begun + "".join(self._docker("top", each, "-eo", "pid,args") for each in running)

    def logs(self) -> str:
        """Read the end of everybody's log."""
        return self._compose("logs", "--no-color", "--tail", "40")

    def stop(self) -> None:
        """End everything but the data."""
        self._compose("down", "--timeout", "15")

    def down(self) -> None:
        """End everything, data too."""
        self._compose("down", "--volumes", "--remove-orphans", "--timeout", "15")

    def _is_healthy(self, container: str) -> bool:
        health = "{{if .State.Health}}{{.State.Health.Status}}{{end}}"
        return self._docker("inspect", "--format", health, container).strip() == "healthy"

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
