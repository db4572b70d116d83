"""Listening to a timeline: each change once and in order, and nobody listens who may not read."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx2
import pytest

from shared.domain.account import AccountId
from shared.domain.timeline import Page, Want
from shared.domain.tweet import Body, TweetId
from shared.store import keys
from shared.store.connection import connect
from tests.integration.api.listening import STREAM, Ear
from tests.integration.api.people import ids_now, page_of
from tests.servers.programs import Programs


@pytest.fixture(scope="module")
def brisk_url(redis_url, simulator_url, tmp_path_factory):
    """A gateway whose streams are short and whose heart beats fast."""
    programs = Programs(tmp_path_factory.mktemp("brisk"))
    yield programs.start_gateway(
        redis_url=redis_url,
        x_api_url=simulator_url,
        x_consumer_key="roost-simulator",
        x_consumer_secret="roost-simulator-secret",
        stream_heartbeat_seconds=1,
        stream_lifetime_seconds=3,
        streams_per_account=3,
    )
    programs.end()


@asynccontextmanager
async def listening(ear, *, once=False):
    """Have somebody listen, from the first state on."""
    task = asyncio.create_task(ear.listen() if once else ear.follow())
    try:
        await ear.until(lambda: ear.heard)
        yield ear
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture
def ear(gateway_url, ada):
    return Ear(gateway_url, ada)


@pytest.fixture
async def redis(redis_db):
    connection = connect(redis_db)
    yield connection
    await connection.aclose()


async def _add(people, person, *ids, after, **page):
    made = page_of(ids)
    await people.show(person, replace(made, **page), Want(since=TweetId(after)))


async def test_what_arrives_is_heard_in_order_with_what_is_shown_with_it(people, ada, ear):
    ids = ids_now(6)
    await people.show(ada, page_of(ids[:1]))

    async with listening(ear):
        await _add(people, ada, *ids[1:4], after=ids[0])
        await _add(people, ada, *ids[4:], after=ids[3])
        await ear.until(lambda: len(ear.tweets) == 5)

    assert ear.tweets == ids[1:]
    first = ear.named("tweet")[0].data
    assert first["data"]["text"] == f"tweet {ids[1]}"
    assert first["includes"]["users"][0]["username"] == "jack"
    assert ear.heard[0].name == "state"
    assert ear.heard[0].data["missed"] is False


async def test_one_who_was_away_goes_on_within_a_commit(people, ada, gateway_url, ear):
    ids = ids_now(6)
    await people.show(ada, page_of(ids[:1]))
    async with listening(ear):
        await _add(people, ada, *ids[1:5], after=ids[0])
        await ear.until(lambda: len(ear.tweets) == 4)
    await _add(people, ada, ids[5], after=ids[4])

    again = Ear(gateway_url, ada, place=ear.named("tweet")[1].id)
    async with listening(again):
        await again.until(lambda: len(again.tweets) == 3)

    assert again.tweets == ids[3:]


async def test_one_who_is_cut_off_before_anything_came_misses_nothing(people, ada, ear):
    ids = ids_now(2)
    async with listening(ear):  # of a timeline without any arrivals
        await ear.until(lambda: ear.place)
    await people.show(ada, page_of(ids[:1]))
    async with listening(ear):
        await ear.until(lambda: ear.tweets)
    async with listening(Ear(ear.url, ada)) as late:
        await late.until(lambda: late.place)
    await _add(people, ada, ids[1], after=ids[0])

    async with listening(late):
        await late.until(lambda: late.tweets)

    assert (ear.tweets, late.tweets) == (ids[:1], ids[1:])
    assert not any(each.data["missed"] for each in ear.named("state") + late.named("state"))


async def test_edits_deletions_and_gaps_are_heard(people, ada, ear, redis):
    ids = ids_now(6)
    await people.show(ada, page_of(ids[:3]))
    edited = Body(f"tweet:{ids[3]}", b'{"id":"%d","edit_history_tweet_ids":["%d"]}' % (ids[3], ids[1]))
    page = Page((TweetId(ids[3]),), (edited,), replaced=(TweetId(ids[1]),))

    async with listening(ear):
        await people.show(ada, page, Want(since=TweetId(ids[2])))
        await _add(people, ada, ids[5], after=ids[3], next_token="more")
        entry = {"deleted": keys.padded(ids[0])}
        await redis.xadd(keys.arrivals(AccountId(int(ada.id))), entry)
        await redis.publish(keys.settled(AccountId(int(ada.id))), "")
        await ear.until(lambda: ear.named("delete"))

    (edit,) = ear.named("edit")
    assert (edit.data["data"]["id"], edit.data["replaces"]) == (str(ids[3]), [str(ids[1])])
    assert [each.data for each in ear.named("delete")] == [{"id": str(ids[0])}]
    gap = ear.named("gap")[-1].data["gaps"][0]
    assert (gap["older_id"], gap["newer_id"]) == (str(ids[3]), str(ids[5]))


async def test_what_x_shows_again_after_it_was_gone_is_heard_again(people, ada, ear, redis):
    account_id, ids = AccountId(int(ada.id)), ids_now(2)
    await people.show(ada, page_of(ids[:1]))

    async with listening(ear):
        await _add(people, ada, ids[1], after=ids[0])
        await ear.until(lambda: ear.tweets)
        await redis.zrem(keys.timeline(account_id), keys.padded(ids[1]))
        await redis.xadd(keys.arrivals(account_id), {"deleted": keys.padded(ids[1])})
        await redis.publish(keys.settled(account_id), "")
        await ear.until(lambda: ear.named("delete"))
        await _add(people, ada, ids[1], after=ids[0])
        await ear.until(lambda: len(ear.tweets) == 2)

    assert ear.tweets == [ids[1]] * 2


async def test_what_x_shows_a_viewer_no_longer_is_not_told_to_one_who_was_away(people, ada, ear, redis):
    ids = ids_now(3)
    await people.show(ada, page_of(ids[:1]))
    async with listening(ear):
        await ear.until(lambda: ear.place)
    await _add(people, ada, *ids[1:], after=ids[0])
    await redis.zrem(keys.timeline(AccountId(int(ada.id))), keys.padded(ids[1]))

    async with listening(ear):
        await ear.until(lambda: ids[2] in ear.tweets)

    assert ear.tweets == ids[2:]


async def test_one_who_was_away_for_too_long_is_told_to_read_again(people, ada, ear, redis):
    ids = ids_now(3)
    await people.show(ada, page_of(ids[:2]))
    ear.place = "1-0.0"

    async with listening(ear):
        state = ear.heard[0]
        await _add(people, ada, ids[2], after=ids[1])
        await ear.until(lambda: ear.tweets)

    assert state.data["missed"] is True
    assert ear.tweets == ids[2:]


async def test_how_the_account_stands_is_told_when_it_changes(gateway, people, ada, ear):
    await people.show(ada, page_of([]))

    async with listening(ear):
        await gateway.put("/v1/account/pause", headers=ada.headers)
        await ear.until(lambda: ear.named("state")[-1].data["standing"] == "paused", seconds=40)

    assert ear.named("state")[-1].data["stale"] == "paused"


async def test_signing_out_ends_what_is_listened_to(gateway, people, ada, ear):
    await people.show(ada, page_of([]))

    async with listening(ear, once=True):
        await gateway.post("/logout", headers=ada.headers)
        await ear.until(lambda: ear.closed)

    assert (await gateway.get(STREAM, headers=ada.headers)).status_code == 401


@pytest.mark.parametrize("end", ["forgotten", "revoked"])
async def test_whoever_may_read_no_more_listens_no_more(gateway, people, ada, gateway_url, end):
    made = (await gateway.post("/v1/account/keys", json={"name": "ear"}, headers=ada.headers)).json()
    ear = Ear(gateway_url, replace(ada, token=made["token"]))

    async with listening(ear, once=True):
        path = "/v1/account" if end == "forgotten" else f"/v1/account/keys/{made['id']}"
        assert (await gateway.delete(path, headers=ada.headers)).status_code < 300
        await ear.until(lambda: ear.closed)


async def test_an_id_that_is_none_is_named(gateway, ada):
    for given in ({"headers": {**ada.headers, "last-event-id": "7"}}, {"params": {"last_event_id": "x"}}):
        answer = await gateway.get(STREAM, **{"headers": ada.headers, **given})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["parameter"] == "last_event_id"


async def test_a_stream_ends_in_time_and_says_so(brisk_url, people, ada):
    await people.show(ada, page_of([]))
    ear = Ear(brisk_url, ada)

    async with listening(ear, once=True):
        await ear.until(lambda: ear.closed, seconds=10)

    assert ear.heard[-1].data["reconnect"] is True


async def test_no_more_streams_are_open_than_may_be(brisk_url, people, ada):
    await people.show(ada, page_of([]))
    async with httpx2.AsyncClient(base_url=brisk_url, headers=ada.headers, timeout=30) as client:
        async with (
            listening(Ear(brisk_url, ada)),
            listening(Ear(brisk_url, ada)),
            listening(Ear(brisk_url, ada)),
        ):
            refused = await client.get(STREAM)
        async with client.stream("GET", STREAM) as answer:
            status = answer.status_code

    assert (refused.status_code, status) == (429, 200)
    assert int(refused.headers["retry-after"]) > 0


async def test_one_who_listens_counts_as_reading(people, ada, ear, redis):
    await people.show(ada, page_of([]))
    account = keys.account(AccountId(int(ada.id)))
    await redis.hdel(account, "read_at_ms")

    async with listening(ear):
        assert await redis.hexists(account, "read_at_ms")


async def test_an_account_that_sleeps_is_polled_for_one_who_listens(people, ada, ear):
    await people.show(ada, page_of([]), ago_ms=120_000, asleep=True)
    assert await people.wanted(ada) is None

    async with listening(ear):
        assert await people.wanted(ada) == "0"
        await people.show(ada, page_of([]), asleep=True)  # the poll that this brought
        await ear.until(lambda: len(ear.named("state")) == 2)
        assert await people.wanted(ada) is None
