"""Many polls at once on one event loop: bounded, apart from each other, and ended when asked."""

import asyncio
from dataclasses import dataclass, field

import structlog

from services.fetcher.batch import Batches
from services.fetcher.counts import Counts
from services.fetcher.poll import Polled
from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.lease import Lease

LEASES = [Lease(AccountId(number), 1) for number in range(6)]


@dataclass
class Polling:
    """Polls of which each goes on until it is let."""

    draining: bool = False
    begun: list[Lease] = field(default_factory=list)
    released: list[Lease] = field(default_factory=list)
    ended: list[Lease] = field(default_factory=list)
    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    faults: frozenset[Lease] = frozenset()

    async def poll(self, lease):
        self.begun.append(lease)
        await self.may_end.wait()
        if lease in self.faults:
            raise RuntimeError("not so")
        self.ended.append(lease)
        return Polled(lease, "page")

    async def let_go(self, lease):
        self.released.append(lease)


async def turns():
    """Let everything go on that can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_message_is_done_with_when_its_jobs_have_begun():
    polling = Polling()

    await Batches(polling, Clock(), Counts(), concurrency=6).begin_all(LEASES)
    await turns()

    assert (polling.begun, polling.ended) == (LEASES, [])
    polling.may_end.set()
    await turns()
    assert polling.ended == LEASES


async def test_no_more_polls_are_in_hand_than_there_are_places_over_all_messages():
    polling = Polling()
    batches = Batches(polling, Clock(), Counts(), concurrency=2)
    messages = [asyncio.create_task(batches.begin_all(part)) for part in (LEASES[:3], LEASES[3:])]

    await turns()
    assert len(polling.begun) == 2

    polling.may_end.set()
    await asyncio.gather(*messages)
    await turns()
    assert sorted(lease.account_id for lease in polling.ended) == list(range(6))


async def test_a_poll_that_fails_touches_no_other_and_says_whose_it_was():
    polling = Polling(faults=frozenset(LEASES[1:2]))
    polling.may_end.set()

    with structlog.testing.capture_logs() as lines:
        await Batches(polling, Clock(), Counts(), concurrency=1).begin_all(LEASES)
        await turns()

    assert polling.ended == [LEASES[0], *LEASES[2:]]
    (failed,) = [line for line in lines if line["log_level"] == "warning"]
    assert (failed["event"], failed["account_id"]) == ("poll failed", "1")


async def test_asked_to_stop_what_is_in_hand_ends_and_the_rest_is_let_go():
    polling = Polling()
    batches = Batches(polling, Clock(), Counts(), concurrency=2)
    message = asyncio.create_task(batches.begin_all(LEASES))
    await turns()

    stopping = asyncio.create_task(batches.finish(within_ms=5000))
    await turns()
    assert not stopping.done()
    polling.may_end.set()
    await asyncio.gather(stopping, message)

    assert polling.begun == polling.ended == LEASES[:2]
    assert polling.released == LEASES[2:]


async def test_asked_to_stop_it_waits_no_longer_than_it_was_told():
    polling = Polling()
    batches = Batches(polling, Clock(), Counts(), concurrency=2)
    await batches.begin_all(LEASES[:2])
    await turns()

    async with asyncio.timeout(5):
        await batches.finish(within_ms=20)

    assert polling.ended == []
    polling.may_end.set()
    await turns()


async def test_with_nothing_in_hand_it_stops_at_once():
    await Batches(Polling(), Clock(), Counts(), concurrency=2).finish(within_ms=5000)
