"""One timeline of 300 tweets, behind a gateway that is reached by TLS, for clients that nobody here wrote."""

import asyncio
import threading
from dataclasses import dataclass

import httpx2
import pytest

from roost.ports import reserve_port
from tests.integration.api.people import People, Person, ids_now, page_of
from tests.servers.programs import Programs
from tests.servers.tls import HOST, Authority, tunnel

TWEETS = 300


@dataclass
class Gate:
    """A gateway as its callers see it, and the certificate by which they trust it."""

    host: str
    plain: str
    trusted: str


@pytest.fixture(scope="session")
def gate(redis_url, simulator_url, tmp_path_factory):
    """A gateway behind TLS; the tunnel turns in a thread of its own, for the clients hold theirs."""
    folder, port = tmp_path_factory.mktemp("gate"), reserve_port()
    authority, programs = Authority(folder / "authority"), Programs(folder)
    plain = programs.start_gateway(
        redis_url=redis_url,
        x_api_url=simulator_url,
        x_consumer_key="roost-simulator",
        x_consumer_secret="roost-simulator-secret",
        public_url=f"https://{HOST}:{port}",
    )
    loop, ending, is_open = asyncio.new_event_loop(), asyncio.Event(), threading.Event()

    async def stand():
        async with tunnel(plain, authority.vouch(HOST), port) as reached:
            is_open.set()
            await ending.wait()
            for each in reached.carried:  # clients keep their connections open
                each.cancel()

    thread = threading.Thread(target=loop.run_until_complete, args=(stand(),))
    thread.start()
    assert is_open.wait(10)
    yield Gate(f"{HOST}:{port}", plain, str(authority.path))
    loop.call_soon_threadsafe(ending.set)
    thread.join(10)
    loop.close()
    programs.end()


@pytest.fixture
async def people(gate, simulator_url, redis_db):
    async with (
        httpx2.AsyncClient(base_url=gate.plain, timeout=30) as client,
        httpx2.AsyncClient(base_url=simulator_url, timeout=30) as x,
        People.at(client, x, redis_db) as people,
    ):
        yield people


@pytest.fixture
def ids():
    """The ids of the timeline, newest first."""
    return ids_now(TWEETS)[::-1]


@pytest.fixture
async def reader(people, ids) -> Person:
    """Somebody whose timeline it is."""
    person = await people.register("oauth1")
    await people.show(person, page_of(ids))
    return person


@pytest.fixture
async def keys(gate, reader):
    """What a program of theirs signs with: four values."""
    async with httpx2.AsyncClient(base_url=gate.plain, timeout=30) as client:
        wish = {"name": "the old app", "oauth1": True}
        answer = await client.post("/v1/account/keys", json=wish, headers=reader.headers)
    names = ("consumer_key", "consumer_secret", "token", "token_secret")
    return tuple(answer.json()["oauth1"][name] for name in names)
