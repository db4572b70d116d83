"""One gateway as a process, X simulated, and people who have registered with it."""

import httpx2
import pytest
import redis

from tests.integration.api.people import People, Person
from tests.servers.programs import Programs


@pytest.fixture(scope="session")
def gateway_url(redis_url, simulator_url, tmp_path_factory):
    """One gateway for the whole run: it keeps nothing of its own from test to test."""
    programs = Programs(tmp_path_factory.mktemp("gateway"))
    yield programs.start_gateway(
        redis_url=redis_url,
        x_api_url=simulator_url,
        x_consumer_key="roost-simulator",
        x_consumer_secret="roost-simulator-secret",
        x_client_id="roost-simulator-client",
        x_client_secret="roost-simulator-client-secret",
        x_site_url=simulator_url,
    )
    programs.end()


@pytest.fixture
async def gateway(gateway_url, redis_db):
    """A client without a token; the gateway holds nothing when the test begins."""
    async with httpx2.AsyncClient(base_url=gateway_url, timeout=30) as client:
        yield client


@pytest.fixture
async def x(simulator_url):
    """The control surface of the simulated X; its faults end with the test."""
    async with httpx2.AsyncClient(base_url=simulator_url, timeout=30) as client:
        yield client
        await client.delete("/_sim/faults")


@pytest.fixture
async def people(gateway, x, redis_db):
    """A maker of people whom X knows, and who have registered or not."""
    async with People.at(gateway, x, redis_db) as people:
        yield people


@pytest.fixture
async def ada(people) -> Person:
    """Somebody who has registered."""
    return await people.register()


@pytest.fixture
def dump(redis_db):
    """Tell everything that Redis holds: each key with its value as Redis would move it elsewhere."""

    def dump() -> dict[bytes, bytes]:
        with redis.Redis.from_url(redis_db) as client:
            return {key: client.dump(key) for key in client.scan_iter()}

    return dump
