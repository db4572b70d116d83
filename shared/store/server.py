"""
One Redis or Valkey.

A call has one timeout, however many commands and replies it consists of. redis-py's
own, on each write and each reply, cost as much as all the rest of it (bench 1).
"""

import asyncio
from collections.abc import AsyncIterator, Hashable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import hiredis
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError, ResponseError

from shared.store.commands import TIMEOUT_SECONDS, Command, OnFailure, late, tell, tell_nobody


class Server(Redis):
    """A client of one server whose calls end in time."""

    on_failure: OnFailure = staticmethod(tell_nobody)

    async def ask_all(self, commands: Iterable[Command], *, script: str | None = None) -> list[Any]:
        """
        Send many commands at once and read their answers, in one round trip.

        What a pipeline does, at half the price: the commands are packed by hiredis and
        their answers are given as they come. There is one retry, at once, of a connection
        that was lost: each of our scripts may be called twice, for it compares first.

        Shape:  `script` is the text that they call by its hash; it is sent where it is not known.
        Errors: RedisError, when any of them fails; the others may have been carried out.
        """
        wishes = list(commands)
        try:
            return await self._ask_in_time(wishes)
        except NoScriptError:  # none of them was carried out
            if script is None:
                raise
            return (await self._ask_in_time([("SCRIPT", "LOAD", script), *wishes]))[1:]

    async def get_all(self, names: Sequence[str], *, after: Iterable[Command] = ()) -> Sequence[bytes | None]:
        """Read many strings, after other commands are carried out, in one round trip."""
        reads: list[Command] = [("MGET", *names)] if names else []
        answers = await self.ask_all([*after, *reads])
        return answers[-1] if names else []

    async def ask_and_flush(self, command: Command, *, script: str, within_ms: int) -> tuple[Any, bool]:
        """
        Call a script once and wait until what it wrote is safe, in one round trip.

        Shape: its answer, and whether that was so in time; True too from a server that cannot say, for it
               is older than WAITAOF or keeps no append-only file. The script must bear being called twice.
        """
        commands: list[Command] = [("SCRIPT", "LOAD", script), command]
        try:
            *_, answer, flushed = await self.ask_all([*commands, ("WAITAOF", 1, 0, within_ms)])
        except ResponseError:
            return (await self.ask_all(commands))[1], True
        return answer, flushed[0] >= 1

    def lane_of(self, name: str) -> Hashable:  # noqa: ARG002 (a cluster looks at it)
        """Tell what a key shares with those that are asked for in the same round trip."""
        return None

    async def rewrite_file(self) -> None:
        """Have the append-only file written anew, without what is no more."""
        await self.bgrewriteaof()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[AbstractConnection]:
        """
        Hold a connection for whoever listens; it is never used for anything else.

        Errors: RedisError.
        """
        connection = await self.connection_pool.get_connection()  # type: ignore[no-untyped-call] # untyped in redis-py
        try:
            yield connection
        finally:
            await connection.disconnect(nowait=True)
            await self.connection_pool.release(connection)

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command."""
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call] # untyped in redis-py
        except TimeoutError:
            raise tell(self.on_failure, late()) from None
        except RedisError as fault:
            tell(self.on_failure, fault)
            raise

    async def _ask_in_time(self, commands: Sequence[Command]) -> list[Any]:
        packed = [hiredis.pack_command(each) for each in commands]  # type: ignore[arg-type] # its types allow for one word
        if not packed:
            return []
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                try:
                    return await self._ask(packed)
                except RedisConnectionError:
                    return await self._ask(packed)
        except TimeoutError:
            raise tell(self.on_failure, late()) from None
        except RedisError as fault:
            tell(self.on_failure, fault)
            raise

    async def _ask(self, packed: list[bytes]) -> list[Any]:
        connection = await self.connection_pool.get_connection()  # type: ignore[no-untyped-call] # untyped in redis-py
        try:
            await connection.send_packed_command(packed)
            return [await connection.read_response() for _ in packed]
        except BaseException:
            await connection.disconnect(nowait=True)  # answers to come would be taken for others'
            raise
        finally:
            await self.connection_pool.release(connection)
