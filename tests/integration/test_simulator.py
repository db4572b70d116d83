"""The simulator as a process: broken answers on a real connection, a restart, a clean stop."""

import asyncio
import json
import socket

import httpx2
import pytest

from roost.ports import reserve_port
from tests.servers.process import until
from tests.servers.programs import is_ok


@pytest.fixture
async def x(simulator_url):
    """A client of the simulator; its faults end with the test."""
    async with httpx2.AsyncClient(base_url=simulator_url, timeout=30) as client:
        yield client
        await client.delete("/_sim/faults")


async def newcomer(x, *, tweets=20):
    """Add somebody with some tweets; where their timeline is, and in whose name to ask for it."""
    person = (await x.post("/_sim/users", json={"follow": 0})).json()
    await x.post(f"/_sim/users/{person['id']}/tweets", json={"count": tweets})
    return {
        "url": f"/2/users/{person['id']}/timelines/reverse_chronological",
        "headers": {"authorization": f"Bearer {person['oauth2']['access_token']}"},
    }


async def break_once(x, home, **fault):
    """Let one request of this person go wrong."""
    user = home["url"].split("/")[3]
    await x.post("/_sim/faults", json={"user": user, "times": 1} | fault)


async def read(answer, part):
    """Read an answer as far as it comes."""
    async for chunk in answer.aiter_raw():
        part += chunk


async def test_a_dropped_connection_brings_no_answer(x):
    home = await newcomer(x)
    await break_once(x, home, drop=True)

    with pytest.raises(httpx2.RemoteProtocolError):
        await x.get(**home)

    assert (await x.get(**home)).status_code == 200


async def test_a_truncated_body_is_half_of_what_its_headers_promise(x):
    home = await newcomer(x)
    whole = (await x.get(**home)).content
    await break_once(x, home, truncate=True)

    async with x.stream("GET", **home) as answer:
        part = bytearray()
        with pytest.raises(httpx2.RemoteProtocolError):
            await read(answer, part)

    assert (answer.status_code, int(answer.headers["content-length"])) == (200, len(whole))
    assert answer.headers["x-rate-limit-remaining"] == "13"
    assert part == whole[: len(whole) // 2]


async def test_a_slow_answer_keeps_nobody_else_waiting(x):
    ada, bob = await newcomer(x), await newcomer(x)
    await break_once(x, ada, latency_ms=60_000)

    slow = asyncio.create_task(x.get(**ada))

    assert (await x.get(**bob)).status_code == 200
    assert not slow.done()
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow


async def test_a_client_that_hangs_up_is_no_fault(x, simulator_url):
    home = await newcomer(x)
    host, port = simulator_url.removeprefix("http://").split(":")
    for _ in range(20):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(f"GET {home['url']} HTTP/1.1\r\nhost: x\r\n\r\n".encode())

    assert (await x.get(**home)).status_code == 200


def test_it_stops_when_asked_and_a_restart_finds_the_same_people(programs):
    port = reserve_port()
    url = f"http://127.0.0.1:{port}"
    process = programs.start("simulator", simulator_port=port, simulator_users=3)
    process.wait_until(lambda: is_ok(f"{url}/_sim/users"))
    people = httpx2.get(f"{url}/_sim/users").json()["users"]

    status = process.stop()
    process.start()
    process.wait_until(lambda: is_ok(f"{url}/_sim/users"))

    tokens = [each["oauth1"] for each in people]
    assert status == 0
    assert [each["oauth1"] for each in httpx2.get(f"{url}/_sim/users").json()["users"]] == tokens
    assert process.stop() == 0
    lines = [json.loads(line) for line in process.output().splitlines() if line.startswith("{")]
    assert [line["event"] for line in lines] == ["simulator started"] * 2


def test_a_port_in_use_ends_it(programs, simulator_url):
    port = int(simulator_url.rsplit(":", 1)[1])
    process = programs.start("simulator", simulator_port=port)

    until(lambda: process.pid is None)

    assert process.stop() != 0
    assert "address already in use" in process.output()
