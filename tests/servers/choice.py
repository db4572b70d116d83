"""
Which servers the tests use: the first of these that can be had.

    1. those named by ROOST_TEST_REDIS_URL and ROOST_TEST_BROKER_URL
    2. containers, where a Docker engine answers and has or gets the images
    3. the embedded Valkey, and the RabbitMQ installed on this machine
    4. the same, after installing RabbitMQ (Debian, as root)

ROOST_TEST_SERVERS=docker or =local leaves out the others of 2 to 4.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path
from tempfile import gettempdir
from typing import Protocol

from tests.servers import docker, rabbitmq, redis

_INSTALLING = Path(gettempdir()) / "roost-tests-installing"


class Server(Protocol):
    """What all of them can do."""

    name: str
    url: str

    def start(self) -> None:
        """Start it; ready when this returns."""

    def stop(self) -> None:
        """End it for good."""


class NoServerError(Exception):
    """No server can be had; says what to install."""


@dataclass(frozen=True)
class Choice:
    """The servers of one run. Nothing is started yet."""

    redis: Server
    broker: Server

    def __str__(self) -> str:
        return f"servers: {self.redis.name} and {self.broker.name}"


def choose(folder: Path, tell: Callable[[str], None]) -> Choice:
    """
    Choose the servers of this run; `tell` is called with what is done for it.

    Errors: NoServerError.
    """
    wish = os.environ.get("ROOST_TEST_SERVERS", "")  # noqa: TID251 (what the tests are told)
    return Choice(_redis(wish, folder / "redis"), _broker(wish, folder / "rabbitmq", tell))


def _redis(wish: str, folder: Path) -> Server:
    if url := _given("ROOST_TEST_REDIS_URL"):
        return redis.GivenRedis(url)
    if wish != "local" and docker.has(docker.REDIS_IMAGE):
        return docker.DockerRedis()
    _must_not_be_docker(wish, docker.REDIS_IMAGE)
    return redis.LocalRedis(folder)


def _broker(wish: str, folder: Path, tell: Callable[[str], None]) -> Server:
    if url := _given("ROOST_TEST_BROKER_URL"):
        return rabbitmq.GivenRabbitMQ(url)
    if wish != "local" and docker.has(docker.RABBITMQ_IMAGE):
        return docker.DockerRabbitMQ()
    _must_not_be_docker(wish, docker.RABBITMQ_IMAGE)
    must_have_rabbitmq(tell)
    return rabbitmq.LocalRabbitMQ(folder)


def _given(name: str) -> str | None:
    url = os.environ.get(name)  # noqa: TID251 (what the tests are told)
    if url and int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > 1:  # noqa: TID251 (likewise)
        raise NoServerError(f"{name}: several processes cannot share a server; add TESTS=-n0")
    return url


def must_have_rabbitmq(tell: Callable[[str], None]) -> None:
    """
    See to it that nodes of RabbitMQ can be started on this machine.

    Errors: NoServerError.
    """
    with _INSTALLING.open("w") as alone:  # the processes that share a run's tests would install it at once
        flock(alone, LOCK_EX)
        if not rabbitmq.found():
            _install_rabbitmq(tell)


def _must_not_be_docker(wish: str, image: str) -> None:
    if wish == "docker":
        raise NoServerError(
            f"ROOST_TEST_SERVERS=docker, but no Docker engine answers that has or gets {image}"
        )


def _install_rabbitmq(tell: Callable[[str], None]) -> None:
    """Install RabbitMQ from Debian, without letting the package start a node that nobody asked for."""
    if os.geteuid() or not shutil.which("apt-get"):
        raise NoServerError(
            "the tests need RabbitMQ: install rabbitmq-server or Docker, or set ROOST_TEST_BROKER_URL"
        )
    tell("installing rabbitmq-server with apt-get, for the tests")
    refusal = Path("/usr/sbin/policy-rc.d")
    ours = not refusal.exists()
    if ours:
        refusal.write_text("#!/bin/sh\nexit 101\n")
        refusal.chmod(0o755)
    try:
        for words in (["update"], ["install", "--yes", "--no-install-recommends", "rabbitmq-server"]):
            _apt_get(*words)
    finally:
        if ours:
            refusal.unlink()


def _apt_get(*words: str) -> None:
    done = subprocess.run(
        ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *words],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},  # noqa: TID251 (passed on as it is)
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NoServerError(f"apt-get {' '.join(words)} failed:\n{done.stdout[-1500:]}{done.stderr[-1500:]}")
