"""What a reader is told and given of an account that is not followed day and night."""

import asyncio

import pytest

from shared.clock import Clock
from shared.domain.mode import Reach
from shared.domain.tweet import MAX_ID, TweetId
from tests.integration.api.people import DAY_MS, ids_now, page_of

EVERYTHING = Reach(TweetId(MAX_ID + 1))


async def sleeping(people):
    """Register somebody whom X was last asked about nine days ago; tell what they hold."""
    ada, held = await people.register(), ids_now(3)
    await people.show(ada, page_of(held), ago_ms=9 * DAY_MS, asleep=True)
    return ada, held


async def test_one_who_returns_is_shown_what_the_poll_brings_without_asking_to_wait(gateway, people):
    ada, _ = await sleeping(people)

    reading = asyncio.create_task(gateway.get("/v1/timeline", headers=ada.headers))
    await asyncio.sleep(0.3)
    assert not reading.done()
    new = ids_now(5)
    await people.show(ada, page_of(new), asleep=False, reach=Reach(owed=50))
    answer = await reading

    assert answer.json()["meta"]["newest_id"] == str(max(new))
    assert answer.headers["roost-stale"] == "catching-up"
    assert "preference-applied" not in answer.headers


async def test_one_who_returns_while_x_is_slow_sees_what_is_held_and_why(gateway, people):
    ada, held = await sleeping(people)

    before_ms = Clock().now_ms()
    answer = await gateway.get("/v1/timeline", headers=ada.headers)

    assert Clock().now_ms() - before_ms >= 2_900
    assert len(answer.json()["data"]) == len(held)
    assert answer.headers["roost-stale"] == "catching-up"


async def test_one_who_returns_and_will_not_wait_does_not(gateway, people):
    ada, _ = await sleeping(people)

    before_ms = Clock().now_ms()
    await gateway.get("/v1/timeline", headers=ada.headers | {"prefer": "wait=0"})

    assert Clock().now_ms() - before_ms < 2_900
    assert await people.wanted(ada) == "0"


async def test_a_gap_that_waits_for_a_reader_says_so_and_is_wanted_when_one_comes(gateway, people):
    ada, ids = await people.register(), ids_now(5)
    await people.show(ada, page_of(ids[2:], next_token="more"), reach=EVERYTHING)

    above = await gateway.get("/v1/timeline", params={"max_results": 2}, headers=ada.headers)
    assert above.json()["gaps"] == []
    assert await people.wanted(ada) is None

    down = await gateway.get("/v1/timeline", headers=ada.headers)
    assert [gap["reason"] for gap in down.json()["gaps"]] == ["when-read"]
    assert await people.wanted(ada) == str(min(ids[2:]))
    assert await people.claimed() == [ada.id]


async def test_one_who_scrolls_to_a_gap_may_wait_for_what_it_hides(gateway, people):
    ada, ids = await people.register(), ids_now(5)
    await people.show(ada, page_of(ids[2:], next_token="more"), reach=EVERYTHING)

    params = {"until_id": min(ids[2:])}
    scrolling = gateway.get("/v1/timeline", params=params, headers=ada.headers | {"prefer": "wait=10"})
    task = asyncio.create_task(scrolling)
    await asyncio.sleep(0.3)
    await people.show(ada, page_of(ids))

    assert [int(each["id"]) for each in (await task).json()["data"]] == sorted(ids[:2], reverse=True)


async def test_people_choose_a_mode_of_those_that_are_offered(gateway, ada):
    async def mode():
        return (await gateway.get("/v1/account", headers=ada.headers)).json()["mode"]

    assert await mode() == "fresh"
    assert (
        await gateway.put("/v1/account/mode", json={"mode": "lazy"}, headers=ada.headers)
    ).status_code == 204
    assert await mode() == "lazy"
    assert (await gateway.delete("/v1/account/mode", headers=ada.headers)).status_code == 204
    assert await mode() == "fresh"


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"mode": "archive"}, 403, "it offers: fresh, lazy"),
        ({"mode": "eager"}, 400, "mode"),
        ({}, 400, "mode"),
        ({"mode": "lazy", "until": "noon"}, 400, "until"),
    ],
)
async def test_a_mode_that_is_not_offered_is_refused_with_those_that_are(gateway, ada, body, status, says):
    answer = await gateway.put("/v1/account/mode", json=body, headers=ada.headers)

    assert answer.status_code == status
    assert says in answer.json()["detail"]
