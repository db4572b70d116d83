"""
The Lua scripts beside this file, to be called on one connection.

Each script touches the keys of one shard only, so it runs unchanged on a cluster.
Scripts are given `now_ms`; none asks Redis for the time.
"""

import hashlib
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Any

from shared.store.commands import Command, Word
from shared.store.connection import Connection
from shared.store.together import Together

#: The keys and the arguments of one call.
Call = tuple[Sequence[str], Sequence[Word]]


class Script:
    """A script; Redis is sent its text only when it does not know it."""

    def __init__(self, redis: Connection, text: str) -> None:
        self._redis = redis
        self._text = text
        self._sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    async def __call__(self, keys: Sequence[str], args: Sequence[Word]) -> Any:
        """Call it once."""
        return (await self.call_all([(keys, args)]))[0]

    async def call_all(self, calls: Iterable[Call]) -> list[Any]:
        """Call it with each of these keys and arguments, in one round trip."""
        return await self._redis.ask_all(map(self._command, calls), script=self._text)

    async def call_and_flush(self, call: Call, *, within_ms: int) -> tuple[Any, bool]:
        """
        Call it once and wait until what it wrote is safe, in one round trip.

        Shape: its answer, and whether that was so in time, or the server cannot say. The script must bear
               being called twice.
        """
        return await self._redis.ask_and_flush(self._command(call), script=self._text, within_ms=within_ms)

    def together(self) -> Together[Call, Any]:
        """Make what carries calls of many callers at once, to each node of a cluster apart."""
        return Together(self.call_all, lambda call: self._redis.lane_of(call[0][0]))

    def _command(self, call: Call) -> Command:
        keys, args = call
        return ("EVALSHA", self._sha, len(keys), *keys, *args)


def register(redis: Connection, *names: str) -> Script:
    """Make the script of these files of `lua/`, joined in the order given."""
    texts = [files("shared.store").joinpath("lua", f"{name}.lua").read_text() for name in names]
    return Script(redis, "\n".join(texts))
