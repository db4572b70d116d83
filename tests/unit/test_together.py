"""Calls made at the same moment travel together; each gets its own answer, or its fault."""

import asyncio

import pytest

from shared.store.connection import StoreError
from shared.store.together import Together


class Echo:
    """Stands for the script: answers each call with its first key, when it is let."""

    def __init__(self):
        self.trips, self.open, self.fault = [], asyncio.Event(), None

    async def call_all(self, calls):
        self.trips.append([keys[0] for keys, _ in calls])
        await self.open.wait()
        if self.fault is not None:
            raise self.fault
        return [keys[0] for keys, _ in calls]


async def call(together, *names):
    tasks = [asyncio.create_task(together(([name], []))) for name in names]
    await asyncio.sleep(0)  # they have asked
    await asyncio.sleep(0)  # and what they asked is under way
    return tasks


async def test_who_calls_while_a_trip_is_under_way_shares_the_next():
    echo = Echo()
    together = Together(echo.call_all)
    first = await call(together, "a")
    others = await call(together, "b", "c", "d")

    echo.open.set()

    assert await asyncio.gather(*first, *others) == ["a", "b", "c", "d"]
    assert echo.trips == [["a"], ["b", "c", "d"]]


async def test_a_fault_reaches_everybody_who_waits_and_nobody_after():
    echo = Echo()
    together = Together(echo.call_all)
    waiting = await call(together, "a") + await call(together, "b")
    echo.fault = StoreError("gone")
    echo.open.set()

    faults = await asyncio.gather(*waiting, return_exceptions=True)
    echo.fault = None

    assert [type(fault) for fault in faults] == [StoreError, StoreError]
    assert await together((["c"], [])) == "c"


async def test_a_caller_who_has_gone_disturbs_nobody():
    echo = Echo()
    together = Together(echo.call_all)
    gone, stays = await call(together, "a", "b")
    gone.cancel()
    echo.open.set()

    assert await stays == "b"
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_a_defect_leaves_nobody_waiting():
    echo = Echo()
    together = Together(echo.call_all)
    (caller,) = await call(together, "a")
    carrier = together._lanes[None]._carrier
    echo.fault = ValueError("a defect")
    echo.open.set()

    with pytest.raises(ValueError, match="a defect"):
        await caller
    with pytest.raises(ValueError, match="a defect"):
        await carrier
