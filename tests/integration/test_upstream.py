"""Every end of a request to X is a value, whatever the server at the other end does."""

import asyncio
import contextlib
from contextlib import asynccontextmanager

import pytest

from roost.ports import reserve_port
from shared.domain.credential import OAuth2Credential
from shared.domain.outcome import UNSENT, Unavailable
from shared.x.upstream import App, Broken, Reply, Upstream
from shared.x.window import read_window

CREDENTIAL = OAuth2Credential("token", None, 2**50, "")
HEADERS = (
    b"HTTP/1.1 200 OK\r\nx-rate-limit-limit: 15\r\nx-rate-limit-remaining: 7\r\n"
    b"x-rate-limit-reset: 1800000600\r\n"
)


@asynccontextmanager
async def server(behave, timeout_seconds=0.5):
    """A server that does as told with each connection, once it has read a request."""
    serving = []

    async def serve(reader, writer):
        serving.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError):  # the client hung up first
            await reader.readuntil(b"\r\n\r\n")
            await behave(writer)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        async with Upstream(
            App(f"http://127.0.0.1:{port}"), connections=20, timeout_seconds=timeout_seconds
        ) as upstream:
            yield upstream
        await asyncio.wait(serving)


async def ask(upstream):
    return await upstream.ask("/2/users/me", {"user.fields": "a,b"}, CREDENTIAL)


async def test_a_whole_answer_is_a_reply():
    async def answer(writer):
        writer.write(HEADERS + b"content-length: 2\r\n\r\n{}")
        await writer.drain()

    async with server(answer) as upstream:
        reply = await ask(upstream)

    assert isinstance(reply, Reply)
    assert (reply.status, reply.body) == (200, b"{}")
    assert read_window(reply.headers, now_ms=1_800_000_000_000).left == 7


async def test_half_an_answer_is_broken_but_its_headers_count():
    async def answer(writer):
        writer.write(HEADERS + b"content-length: 200\r\n\r\n{")
        await writer.drain()

    async with server(answer) as upstream:
        broken = await ask(upstream)

    assert isinstance(broken, Broken)
    assert read_window(broken.headers, now_ms=1_800_000_000_000).left == 7


async def test_an_answer_larger_than_any_of_xs_is_broken():
    async def answer(writer):
        writer.write(HEADERS + b"content-length: 99999999\r\n\r\n")
        for _ in range(20):
            writer.write(b" " * 1024 * 1024)
        await writer.drain()

    async with server(answer) as upstream:
        assert isinstance(await ask(upstream), Broken)


async def test_no_answer_in_time_is_a_timeout_and_the_next_request_goes_well():
    answers = [0]

    async def answer(writer):
        answers[0] += 1
        if answers[0] == 1:
            await asyncio.sleep(2)
        writer.write(HEADERS + b"content-length: 2\r\n\r\n{}")
        await writer.drain()

    async with server(answer) as upstream:
        assert await ask(upstream) == Unavailable("timeout")
        assert isinstance(await ask(upstream), Reply)


async def test_an_answer_that_trickles_is_a_timeout_too():
    async def answer(writer):
        writer.write(HEADERS + b"content-length: 1000\r\n\r\n")
        for _ in range(20):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.1)

    async with server(answer) as upstream:
        assert await ask(upstream) == Unavailable("timeout")


async def test_a_connection_closed_without_an_answer_is_unavailable():
    async def answer(_writer):
        return

    async with server(answer) as upstream:
        assert await ask(upstream) == Unavailable("connection")


async def test_nobody_there_is_unavailable_and_the_request_never_left():
    async with Upstream(
        App(f"http://127.0.0.1:{reserve_port()}"), connections=1, timeout_seconds=5
    ) as upstream:
        assert await ask(upstream) == Unavailable(UNSENT)


async def test_as_many_requests_as_there_are_connections_go_at_once():
    together = asyncio.Barrier(20)

    async def answer(writer):
        async with asyncio.timeout(5):
            await together.wait()
        writer.write(HEADERS + b"content-length: 2\r\n\r\n{}")
        await writer.drain()

    async with server(answer, timeout_seconds=5) as upstream:
        replies = await asyncio.gather(*(ask(upstream) for _ in range(20)))

    assert all(isinstance(reply, Reply) for reply in replies)


@pytest.mark.parametrize("thing", [CREDENTIAL, App("http://x", "key", "secret")])
def test_nothing_that_holds_a_secret_shows_it(thing):
    assert "token" not in repr(thing)
    assert "secret" not in repr(thing)
