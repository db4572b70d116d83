"""The fetcher as a process: what it has in hand when it is asked to stop, or killed, is not lost."""

import asyncio
import time
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass

import httpx2
import pytest

from shared import queue
from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.credential import OAuth2Credential
from shared.domain.lease import Lease
from shared.sealing import MasterKeys
from shared.store.accounts import Accounts
from shared.store.connection import connect
from shared.store.credentials import Credentials
from shared.store.datakeys import DataKeys
from tests.servers.programs import SECRET_KEYS, Programs

#: An orderly end takes no longer, whatever X does.
STOP_SECONDS = 10
PEOPLE = 12
PATIENCE_SECONDS = 40


@dataclass
class Polling:
    """A scheduler, fetchers, a simulator of X and some of its people, who have registered."""

    programs: Programs
    x: httpx2.AsyncClient
    accounts: Accounts
    settings: dict[str, object]
    ids: list[AccountId]

    def fetcher(self, **settings):
        return self.programs.start("fetcher", **self.settings, **settings)

    def scheduler(self):
        return self.programs.start("scheduler", **self.settings, tick_ms=50)

    async def asked(self):
        """Count the requests for home timelines that X has got."""
        requests = (await self.x.get("/_sim/stats")).json()["requests"]
        return sum(count for name, count in requests.items() if name.startswith("home "))

    async def polled(self, since_ms=0):
        """Name the accounts whose timelines have been read from X since then."""
        kept = [await self.accounts.find(each) for each in self.ids]
        return {each.account.id for each in kept if each.held.as_of_ms > since_ms}

    async def let(self, **fault):
        """Let something go wrong at X; nothing else does any longer."""
        await self.x.delete("/_sim/faults")
        if fault:
            await self.x.post("/_sim/faults", json=fault)


@asynccontextmanager
async def everybody(programs, redis_url, broker_url):
    """Let everybody register; nobody polls yet."""
    url = programs.start_simulator(simulator_users=PEOPLE, simulator_window_limit=9000)
    redis = connect(redis_url)
    async with httpx2.AsyncClient(base_url=url, timeout=30) as x:
        people = (await x.get("/_sim/users")).json()["users"]
        accounts = Accounts(redis)
        credentials = Credentials(redis, DataKeys(redis, MasterKeys.read(SECRET_KEYS)))
        ids = [AccountId(int(each["id"])) for each in people]
        for account_id, each in zip(ids, people, strict=True):
            credential = OAuth2Credential(each["oauth2"]["access_token"], None, 2**50, "")
            sealed = await credentials.seal(account_id, credential)
            await accounts.register(account_id, (each["username"], ""), sealed, now_ms=Clock().now_ms())
        settings = {"redis_url": redis_url, "broker_url": broker_url, "x_api_url": url}
        yield Polling(programs, x, accounts, settings, ids)
    await redis.aclose()


@pytest.fixture
async def polling(programs, redis_db, broker):
    async with everybody(programs, redis_db, broker) as polling:
        yield polling


@pytest.fixture
async def polling_over_each_broker(programs, redis_db, each_broker):
    async with everybody(programs, redis_db, each_broker) as polling:
        yield polling


async def until(so):
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await so():
        assert time.monotonic() < deadline, "still not so"
        await asyncio.sleep(0.05)


async def stop(process):
    """Ask a program to end; tell how many seconds that took."""
    began = time.monotonic()
    assert await asyncio.to_thread(process.stop, 20) == 0
    return time.monotonic() - began


async def test_asked_to_stop_it_finishes_what_it_has_in_hand_and_leaves_the_rest_to_others(
    polling_over_each_broker,
):
    polling = polling_over_each_broker
    await polling.let(latency_ms=1500)
    scheduler, fetcher = polling.scheduler(), polling.fetcher(fetcher_concurrency=3, fetcher_threads=2)
    await until(lambda: at_least(polling.asked, 2))

    assert await stop(fetcher) < STOP_SECONDS
    finished = await polling.polled()
    assert 2 <= len(finished) < PEOPLE
    assert "poll failed" not in fetcher.output()

    await polling.let()
    # Leases run for a minute: only what was given back or lies in the queue comes in time.
    polling.fetcher()
    await until(lambda: polls(polling, since_ms=0))
    assert await stop(scheduler) < STOP_SECONDS


async def test_asked_to_stop_it_takes_no_more_jobs_however_fast_they_come(polling_over_each_broker):
    polling = polling_over_each_broker
    await polling.let(latency_ms=4000)
    scheduler, fetcher = polling.scheduler(), polling.fetcher(fetcher_threads=2)
    await until(lambda: at_least(polling.asked, PEOPLE))
    await stop(scheduler)

    with closing(queue.make_broker(polling.settings["broker_url"])) as broker:
        stopping = None
        for number in range(150):
            queue.send(broker, [Lease(polling.ids[0], 1)])  # somebody's lease of long ago: done with at once
            await asyncio.sleep(0.02)
            if number == 50:
                stopping = asyncio.create_task(stop(fetcher))
        await stopping
        left = broker.waiting()

    assert left >= 90  # all but what it had and what came in its first moments


async def test_asked_to_stop_it_ends_in_time_although_x_does_not_answer(polling):
    await polling.let(latency_ms=30_000)
    polling.scheduler()
    fetcher = polling.fetcher(fetcher_concurrency=3)
    await until(lambda: at_least(polling.asked, 3))

    assert await stop(fetcher) < STOP_SECONDS
    assert "fetcher stopped" in fetcher.output()


async def test_killed_it_loses_nothing_for_longer_than_a_lease(polling):
    polling.settings |= {"lease_seconds": 3, "cadence_seconds": 1}
    polling.scheduler()
    fetcher = polling.fetcher(fetcher_concurrency=3)
    await until(lambda: polls(polling, since_ms=0))  # X has told every window: what a crash spends is known
    await polling.let(latency_ms=1000)
    asked = await polling.asked()
    await until(lambda: at_least(polling.asked, asked + 3))

    fetcher.kill()
    await polling.let()
    killed_at_ms = Clock().now_ms()
    polling.fetcher()

    await until(lambda: polls(polling, since_ms=killed_at_ms))


async def at_least(count, expected):
    """Tell whether so many have been counted."""
    return await count() >= expected


async def polls(polling, *, since_ms):
    """Tell whether everybody has been polled since then."""
    return await polling.polled(since_ms) == set(polling.ids)
