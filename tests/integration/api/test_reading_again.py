"""Programs that read all day: nothing new costs nothing, links lead on, answers are small."""

import re
import zlib

import pytest
import zstandard

from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.mode import Mode
from shared.domain.timeline import Want
from shared.domain.tweet import TweetId
from shared.store import keys
from shared.store.accounts import Accounts
from shared.store.connection import connect
from tests.integration.api.people import ids_now, page_of

TIMELINE = "/v1/timeline"


@pytest.fixture
async def redis(redis_db):
    connection = connect(redis_db)
    yield connection
    await connection.aclose()


async def test_who_has_the_answer_is_told_so_and_no_body_is_read(gateway, people, ada, redis):
    await people.show(ada, page_of(ids_now(5)))
    first = await gateway.get(TIMELINE, headers=ada.headers)
    await redis.delete(
        *[key async for key in redis.scan_iter("tweet:*")]
    )  # whoever looks for bodies finds none

    again = await gateway.get(TIMELINE, headers={**ada.headers, "if-none-match": first.headers["etag"]})

    assert re.fullmatch(r'"[0-9a-f]{24}-[0-9a-f]{16}(-zstd|-gzip)?"', first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["roost-as-of"] == first.headers["roost-as-of"]
    assert again.headers["cache-control"] == "private, no-cache"


async def test_a_text_that_was_missed_and_came_back_is_shown(gateway, people, ada, redis):
    ids = ids_now(2)
    await people.show(ada, page_of(ids))
    await redis.delete(f"tweet:{ids[0]}")
    first = await gateway.get(TIMELINE, headers=ada.headers)
    await people.show(ada, page_of(ids))

    tag = first.headers.get("etag", '"none"')
    again = await gateway.get(TIMELINE, headers={**ada.headers, "if-none-match": tag})

    assert "errors" in first.json()
    assert again.status_code == 200
    assert len(again.json()["data"]) == 2


@pytest.mark.parametrize("given", ["W/{}", '"other", {}', '{}  ,"other"'])
async def test_a_tag_may_be_one_of_several_or_weak(gateway, people, ada, given):
    await people.show(ada, page_of(ids_now(5)))
    tag = (await gateway.get(TIMELINE, headers=ada.headers)).headers["etag"]

    again = await gateway.get(TIMELINE, headers={**ada.headers, "if-none-match": given.format(tag)})

    assert again.status_code == 304


async def test_a_tag_says_how_the_answer_was_compressed(gateway, people, ada):
    await people.show(ada, page_of(ids_now(50)))

    async def tag(coding):
        answer = await gateway.get(TIMELINE, headers={**ada.headers, "accept-encoding": coding})
        return answer.headers["etag"]

    assert len({await tag("identity"), await tag("gzip"), await tag("zstd")}) == 3
    assert await tag("gzip") == await tag("gzip")


async def test_whatever_changes_the_answer_changes_its_tag(gateway, people, ada, redis):
    ids = ids_now(6)
    account_id, now_ms = AccountId(int(ada.id)), Clock().now_ms()

    async def asked_again(tag):
        answer = await gateway.get(TIMELINE, headers={**ada.headers, "if-none-match": tag})
        return answer.status_code, answer.headers["etag"]

    async def gap_opens():
        await people.show(ada, page_of(ids[3:5], next_token="more"), Want(since=TweetId(ids[1])))

    changes = {
        "a tweet": lambda: people.show(ada, page_of(ids[:2]), Want(since=TweetId(ids[0]))),
        "a gap": gap_opens,
        "what fills it": lambda: Accounts(redis).spend(account_id, Mode.LAZY, now_ms=now_ms),
        "one less": lambda: redis.zrem(keys.timeline(account_id), keys.padded(ids[0])),
        "one withheld": lambda: redis.zadd(keys.withheld(account_id), {keys.padded(ids[1]): 0}),
    }
    await people.show(ada, page_of(ids[:1]))
    _, tag = await asked_again("")
    seen = [tag]
    for what, change in changes.items():
        await change()
        status, tag = await asked_again(tag)
        assert status == 200, what
        seen.append(tag)

    assert len(set(seen)) == len(seen)


async def test_two_people_never_share_a_tag_that_tells_one_of_the_other(gateway, people, ada):
    bob = await people.register()
    page = page_of(ids_now(3))
    await people.show(ada, page)
    await people.show(bob, page_of([]))
    tag = (await gateway.get(TIMELINE, headers=ada.headers)).headers["etag"]

    answer = await gateway.get(TIMELINE, headers={**bob.headers, "if-none-match": tag})

    assert answer.status_code == 200
    assert "data" not in answer.json()


@pytest.mark.parametrize("order", ["newest", "oldest"])
async def test_links_lead_through_the_whole_timeline_and_back(gateway, people, ada, order):
    ids = ids_now(25)
    await people.show(ada, page_of(ids))
    await people.show(ada, page_of([]), Want(since=TweetId(ids[-1])))
    answer = await gateway.get(TIMELINE, params={"max_results": 10, "order": order}, headers=ada.headers)

    seen, pages = [], []
    while True:
        pages.append(answer)
        seen += [int(tweet["id"]) for tweet in answer.json()["data"]]
        if "next" not in answer.links:
            break
        answer = await gateway.get(answer.links["next"]["url"], headers=ada.headers)
    back = await gateway.get(answer.links["prev"]["url"], headers=ada.headers)

    assert seen == sorted(ids, reverse=order == "newest")
    assert back.json()["data"] == pages[-2].json()["data"]


async def test_reading_on_after_an_id_skips_nothing(gateway, people, ada):
    ids = ids_now(30)
    await people.show(ada, page_of(ids))

    params = {"order": "oldest", "since_id": ids[4], "max_results": 3}
    page = (await gateway.get(TIMELINE, params=params, headers=ada.headers)).json()

    assert [int(tweet["id"]) for tweet in page["data"]] == ids[5:8]
    assert (page["meta"]["oldest_id"], page["meta"]["newest_id"]) == (str(ids[5]), str(ids[7]))


async def test_an_order_nobody_knows_is_named(gateway, ada):
    answer = await gateway.get(TIMELINE, params={"order": "random"}, headers=ada.headers)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "order"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate", "gzip"),
        ("zstd;q=0, gzip;q=0.5", "gzip"),
        ("identity", None),
        ("gzip;q=0", None),
        ("gzip;q=often", None),
        ("", None),
    ],
)
async def test_answers_are_compressed_as_their_reader_takes_them(gateway, people, ada, accepted, coding):
    await people.show(ada, page_of(ids_now(50)))
    plain = await gateway.get(TIMELINE, headers={**ada.headers, "accept-encoding": "identity"})

    async with gateway.stream(
        "GET", TIMELINE, headers={**ada.headers, "accept-encoding": accepted}
    ) as answer:
        sent = b"".join([part async for part in answer.aiter_raw()])

    open_up = {
        "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
        "gzip": lambda data: zlib.decompress(data, wbits=31),
        None: lambda data: data,
    }[coding]
    assert answer.headers.get("content-encoding") == coding
    assert open_up(sent) == plain.content
    assert "accept-encoding" in answer.headers["vary"]
    assert coding is None or len(sent) < len(plain.content) / 3


async def test_what_is_small_is_not_compressed(gateway, people, ada):
    await people.show(ada, page_of([]))

    answer = await gateway.get(TIMELINE, headers={**ada.headers, "accept-encoding": "gzip"})

    assert "content-encoding" not in answer.headers
