"""What tests of the fetcher's parts share: a simulator of X with wide windows, and somebody whom it knows."""

import httpx2
import pytest

from tests.servers.programs import Programs


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
