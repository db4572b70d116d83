"""A thousand tweets arrive, the gateway is restarted, Redis crashes, and each listener hears each once."""

import asyncio
from contextlib import asynccontextmanager

import httpx2
import pytest

from shared.domain.timeline import Want
from shared.domain.tweet import TweetId
from tests.integration.api.listening import Ear
from tests.integration.api.people import People, ids_now, page_of
from tests.servers.programs import Programs, is_ok
from tests.servers.redis import LocalRedis

TWEETS = 1000
LISTENERS = 20
PEOPLE = 4


@pytest.fixture
def store(tmp_path):
    """A Redis of the test's own, which keeps what it has through a crash."""
    server = LocalRedis(tmp_path / "redis")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def programs(tmp_path):
    programs = Programs(tmp_path)
    yield programs
    programs.end()


@pytest.fixture
def gateway_url(store, simulator_url, programs):
    return programs.start_gateway(
        redis_url=store.url,
        x_api_url=simulator_url,
        x_consumer_key="roost-simulator",
        x_consumer_secret="roost-simulator-secret",
        stream_heartbeat_seconds=2,
    )


@pytest.fixture
async def persons(gateway_url, store, x):
    """Some people of this deployment, and who fills their timelines."""
    async with (
        httpx2.AsyncClient(base_url=gateway_url, timeout=30) as client,
        People.at(client, x, store.url) as people,
    ):
        yield people, [await people.register("oauth1") for _ in range(PEOPLE)]


@asynccontextmanager
async def all_listening(ears):
    tasks = [asyncio.create_task(ear.follow()) for ear in ears]
    try:
        for ear in ears:
            await ear.until(lambda ear=ear: ear.heard)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _commit(people, person, ids, after):
    await people.show(person, page_of(ids), Want(since=TweetId(after)))


async def test_each_hears_each_tweet_once_and_in_order(store, programs, gateway_url, persons):
    people, everybody = persons
    (gateway,) = programs.running()
    ids = ids_now(TWEETS + 1)
    for person in everybody:
        await people.show(person, page_of(ids[:1]))
    ears = [Ear(gateway_url, everybody[number % PEOPLE]) for number in range(LISTENERS)]

    async with all_listening(ears):
        for start in range(1, TWEETS, 5):
            for person in everybody:
                await _commit(people, person, ids[start : start + 5], ids[start - 1])
            if start == 301:
                gateway.kill()
                gateway.start()
            elif start == 601:
                await asyncio.sleep(1.2)  # what was written a second ago is on disk
                store.kill()
                store.start()
        for ear in ears:
            await ear.until(lambda ear=ear: len(ear.tweets) >= TWEETS, seconds=60)

    assert all(ear.tweets == ids[1:] for ear in ears)
    assert not any(each.data["missed"] for ear in ears for each in ear.named("state"))


async def test_what_a_crash_has_lost_and_x_gives_again_is_heard_once(store, gateway_url, persons):
    people, (person, *_) = persons
    ids = ids_now(41)
    await people.show(person, page_of(ids[:1]))
    ear = Ear(gateway_url, person)

    async with all_listening([ear]):
        for number, each in enumerate(ids[1:21], 1):
            await _commit(people, person, [each], ids[number - 1])
        await ear.until(lambda: len(ear.tweets) == 20)
        store.kill()  # the last of them may not be on disk
        store.start()
        for number, each in enumerate(ids[1:], 1):  # the overlap is asked for again
            await _commit(people, person, [each], ids[number - 1])
        await ear.until(lambda: len(ear.tweets) >= 40)

    assert ear.tweets == ids[1:]


@pytest.mark.parametrize("fault", ["dead", "silent"])
async def test_one_who_listens_stays_while_redis_is_away(store, gateway_url, persons, fault):
    people, everybody = persons
    ids = ids_now(2)
    for person in everybody:
        await people.show(person, page_of(ids[:1]))
    ears = [Ear(gateway_url, everybody[number % PEOPLE]) for number in range(LISTENERS)]
    away, back = (store.kill, store.start) if fault == "dead" else (store.hang, store.go_on)

    async with all_listening(ears):
        await asyncio.sleep(1.2)  # what was written a second ago is on disk
        away()
        beats = [ear.beats + 2 for ear in ears]
        for ear, enough in zip(ears, beats, strict=True):
            await ear.until(lambda ear=ear, enough=enough: ear.beats >= enough, seconds=30)
        back()
        for person in everybody:
            await _commit(people, person, ids[1:], ids[0])
        for ear in ears:
            await ear.until(lambda ear=ear: ear.tweets)

    assert all(ear.tweets == ids[1:] for ear in ears)
    assert not any(ear.closed for ear in ears)


@pytest.mark.parametrize("redis", ["there", "silent"])
async def test_a_gateway_that_stops_lets_its_listeners_go_at_once(
    store, programs, gateway_url, persons, redis
):
    people, (person, *_) = persons
    await people.show(person, page_of([]))
    (gateway,) = programs.running()
    ear = Ear(gateway_url, person)

    async with all_listening([ear]):
        if redis == "silent":
            store.hang()
            await asyncio.sleep(3)  # until the next heartbeat waits for it
        status = await asyncio.to_thread(gateway.stop, 6)
        await ear.until(lambda: ear.closed)

    assert status == 0
    assert ear.heard[-1].data["reconnect"] is True
    assert not is_ok(f"{gateway_url}/livez")
