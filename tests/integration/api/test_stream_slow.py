"""Who listens and takes nothing is dropped, costs the gateway no memory, and keeps nobody else waiting."""

import asyncio
import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from shared.domain.timeline import Page, Want
from shared.domain.tweet import Body, TweetId
from tests.integration.api.listening import STREAM, Ear
from tests.integration.api.people import ids_now, page_of
from tests.servers.programs import Programs

SLOW = 20
TWEETS = 60
TEXT = 200_000
#: What would be held for the slow ones, if anything were, is more than 200 MB.
MEGABYTES = 60


@pytest.fixture
def programs(tmp_path):
    programs = Programs(tmp_path)
    yield programs
    programs.end()


@pytest.fixture
def narrow_url(programs, redis_url, simulator_url):
    """A gateway on which as many may listen as do here."""
    return programs.start_gateway(
        redis_url=redis_url, x_api_url=simulator_url, api_cache_megabytes=0, streams_per_account=SLOW + 1
    )


@pytest.fixture
def deaf(narrow_url, ada):
    """Those who ask for the stream and then take nothing."""
    sockets = [_ask(narrow_url, ada) for _ in range(SLOW)]
    yield sockets
    for each in sockets:
        each.close()


def _ask(url, person):
    asking = socket.socket()
    asking.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    parts = urlsplit(url)
    asking.connect((parts.hostname, parts.port))
    headers = f"host: roost\r\nauthorization: Bearer {person.token}\r\n\r\n"
    asking.sendall(f"GET {STREAM} HTTP/1.1\r\n{headers}".encode())
    assert asking.recv(12) == b"HTTP/1.1 200"
    return asking


def _long(tweet_id):
    text = b'{"id":"%d","text":"%b"}' % (tweet_id, b"x" * TEXT)
    return Page((TweetId(tweet_id),), (Body(f"tweet:{tweet_id}", text, ()),))


def _megabytes(process):
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return int(next(each for each in lines if each.startswith("VmRSS")).split()[1]) / 1024


async def test_those_who_take_nothing_are_dropped(programs, narrow_url, people, ada, deaf):
    ids = ids_now(TWEETS + 1)
    await people.show(ada, page_of(ids[:1]))
    (gateway,) = programs.running()
    before = _megabytes(gateway)
    ear = Ear(narrow_url, ada)
    listening = asyncio.create_task(ear.follow())
    await ear.until(lambda: ear.heard)

    async with httpx2.AsyncClient(base_url=narrow_url, headers=ada.headers, timeout=30) as client:
        assert (await client.get(STREAM)).status_code == 429
        for number, each in enumerate(ids[1:], 1):
            await people.show(ada, _long(each), Want(since=TweetId(ids[number - 1])))
        await ear.until(lambda: len(ear.tweets) == TWEETS)
        held = _megabytes(gateway) - before
        while await _status(client) == 429:  # a send that is not taken is given ten seconds
            await asyncio.sleep(0.5)
    listening.cancel()
    await asyncio.wait([listening])

    assert ear.tweets == ids[1:]
    assert ear.closed == 0
    assert held < MEGABYTES
    assert _megabytes(gateway) - before < MEGABYTES
    assert "listener dropped" in gateway.output()
    assert "Traceback" not in gateway.output()


async def test_the_connections_of_those_who_were_dropped_are_over(narrow_url, people, ada, deaf):
    ids = ids_now(TWEETS + 1)
    await people.show(ada, page_of(ids[:1]))
    for number, each in enumerate(ids[1:], 1):
        await people.show(ada, _long(each), Want(since=TweetId(ids[number - 1])))

    async with asyncio.timeout(60):
        while _connections(narrow_url) & set(map(_address, deaf)):
            await asyncio.sleep(0.5)


def _connections(url):
    """Tell who is connected to a gateway, as its side of the connections has it."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ports = [[int(end.rpartition(":")[2], 16) for end in row[1:3]] for row in rows]
    return {other for own, other in ports if own == urlsplit(url).port}


def _address(asking):
    return asking.getsockname()[1]


async def _status(client):
    async with client.stream("GET", STREAM) as answer:
        return answer.status_code
