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

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from shared.domain.account import AccountId
from shared.store import keys

#: Nothing is said on it: it keeps the connection listening while nobody waits.
_NOBODY = "settled:nobody"


class Notices:
    """The notices that somebody in this process waits for."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._pubsub: PubSub | None = None
        self._listener: asyncio.Task[None] | None = None
        self._waiting: dict[str, set[_Wait]] = {}
        self._changing = asyncio.Lock()

    @asynccontextmanager
    async def settled(self, account_id: AccountId) -> AsyncIterator["_Wait"]:
        """Listen for the end of an account's next poll; inside, nothing that happens is missed."""
        channel, wait = keys.settled(account_id), _Wait()
        self._waiting.setdefault(channel, set()).add(wait)
        try:
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
            pubsub = self._redis.pubsub()
            await pubsub.subscribe(_NOBODY)  # before anybody else uses it: it connects now, and once
            self._pubsub, self._listener = pubsub, asyncio.create_task(self._listen(pubsub))
        return self._pubsub

    async def _listen(self, pubsub: PubSub) -> None:
        try:
            # Lost, whoever waits runs out of patience, and whoever comes next listens anew.
            with suppress(RedisError):
                async for message in pubsub.listen():
                    self._hear(message)
        finally:
            self._listener = self._pubsub = None
            await pubsub.aclose()  # type: ignore[no-untyped-call] # untyped in redis-py

    def _hear(self, message: dict[str, Any]) -> None:
        channel = message["channel"].decode()
        for wait in self._waiting.get(channel, ()):
            if message["type"] == "subscribe":
                wait.is_heard.set()
            elif message["type"] == "message":
                wait.is_settled.set()


class _Wait:
    """One who waits: from `is_heard` on, `is_settled` misses nothing."""

    def __init__(self) -> None:
        self.is_heard = asyncio.Event()
        self.is_settled = asyncio.Event()
