"""
Calls that many callers make at the same moment, carried to Redis together.

A round trip of one's own costs a caller more in system calls and bookkeeping than
what it asks for. Here one round trip is under way at a time, and whoever calls
meanwhile goes with the next: a lone caller waits for nobody, a crowd shares. It is
for calls that only read and are all quick; one that fails, fails those it went with.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from redis.exceptions import RedisError

from shared.store.connection import Word
from shared.store.scripts import Call, Script

_Waiting = list[tuple[Call, asyncio.Future[Any]]]


class Together:
    """Carries the calls of one script."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._waiting: _Waiting = []
        self._carrier: asyncio.Task[None] | None = None

    async def __call__(self, keys: Sequence[str], args: Sequence[Word]) -> Any:
        """Call the script once."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(((keys, args), answer))
        if self._carrier is None:
            self._carrier = asyncio.create_task(self._carry())
        return await answer

    async def _carry(self) -> None:
        carried: _Waiting = []
        try:
            while self._waiting:
                carried, self._waiting = self._waiting, []
                await self._carry_once(carried)
        except BaseException as fault:
            # Who came meanwhile has waited for the same Redis: nobody is to wait twice, or for ever.
            for _, answer in carried + self._waiting:
                if not answer.done():
                    answer.set_exception(fault)
            if not isinstance(fault, RedisError):
                raise
        finally:
            self._waiting, self._carrier = [], None

    async def _carry_once(self, carried: _Waiting) -> None:
        answers = await self._script.call_all([call for call, _ in carried])
        for (_, answer), given in zip(carried, answers, strict=True):
            if not answer.done():  # its caller has gone
                answer.set_result(given)
