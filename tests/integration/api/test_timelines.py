"""Reading a timeline: what is held is served, newest first, in pages that are exact in both directions."""

from datetime import UTC, datetime

import pytest

from shared.domain.timeline import Want
from shared.domain.tweet import MAX_ID, TweetId, written_at_ms
from tests.integration.api.people import ids_now, page_of

PATHS = ["x", "own"]


@pytest.fixture(params=PATHS)
def read(request, gateway):
    """Read a page of somebody's timeline, in X's form and in ours."""

    async def read(person, **params):
        path = person.home if request.param == "x" else "/v1/timeline"
        answer = await gateway.get(path, params=params, headers=person.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return read


def _ids(page):
    return [int(tweet["id"]) for tweet in page.get("data", [])]


async def test_five_ids_that_differ_in_their_lowest_bits_page_down(people, ada, read):
    ids = ids_now(5)
    await people.show(ada, page_of(ids))

    seen, token = [], {}
    while True:
        page = await read(ada, max_results=2, **token)
        seen += [_ids(page)]
        if "next_token" not in page["meta"]:
            break
        token = {"pagination_token": page["meta"]["next_token"]}

    assert seen == [[ids[4], ids[3]], [ids[2], ids[1]], [ids[0]]]


async def test_five_ids_that_differ_in_their_lowest_bits_page_up(people, ada, read):
    ids = ids_now(5)
    await people.show(ada, page_of(ids))
    page = await read(ada, until_id=ids[1])

    seen = [_ids(page)]
    while "previous_token" in page["meta"]:
        page = await read(ada, max_results=2, pagination_token=page["meta"]["previous_token"])
        seen += [_ids(page)]

    assert seen == [[ids[0]], [ids[2], ids[1]], [ids[4], ids[3]]]


async def test_since_and_until_are_both_exclusive(people, ada, read):
    ids = ids_now(5)
    await people.show(ada, page_of(ids))

    page = await read(ada, since_id=ids[0], until_id=ids[4])

    assert _ids(page) == [ids[3], ids[2], ids[1]]
    assert page["meta"]["newest_id"] == str(ids[3])
    assert page["meta"]["oldest_id"] == str(ids[1])
    assert page["meta"]["result_count"] == 3


async def test_the_largest_ids_there_can_be_are_taken(people, ada, read):
    ids = ids_now(2)
    await people.show(ada, page_of(ids))

    assert _ids(await read(ada, until_id=MAX_ID)) == [ids[1], ids[0]]
    assert _ids(await read(ada, since_id=MAX_ID - 1)) == []


async def test_an_empty_page_has_no_data_and_no_ids(people, ada, read):
    await people.show(ada, page_of([]))

    page = await read(ada)

    assert page["meta"] == {"result_count": 0}
    assert "data" not in page
    assert "includes" not in page


async def test_bodies_are_served_byte_for_byte_and_includes_once(gateway, people, ada):
    shown = page_of(ids_now(3))
    await people.show(ada, shown)

    answer = await gateway.get("/v1/timeline", headers=ada.headers)

    for body in shown.bodies:
        assert answer.content.count(body.raw) == 1, body.key
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert [user["id"] for user in answer.json()["includes"]["users"]] == ["12"]


async def test_a_tweet_without_its_body_is_a_partial_error(gateway, people, ada, redis_db):
    ids = ids_now(3)
    shown = page_of(ids)
    without = tuple(body for body in shown.bodies if body.key != f"tweet:{ids[1]}")
    await people.show(ada, type(shown)(shown.ids, without))

    page = (await gateway.get(ada.home, headers=ada.headers)).json()

    assert _ids(page) == [ids[2], ids[0]]
    assert [error["resource_id"] for error in page["errors"]] == [str(ids[1])]
    assert page["errors"][0]["type"].endswith("/problems/resource-not-found")
    assert page["meta"]["oldest_id"] == str(ids[0])


async def test_times_stand_in_for_ids(gateway, people, ada):
    ids = ids_now(3, apart=1000 << 22)  # a second apart
    await people.show(ada, page_of(ids))

    async def between(**params):
        return _ids((await gateway.get(ada.home, params=params, headers=ada.headers)).json())

    assert await between(start_time=_at(ids[1])) == [ids[2], ids[1]]
    assert await between(end_time=_at(ids[1])) == [ids[0]]
    assert await between(start_time=_at(ids[2]), since_id=ids[0]) == [ids[2], ids[1]]


async def test_gaps_that_touch_what_is_served_are_told(gateway, people, ada):
    ids = ids_now(4, apart=1 << 22)
    old, new = ids[:2], ids[2:]
    await people.show(ada, page_of(old))
    await people.show(ada, page_of(new, next_token="more"), Want(since=TweetId(old[-1])))

    async def gaps(**params):
        answer = await gateway.get("/v1/timeline", params=params, headers=ada.headers)
        return answer.json()["gaps"]

    gap = {"older_id": str(old[-1]), "newer_id": str(new[0]), "reason": "filling"}
    assert await gaps() == [gap]
    assert await gaps(since_id=old[0], until_id=new[1]) == [gap]
    assert await gaps(until_id=old[1]) == []


async def test_a_gap_between_two_pages_is_told_with_the_older_one(gateway, people, ada):
    ids = ids_now(4)
    await people.show(ada, page_of(ids[:1]))
    await people.show(ada, page_of(ids[2:], next_token="more"), Want(since=TweetId(ids[0])))

    newer = (await gateway.get("/v1/timeline", params={"max_results": 2}, headers=ada.headers)).json()
    token = {"pagination_token": newer["meta"]["next_token"]}
    older = (await gateway.get("/v1/timeline", params=token, headers=ada.headers)).json()

    assert newer["gaps"] == []
    assert older["gaps"] == [{"older_id": str(ids[0]), "newer_id": str(ids[2]), "reason": "filling"}]


async def test_a_timeline_never_polled_is_one_gap_and_says_that_it_is_stale(gateway, ada):
    answer = await gateway.get("/v1/timeline", headers=ada.headers)

    assert answer.json()["gaps"] == [{"older_id": "0", "newer_id": str(MAX_ID), "reason": "filling"}]
    assert answer.headers["roost-stale"] == "not-polled-yet"
    assert "roost-as-of" not in answer.headers


async def test_a_fresh_answer_says_as_of_when_it_is_true(gateway, people, ada):
    await people.show(ada, page_of(ids_now(1)))

    answer = await gateway.get(ada.home, headers=ada.headers)

    assert answer.headers["roost-as-of"].endswith("Z")
    assert "roost-stale" not in answer.headers
    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("reason", ["sign-in-needed", "unavailable", "limited"])
async def test_a_timeline_that_could_not_be_polled_says_why(gateway, people, ada, reason):
    await people.fail(ada, reason)

    answer = await gateway.get("/v1/timeline", headers=ada.headers)

    assert answer.headers["roost-stale"] == reason


async def test_fields_of_both_dialects_are_taken(gateway, people, ada):
    await people.show(ada, page_of(ids_now(1)))
    fields = {
        "tweet.fields": "created_at,edit_history_tweet_ids",
        "expansions": "referenced_tweets.id,author_id",
    }
    newer = {"post.fields": "created_at,edit_history_post_ids", "expansions": "referenced_posts,author_id"}

    for params in (fields, newer):
        answer = await gateway.get(ada.home, params=params, headers=ada.headers)
        assert answer.status_code == 200, answer.text


async def test_eight_hundred_tweets_fit_one_page_of_ours(gateway, people, ada):
    ids = ids_now(801)
    await people.show(ada, page_of(ids))

    answer = await gateway.get("/v1/timeline", params={"max_results": 800}, headers=ada.headers)

    page = answer.json()
    assert _ids(page) == ids[:0:-1]
    assert "next_token" in page["meta"]


async def test_nobody_reads_another_persons_timeline(gateway, people, ada):
    bob = await people.register()
    await people.show(bob, page_of(ids_now(1)))

    answer = await gateway.get(bob.home, headers=ada.headers)

    assert answer.status_code == 403
    assert answer.json()["title"] == "Forbidden"
    assert "data" not in answer.json()


def _at(tweet_id):
    at = datetime.fromtimestamp(written_at_ms(tweet_id) / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
