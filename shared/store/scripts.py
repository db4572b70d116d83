"""
The Lua scripts beside this file, to be called on one connection.

Each script touches the keys of one shard only, so it runs unchanged on a cluster.
Scripts are given `now_ms`; none asks Redis for the time.
"""

import hashlib
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, ResponseError

from shared.store.connection import Word, ask_all

#: The keys and the arguments of one call.
Call = tuple[Sequence[str], Sequence[Word]]


class Script:
    """A script; Redis is sent its text only when it does not know it."""

    def __init__(self, redis: Redis, text: str) -> None:
        self._redis = redis
        self._text = text
        self._sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    async def __call__(self, keys: Sequence[str], args: Sequence[Word]) -> Any:
        """Call it once."""
        return (await self.call_all([(keys, args)]))[0]

    async def call_all(self, calls: Iterable[Call]) -> list[Any]:
        """Call it with each of these keys and arguments, in one round trip."""
        commands = [("EVALSHA", self._sha, len(keys), *keys, *args) for keys, args in calls]
        try:
            return await ask_all(self._redis, commands)
        except NoScriptError:  # none of them was carried out
            return (await ask_all(self._redis, [("SCRIPT", "LOAD", self._text), *commands]))[1:]

    async def call_and_flush(self, call: Call, *, within_ms: int) -> tuple[Any, bool]:
        """
        Call it once and wait until what it wrote is on disk, in one round trip.

        Shape: its answer, and whether Redis flushed in time; True too from a server that cannot say, for it
               is older than WAITAOF or keeps no append-only file. The script must bear being called twice.
        """
        keys, args = call
        evaluate = ("EVALSHA", self._sha, len(keys), *keys, *args)
        commands = [("SCRIPT", "LOAD", self._text), evaluate]
        try:
            *_, answer, flushed = await ask_all(self._redis, [*commands, ("WAITAOF", 1, 0, within_ms)])
        except ResponseError:
            return (await ask_all(self._redis, commands))[1], True
        return answer, flushed[0] >= 1


def register(redis: Redis, *names: str) -> Script:
    """Make the script of these files of `lua/`, joined in the order given."""
    texts = [files("shared.store").joinpath("lua", f"{name}.lua").read_text() for name in names]
    return Script(redis, "\n".join(texts))
