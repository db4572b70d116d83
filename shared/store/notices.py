"""
Word that a poll has ended, for readers who wait for it.

One connection a process listens, however many wait, and only for accounts that
somebody waits for. A notice is a hint: whoever gets none reads what is held when
their patience ends.

A connection that is lost is not made again under those who wait on it, as redis-py's own
PubSub does: what was published meanwhile is gone, and they are to know.

Keys: settled
"""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import hiredis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from shared.domain.account import AccountId
from shared.store import keys
from shared.store.commands import TIMEOUT_SECONDS
from shared.store.connection import Connection


class Notices:
    """The notices that somebody in this process waits for."""

    def __init__(self, redis: Connection) -> None:
        self._redis = redis
        self._connection: AbstractConnection | None = None
        self._listener: asyncio.Task[None] | None = None
        self._waiting: dict[str, set[Wait]] = {}
        self._changing = asyncio.Lock()

    @asynccontextmanager
    async def settled(self, account_id: AccountId) -> AsyncIterator["Wait"]:
        """
        Listen for the ends of an account's polls; inside, nothing that happens is missed until it is lost.

        Errors: RedisError when nothing can be listened to, TimeoutError when the server is silent; whoever
                is inside when the connection is lost is told so, and comes again.
        """
        channel, wait = keys.settled(account_id), Wait()
        self._waiting.setdefault(channel, set()).add(wait)
        try:
            await self._subscribe(channel, wait)
            yield wait
        finally:
            self._waiting[channel].discard(wait)
            await self._leave(channel)

    async def close(self) -> None:
        """Listen no more."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.wait([self._listener])

    async def _subscribe(self, channel: str, wait: "Wait") -> None:
        listener = None
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                async with self._changing:
                    connection = await self._listening()
                    listener = self._listener
                    await _say(connection, "SUBSCRIBE", channel)
                await wait.is_heard.wait()
        except TimeoutError:
            if listener is not None:
                listener.cancel()  # it listens to a server that is silent: whoever comes next begins anew
            raise

    async def _leave(self, channel: str) -> None:
        """Listen to a channel no more, if nobody waits there by now."""
        async with self._changing:
            if self._waiting.get(channel, True):
                return
            del self._waiting[channel]
            if self._connection is not None:
                with suppress(RedisError):  # it is lost, and with it all that it listened to
                    await _say(self._connection, "UNSUBSCRIBE", channel)

    async def _listening(self) -> AbstractConnection:
        if self._connection is None:
            held = AsyncExitStack()
            self._connection = await held.enter_async_context(self._redis.listening())
            self._listener = asyncio.create_task(self._listen(self._connection, held))
        return self._connection

    async def _listen(self, connection: AbstractConnection, held: AsyncExitStack) -> None:
        try:
            # Lost, whoever waits is told, and whoever comes next listens anew.
            with suppress(RedisError):
                while True:
                    self._hear(await connection.read_response(timeout=math.inf, push_request=True))
        finally:
            self._listener = self._connection = None
            for wait in (each for waits in self._waiting.values() for each in waits):
                wait.lose()
            await held.aclose()

    def _hear(self, message: list[Any] | None) -> None:
        if message is None:  # of the server's own upkeep, which redis-py sees to
            return
        kind, channel, _ = message
        for wait in self._waiting.get(channel.decode(), ()):
            if kind == b"subscribe":
                wait.is_heard.set()
            elif kind == b"message":
                wait.is_settled.set()


async def _say(connection: AbstractConnection, word: str, channel: str) -> None:
    if not connection.is_connected:  # else redis-py would make a new one, on which nobody hears
        raise RedisConnectionError("the connection that listens is lost")
    await connection.send_packed_command([hiredis.pack_command((word, channel))])  # type: ignore[arg-type] # its types allow for one word


class Wait:
    """One who waits: from `is_heard` on, `is_settled` misses nothing, until it `is_lost`."""

    __slots__ = ("is_heard", "is_lost", "is_settled")

    def __init__(self) -> None:
        self.is_heard = asyncio.Event()
        self.is_settled = asyncio.Event()
        self.is_lost = False

    def lose(self) -> None:
        """Note that nothing is heard any more."""
        self.is_lost = True
        self.is_heard.set()
        self.is_settled.set()
