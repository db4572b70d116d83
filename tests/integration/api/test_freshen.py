"""A read of what is not fresh makes its account due now, and may wait for the poll."""

import asyncio
from dataclasses import replace

import httpx2
import pytest
import redis

from shared.clock import Clock
from shared.domain.account import AccountId, shard_of
from shared.store import keys
from tests.integration.api.people import Person, ids_now, page_of

HOUR_MS = 3_600_000


@pytest.fixture
async def eager(programs, redis_db, simulator_url):
    """A gateway to which nothing is fresh that was read before now."""
    url = programs.start_gateway(redis_url=redis_db, x_api_url=simulator_url, fresh_seconds=0)
    async with httpx2.AsyncClient(base_url=url, timeout=30) as client:
        yield client


@pytest.fixture
async def ada(people, redis_db) -> Person:
    """Somebody whose timeline was read, and is due again in an hour."""
    ada = await people.register()
    await people.show(ada, page_of(ids_now(3)))
    put_off(redis_db, ada)
    return ada


def put_off(redis_url, person):
    account_id = AccountId(int(person.id))
    with redis.Redis.from_url(redis_url) as client:
        client.zadd(keys.due(shard_of(account_id)), {person.id: Clock().now_ms() + HOUR_MS})


@pytest.mark.parametrize("path", ["/v1/timeline", "home"])
async def test_a_read_of_what_is_not_fresh_makes_its_account_due(eager, people, ada, path):
    assert await people.claimed() == []

    await eager.get(ada.home if path == "home" else path, headers=ada.headers)

    assert await people.claimed() == [ada.id]


async def test_a_read_of_what_is_fresh_changes_nothing(gateway, people, ada):
    await gateway.get("/v1/timeline", headers=ada.headers)

    assert await people.claimed() == []


async def test_a_read_of_what_is_older_changes_nothing(eager, people, ada):
    await eager.get("/v1/timeline", params={"until_id": ids_now(1)[0]}, headers=ada.headers)

    assert await people.claimed() == []


async def test_nobody_is_hurried_whom_x_refuses_or_who_paused(eager, people, ada, redis_db):
    await people.park(ada, "locked")
    await eager.get("/v1/timeline", headers=ada.headers)
    assert await people.claimed() == []

    bob = await people.register()
    await people.show(bob, page_of(ids_now(1)))
    await eager.put("/v1/account/pause", headers=bob.headers)
    await eager.get("/v1/timeline", headers=bob.headers)
    assert await people.claimed() == []


async def test_one_who_prefers_to_wait_is_answered_with_what_the_poll_brings(eager, people, ada):
    headers = ada.headers | {"prefer": "respond-async, wait=20"}
    reading = asyncio.create_task(eager.get("/v1/timeline", headers=headers))
    await asyncio.sleep(0.5)
    assert not reading.done()

    new = ids_now(6)
    await people.show(ada, page_of(new))
    answer = await reading

    assert answer.headers["preference-applied"] == "wait=10"
    assert answer.json()["meta"]["newest_id"] == str(max(new))


async def test_one_who_waits_in_vain_is_answered_with_what_is_held(eager, ada):
    answer = await eager.get("/v1/timeline", headers=ada.headers | {"prefer": "wait=1"})

    assert answer.status_code == 200
    assert len(answer.json()["data"]) == 3


async def test_one_whose_timeline_is_fresh_does_not_wait(gateway, ada):
    answer = await gateway.get("/v1/timeline", headers=ada.headers | {"prefer": "wait=10"})

    assert len(answer.json()["data"]) == 3


async def test_many_who_wait_for_one_poll_are_all_answered(eager, people, ada):
    headers = ada.headers | {"prefer": "wait=10"}
    reading = [asyncio.create_task(eager.get("/v1/timeline", headers=headers)) for _ in range(20)]
    await asyncio.sleep(0.7)
    new = ids_now(9)
    await people.show(replace(ada), page_of(new))

    answers = await asyncio.gather(*reading)

    assert {answer.json()["meta"]["newest_id"] for answer in answers} == {str(max(new))}


@pytest.mark.parametrize("wish", ["wait", "wait=", "wait=soon", "wait=-1", "wait=1.5"])
async def test_a_wish_that_cannot_be_read_is_told(gateway, ada, wish):
    answer = await gateway.get("/v1/timeline", headers=ada.headers | {"prefer": wish})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "Prefer"


async def test_who_waits_at_a_gateway_that_stops_is_answered(programs, eager, people, ada):
    asked = asyncio.create_task(
        eager.get("/v1/timeline", headers=ada.headers | {"prefer": "wait=10"}),
    )
    while await people.wanted(ada) is None:
        await asyncio.sleep(0.05)
    (gateway,) = programs.running()

    status = await asyncio.to_thread(gateway.stop)

    assert status == 0
    assert (await asked).status_code == 200
    assert len((await asked).json()["data"]) == 3
