"""
The connection to Redis: bounded, with a timeout on every call.

A call has one timeout, however many commands and replies it consists of. redis-py's
own, on each write and each reply, cost as much as all the rest of it (bench 1).
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import hiredis
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

#: What `connect` makes, for those who hold it without knowing Redis.
Connection = Redis

Word = str | bytes | int

#: A command and its arguments.
Command = tuple[Word, ...]

#: What every store raises when Redis cannot be reached or does not answer in time.
StoreError = RedisError

#: A call that takes longer than this has found Redis down; the lease runs out and the poll is made again.
TIMEOUT_SECONDS = 5


def connect(url: str, *, connections: int = 64) -> Redis:
    """
    Make a client for the Redis or Valkey at `url`; nothing is connected before the first command.

    Errors: a call raises RedisError when Redis is unreachable or `TIMEOUT_SECONDS` pass.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=None,
        socket_timeout=None,
        socket_connect_timeout=TIMEOUT_SECONDS,
        # One retry, at once, for a connection that the server had closed while it was idle.
        retry=Retry(NoBackoff(), 1),
    )
    return _Bounded.from_pool(pool)


async def ask_all(redis: Redis, commands: Iterable[Command]) -> list[Any]:
    """
    Send many commands at once and read their answers, in one round trip.

    What a pipeline does, at half the price: the commands are packed by hiredis and
    their answers are given as they come. There is one retry, at once, of a connection
    that was lost: each of our scripts may be called twice, for it compares first.

    Errors: RedisError, when any of them fails; the others may have been carried out.
    """
    packed = [hiredis.pack_command(each) for each in commands]  # type: ignore[arg-type] # its types allow for one word
    if not packed:
        return []
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            try:
                return await _ask(redis, packed)
            except RedisConnectionError:
                return await _ask(redis, packed)
    except TimeoutError:
        raise _late() from None


async def _ask(redis: Redis, packed: list[bytes]) -> list[Any]:
    connection = await redis.connection_pool.get_connection()  # type: ignore[no-untyped-call] # untyped in redis-py
    try:
        await connection.send_packed_command(packed)
        return [await connection.read_response() for _ in packed]
    except BaseException:
        await connection.disconnect(nowait=True)  # answers to come would be taken for others'
        raise
    finally:
        await redis.connection_pool.release(connection)


class _Bounded(Redis):
    """A client whose calls end in time."""

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call] # untyped in redis-py
        except TimeoutError:
            raise _late() from None

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:  # noqa: FBT001, FBT002 (as in redis-py)
        return _BoundedPipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)


class _BoundedPipeline(Pipeline):
    """A pipeline that is executed in time."""

    async def execute(self, raise_on_error: bool = True) -> list[Any]:  # noqa: FBT001, FBT002 (as in redis-py)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await super().execute(raise_on_error)
        except TimeoutError:
            raise _late() from None


def _late() -> RedisTimeoutError:
    return RedisTimeoutError(f"Redis did not answer within {TIMEOUT_SECONDS} s")
