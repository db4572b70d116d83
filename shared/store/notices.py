"""
Word that a poll has ended, for readers who wait for it.

One connection a process listens, however many wait, and only for accounts that
somebody waits for. A notice is a hint: whoever gets none reads what is held when
their patience ends.

Keys: settled
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from shared.domain.account import AccountId
from shared.store import keys
from shared.store.commands import TIMEOUT_SECONDS
from shared.store.connection import Connection

#: Nothing is said on it: it keeps the connection listening while nobody waits.
_NOBODY = "settled:nobody"


class Notices:
    """The notices that somebody in this process waits for."""

    def __init__(self, redis: Connection) -> None:
        self._redis = redis
        self._pubsub: PubSub | None = None
        self._listener: asyncio.Task[None] | None = None
        self._waiting: dict[str, set[Wait]] = {}
        self._changing = asyncio.Lock()

    @asynccontextmanager
    async def settled(self, account_id: AccountId) -> AsyncIterator["Wait"]:
        """
        Listen for the ends of an account's polls; inside, nothing that happens is missed until it is lost.

        Errors: RedisError when nothing can be listened to; whoever is inside when the connection is lost
                is told so, and comes again.
        """
        channel, wait = keys.settled(account_id), Wait()
        self._waiting.setdefault(channel, set()).add(wait)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                async with self._changing:
                    await (await self._listening()).subscribe(channel)
                await wait.is_heard.wait()
            yield wait
        finally:
            self._waiting[channel].discard(wait)
            await self._leave(channel)

    async def close(self) -> None:
        """Listen no more."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.wait([self._listener])

    async def _leave(self, channel: str) -> None:
        """Listen to a channel no more, if nobody waits there by now."""
        async with self._changing:
            if self._waiting.get(channel, True):
                return
            del self._waiting[channel]
            if self._pubsub is not None:
                with suppress(RedisError):  # its connection is lost, and with it all that it listened to
                    await self._pubsub.unsubscribe(channel)

    async def _listening(self) -> PubSub:
        if self._pubsub is None or self._listener is None:
            pubsub = await self._redis.listening()
            try:
                await pubsub.subscribe(_NOBODY)  # before anybody else uses it: it connects now, and once
            except BaseException:
                await pubsub.aclose()  # type: ignore[no-untyped-call] # else the pool lacks its connection
                raise
            self._pubsub, self._listener = pubsub, asyncio.create_task(self._listen(pubsub))
        return self._pubsub

    async def _listen(self, pubsub: PubSub) -> None:
        try:
            # Lost, whoever waits is told, and whoever comes next listens anew.
            with suppress(RedisError):
                async for message in pubsub.listen():
                    self._hear(message)
        finally:
            self._listener = self._pubsub = None
            for wait in (each for waits in self._waiting.values() for each in waits):
                wait.lose()
            await pubsub.aclose()  # type: ignore[no-untyped-call] # untyped in redis-py

    def _hear(self, message: dict[str, Any]) -> None:
        channel = message["channel"].decode()
        for wait in self._waiting.get(channel, ()):
            if message["type"] == "subscribe":
                wait.is_heard.set()
            elif message["type"] == "message":
                wait.is_settled.set()


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
