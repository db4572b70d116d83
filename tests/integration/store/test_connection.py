"""The connection to Redis: every call ends, whatever Redis does, and no answer is taken for another's."""

import asyncio
import time

import pytest

from shared.store import server
from shared.store.connection import StoreError, connect


@pytest.fixture
async def redis(one_redis):
    redis = connect(one_redis, connections=2)
    yield redis
    await redis.aclose()


@pytest.fixture
def hanging(redis_server, monkeypatch):
    """A Redis that does not answer until the test ends."""
    monkeypatch.setattr(server, "TIMEOUT_SECONDS", 0.5)
    redis_server.hang()
    yield
    redis_server.go_on()


CALLS = [
    pytest.param(lambda redis: redis.get("a"), id="command"),
    pytest.param(lambda redis: redis.ask_all([("GET", "a"), ("GET", "b")]), id="ask_all"),
]


@pytest.mark.parametrize("call", CALLS)
async def test_a_redis_that_does_not_answer_is_an_error_in_time(redis, hanging, call):
    began = time.monotonic()

    with pytest.raises(StoreError, match="did not answer within"):
        await call(redis)

    assert time.monotonic() - began < 2


@pytest.mark.parametrize("call", CALLS)
async def test_a_redis_that_is_not_there_is_an_error(call):
    with pytest.raises(StoreError):
        await call(connect("redis://127.0.0.1:1/0"))


async def test_more_callers_than_connections_wait_for_their_turn(redis):
    answers = await asyncio.gather(*(redis.ask_all([("INCR", "n"), ("INCR", "n")]) for _ in range(20)))

    assert sorted(number for pair in answers for number in pair) == list(range(1, 41))


async def test_answers_come_in_the_order_of_the_commands(redis):
    commands = [("SET", "a", 1), ("GET", "a"), ("MGET", "a", "b"), ("GET", "b")]

    assert await redis.ask_all(commands) == [b"OK", b"1", [b"1", None], None]


async def test_nothing_asked_is_nothing_answered(redis):
    assert await redis.ask_all([]) == []


async def test_a_command_that_fails_leaves_no_answer_behind_for_the_next(redis):
    await redis.set("text", "x")

    with pytest.raises(StoreError):
        await redis.ask_all([("INCR", "text"), ("SET", "later", 1)])

    for _ in range(4):
        assert await redis.ask_all([("GET", "text")]) == [b"x"]


async def test_a_caller_that_goes_away_leaves_no_answer_behind_for_the_next(redis, redis_server):
    redis_server.hang()
    try:
        asking = asyncio.create_task(redis.ask_all([("SET", "a", "wrong")]))
        await asyncio.wait([asking], timeout=0.3)
        asking.cancel()
        await asyncio.wait([asking])
    finally:
        redis_server.go_on()

    assert asking.cancelled()
    for _ in range(4):
        assert await redis.ask_all([("ECHO", "mine")]) == [b"mine"]


async def test_a_connection_that_redis_closed_while_idle_is_made_anew(redis, redis_db):
    await redis.ask_all([("SET", "a", 1)])
    other = connect(redis_db)
    await other.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    assert await redis.ask_all([("GET", "a")]) == [b"1"]
    assert await redis.get("a") == b"1"
    await other.aclose()


@pytest.mark.parametrize("call", CALLS)
async def test_a_call_that_is_not_answered_is_told_of_once(redis, hanging, call):
    reasons = []
    redis.on_failure = reasons.append

    with pytest.raises(StoreError):
        await call(redis)

    assert reasons == ["timeout"]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "redis+cluster://127.0.0.1:1"])
async def test_a_call_that_finds_no_redis_is_told_of_once(call, url):
    reasons = []
    redis = connect(url, on_failure=reasons.append)

    with pytest.raises(StoreError):
        await call(redis)

    assert reasons == ["connection"]
    await redis.aclose()


@pytest.mark.parametrize(("setting", "value"), [("maxmemory", "1"), ("min-replicas-to-write", "1")])
async def test_what_redis_refuses_is_told_of(redis, setting, value):
    reasons = []
    redis.on_failure = reasons.append
    await redis.execute_command("CONFIG", "SET", setting, value)
    try:
        with pytest.raises(StoreError):
            await redis.ask_all([("SET", "a", 1)])
        with pytest.raises(StoreError):
            await redis.execute_command("SET", "a", 1)
    finally:
        await redis.execute_command("CONFIG", "SET", setting, "0")

    assert reasons == ["refused", "refused"]


async def test_a_no_of_redis_is_no_failure_of_it(redis):
    reasons = []
    redis.on_failure = reasons.append
    await redis.set("text", "x")

    with pytest.raises(StoreError):
        await redis.ask_all([("INCR", "text")])
    with pytest.raises(StoreError):
        await redis.execute_command("INCR", "text")

    assert reasons == []
