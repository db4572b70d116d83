"""
Calls that many callers make at the same moment, carried to Redis together.

A round trip of one's own costs a caller more in system calls and bookkeeping than
what it asks for. Here one round trip is under way at a time, and whoever calls
meanwhile goes with the next: a lone caller waits for nobody, a crowd shares.

A trip that fails, fails all who went with it, though Redis may have done as some
of them asked. So it is for calls that are quick, and that may be taken for undone
when they were done: reads, and the steps of a poll, whose lease then runs out.

On a cluster each node has a lane of its own: who asks one that has failed keeps
nobody waiting who asks another.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from redis.exceptions import RedisError

AskedT = TypeVar("AskedT")
AnswerT = TypeVar("AnswerT")
Carry = Callable[[list[AskedT]], Awaitable[Sequence[AnswerT]]]


class Together(Generic[AskedT, AnswerT]):
    """
    Carries what is asked by `carry`, which takes a list and gives an answer to each of it.

    What has the same `lane` travels together; there are few lanes.
    """

    def __init__(
        self, carry: "Carry[AskedT, AnswerT]", lane: Callable[[AskedT], Hashable] = lambda _: None
    ) -> None:
        self._carry, self._lane_of = carry, lane
        self._lanes: dict[Hashable, _Lane[AskedT, AnswerT]] = {}

    async def __call__(self, asked: AskedT) -> AnswerT:
        """Ask, and wait for the answer."""
        name = self._lane_of(asked)
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = _Lane(self._carry)
        return await lane.ask(asked)


class _Lane(Generic[AskedT, AnswerT]):
    """Who waits for the next trip, and the trip that is under way."""

    def __init__(self, carry: "Carry[AskedT, AnswerT]") -> None:
        self._carry_all = carry
        self._waiting: list[tuple[AskedT, asyncio.Future[AnswerT]]] = []
        self._carrier: asyncio.Task[None] | None = None

    async def ask(self, asked: AskedT) -> AnswerT:
        answer: asyncio.Future[AnswerT] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._carrier is None:
            self._carrier = asyncio.create_task(self._carry())
        return await answer

    async def _carry(self) -> None:
        carried: list[tuple[AskedT, asyncio.Future[AnswerT]]] = []
        try:
            while self._waiting:
                carried, self._waiting = self._waiting, []
                answers = await self._carry_all([asked for asked, _ in carried])
                for (_, answer), given in zip(carried, answers, strict=True):
                    if not answer.done():  # its caller has gone
                        answer.set_result(given)
        except BaseException as fault:
            # Who came meanwhile has waited for the same Redis: nobody is to wait twice, or for ever.
            for _, answer in carried + self._waiting:
                if not answer.done():
                    answer.set_exception(fault)
            if not isinstance(fault, RedisError):
                raise
        finally:
            self._waiting, self._carrier = [], None
