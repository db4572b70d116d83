"""Who waits for a poll to end is told, and nobody else."""

import asyncio
from contextlib import suppress

import pytest

from shared.domain.timeline import Page
from shared.store import notices as notices_module
from shared.store.cluster import Cluster
from shared.store.connection import StoreError, connect
from shared.store.notices import Notices
from shared.store.polls import Ended
from tests.integration.store.conftest import ADA, BOB, LEASE_MS, NOW_MS, tweet_ids


@pytest.fixture
async def notices(store):
    notices = Notices(store.redis)
    yield notices
    await notices.close()


async def is_told(wait):
    try:
        async with asyncio.timeout(1):
            await wait.is_settled.wait()
    except TimeoutError:
        return False
    return True


async def cut(store):
    """Cut off whoever listens, at whichever node."""
    everywhere = {"target_nodes": Cluster.ALL_NODES} if isinstance(store.redis, Cluster) else {}
    await store.redis.execute_command("CLIENT KILL", "TYPE", "pubsub", **everywhere)


async def test_whoever_waits_is_told_when_the_poll_ends(store, notices):
    await store.register(ADA)
    begun = await store.begun()

    async with notices.settled(ADA) as one, notices.settled(ADA) as another, notices.settled(BOB) as other:
        await store.polls.settle(begun.lease, Ended("unavailable", 1, None), due_at_ms=NOW_MS)

        assert await is_told(one)
        assert await is_told(another)
        assert not other.is_settled.is_set()


async def test_whoever_waits_is_told_of_the_first_page_of_many(store, notices):
    await store.register(ADA)
    begun = await store.begun()

    async with notices.settled(ADA) as wait:
        await store.commit(begun, Page(ids=tweet_ids(1), next_token="more"), lease_ms=LEASE_MS)

        assert await is_told(wait)


async def test_one_may_wait_again_and_again(store, notices):
    await store.register(ADA)
    for round_number in range(3):
        now_ms = NOW_MS + round_number * 1_000_000
        begun = await store.begun(now_ms)
        async with notices.settled(ADA) as wait:
            await store.polls.settle(begun.lease, Ended("unavailable", 1, None), due_at_ms=now_ms)
            assert await is_told(wait)


async def test_a_lost_connection_is_listened_on_anew_by_the_next_who_waits(store, notices):
    await store.register(ADA)
    async with notices.settled(ADA):
        await cut(store)
        await asyncio.sleep(0.2)

    begun = await store.begun()
    async with asyncio.timeout(5), notices.settled(ADA) as wait:
        await store.polls.settle(begun.lease, Ended("unavailable", 1, None), due_at_ms=NOW_MS)
        assert await is_told(wait)


async def test_whoever_waits_when_the_connection_is_lost_is_told_so(store, notices):
    async with notices.settled(ADA) as wait:
        await cut(store)

        assert await is_told(wait)
        assert wait.is_lost


async def test_those_who_come_while_the_connection_is_lost_are_told_so_or_refused(store, notices):
    async def come_and_leave():
        with suppress(StoreError):
            async with asyncio.timeout(5), notices.settled(ADA):
                await asyncio.sleep(0)

    async def come_again():
        for _ in range(100):
            await come_and_leave()

    coming = [asyncio.create_task(come_again()) for _ in range(20)]
    while not all(each.done() for each in coming):
        await cut(store)
        await asyncio.sleep(0.005)

    await asyncio.gather(*coming)


async def test_one_who_comes_as_another_leaves_is_told(store, notices):
    await store.register(ADA)
    for round_number in range(20):
        now_ms = NOW_MS + round_number * 1_000_000
        begun = await store.begun(now_ms)

        async def come_and_leave():
            async with notices.settled(ADA):
                await asyncio.sleep(0)

        leaving = [asyncio.create_task(come_and_leave()) for _ in range(5)]
        async with asyncio.timeout(5), notices.settled(ADA) as wait:
            await asyncio.gather(*leaving)
            await store.polls.settle(begun.lease, Ended("unavailable", 1, None), due_at_ms=now_ms)
            assert await is_told(wait)


async def test_of_many_who_wait_first_of_all_each_is_told(store):
    await store.register(ADA)
    for round_number in range(10):
        now_ms = NOW_MS + round_number * 1_000_000
        begun, anew = await store.begun(now_ms), Notices(store.redis)
        ready = asyncio.Semaphore(0)

        async def wait(notices=anew, ready=ready):
            async with asyncio.timeout(5), notices.settled(ADA) as waiting:
                ready.release()
                return await is_told(waiting)

        waiting = [asyncio.create_task(wait()) for _ in range(20)]
        for _ in waiting:
            await ready.acquire()
        await store.polls.settle(begun.lease, Ended("unavailable", 1, None), due_at_ms=now_ms)

        assert all(await asyncio.gather(*waiting))
        await anew.close()


async def test_a_server_that_is_silent_is_listened_to_no_more(redis_server, one_redis, monkeypatch):
    monkeypatch.setattr(notices_module, "TIMEOUT_SECONDS", 0.5)
    redis = connect(one_redis)
    notices = Notices(redis)
    async with notices.settled(ADA) as wait:
        redis_server.hang()
        try:
            with pytest.raises(TimeoutError):
                async with notices.settled(BOB):
                    pass
        finally:
            redis_server.go_on()

        assert await is_told(wait)
        assert wait.is_lost
    async with notices.settled(BOB):
        pass
    await notices.close()
    await redis.aclose()
