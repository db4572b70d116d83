"""What some tests share: a simulator of X with somebody in it, a second Redis, `roost recover`."""

import os
import subprocess
import sys

import httpx2
import pytest

from shared.environment import variable
from tests.servers.programs import SECRET_KEYS, Programs
from tests.servers.redis import LocalRedis


@pytest.fixture(scope="session")
def x_url(tmp_path_factory):
    programs = Programs(tmp_path_factory.mktemp("simulator"))
    yield programs.start_simulator(simulator_window_limit=9000)
    programs.end()


@pytest.fixture
def x_control(x_url):
    with httpx2.Client(base_url=x_url, timeout=30) as client:
        yield client
        client.delete("/_sim/faults")


@pytest.fixture
def person(x_control):
    return x_control.post("/_sim/users", json={}).json()


@pytest.fixture
def count(x_control):
    """Count what X has been asked since the test began."""
    before = x_control.get("/_sim/oauth").json()
    return lambda: {
        name: number - before[name] for name, number in x_control.get("/_sim/oauth").json().items()
    }


@pytest.fixture
def keys_redis(tmp_path):
    """Another Redis, for data keys alone."""
    server = LocalRedis(tmp_path / "keys")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def recover(redis_db, tmp_path):
    """Call `roost recover`, as an operator does."""

    def call(*words, **settings):
        given = {"redis_url": redis_db, "secret_keys": SECRET_KEYS, **settings}
        environment = {variable(name): str(value) for name, value in given.items()} | {
            "PATH": os.environ["PATH"]  # noqa: TID251 (passed on)
        }
        command = [sys.executable, "-m", "roost", "recover", *words]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    return call
