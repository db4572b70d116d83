"""Many readers at once share round trips to Redis, and each still gets what is theirs."""

import asyncio

import redis

from tests.integration.api.people import ids_now, page_of


async def test_a_crowd_reads_at_once_and_each_gets_their_own(gateway, people):
    crowd = [await people.register() for _ in range(5)]
    own = {person.id: ids_now(4) for person in crowd}
    for person in crowd:
        await people.show(person, page_of(own[person.id]))

    answers = await asyncio.gather(
        *(gateway.get("/v1/timeline", headers=person.headers) for person in crowd for _ in range(20))
    )

    expected = [sorted(own[person.id], reverse=True) for person in crowd for _ in range(20)]
    assert [[int(each["id"]) for each in answer.json()["data"]] for answer in answers] == expected


async def test_among_a_crowd_a_stranger_is_still_turned_away(gateway, people, ada):
    gone = await people.register()
    await gateway.delete("/v1/account", headers=gone.headers)

    answers = await asyncio.gather(
        *(gateway.get("/v1/timeline", headers=who.headers) for _ in range(20) for who in (ada, gone))
    )

    assert [answer.status_code for answer in answers] == [200, 401] * 20


async def test_a_redis_that_has_forgotten_the_script_is_given_it_again(gateway, people, ada, redis_db):
    await people.show(ada, page_of(ids_now(1)))
    with redis.Redis.from_url(redis_db) as client:
        client.script_flush()

    answers = await asyncio.gather(*(gateway.get("/v1/timeline", headers=ada.headers) for _ in range(10)))

    assert [answer.json()["meta"]["result_count"] for answer in answers] == [1] * 10
