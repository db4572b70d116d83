"""What schedulers and fetchers count."""

import asyncio

import pytest

from services.fetcher.batch import Batches
from services.fetcher.counts import Counts as FetcherCounts
from services.fetcher.poll import Polled
from services.scheduler.counts import Counts as SchedulerCounts
from services.scheduler.tick import Ticked
from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.lease import Lease
from tests.unit.metrics.text import samples


@pytest.mark.parametrize(
    ("ticked", "result"),
    [
        (Ticked(jobs=3, messages=2, waiting=7), "sent"),
        (Ticked(waiting=7), "idle"),
        (Ticked(held_back="queue-full", waiting=7), "held-back"),
        (Ticked(jobs=1, messages=1, held_back="x-unavailable", waiting=7), "sent"),  # the canary
    ],
)
def test_a_tick_is_counted_by_what_it_did(ticked, result):
    counts = SchedulerCounts()

    counts.ticked(ticked, 40)

    found = samples(counts.registry)
    assert found["roost_ticks_total", ("result", result)] == 1
    assert found["roost_jobs_claimed_total",] == ticked.jobs
    assert found["roost_tick_seconds_sum",] == 0.04
    assert found["roost_queue_messages",] == 7


def test_a_tick_that_did_not_look_at_the_queue_leaves_what_was_seen_before():
    counts = SchedulerCounts()
    counts.ticked(Ticked(waiting=7), 1)

    counts.ticked(Ticked(held_back="x-unavailable"), 1)
    counts.tick_failed()

    found = samples(counts.registry)
    assert found["roost_queue_messages",] == 7
    assert found["roost_ticks_total", ("result", "failed")] == 1


class Told:
    """Polls that come to what they are told, one after another."""

    draining = False

    def __init__(self, *outcomes):
        self._outcomes = iter(outcomes)

    async def poll(self, lease):
        outcome = next(self._outcomes)
        if outcome is None:
            raise RuntimeError("not so")
        return Polled(lease, outcome)


async def test_polls_are_counted_by_outcome():
    counts = FetcherCounts()
    polling = Told("page", "page", "limited", "", None)
    leases = [Lease(AccountId(number), 1) for number in range(5)]

    batches = Batches(polling, Clock(), counts, concurrency=1)
    await batches.begin_all(leases)
    async with asyncio.timeout(5):
        await batches.finish(within_ms=1000)

    found = samples(counts.registry)
    outcomes = {
        key[1][1]: number for key, number in found.items() if key[0] == "roost_polls_total" and number
    }
    assert outcomes == {"page": 2, "limited": 1, "nothing": 1, "failed": 1}


def test_a_message_of_a_clock_that_is_ahead_has_not_waited():
    counts = FetcherCounts()

    counts.began(-900)
    counts.began(2_000)

    found = samples(counts.registry)
    assert found["roost_queue_age_seconds_sum",] == 2
    assert found["roost_queue_age_seconds_count",] == 2
