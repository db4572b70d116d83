"""Leaving out what a reader does not want: pages are filled all the same, nothing is lost or shown twice."""

import json

import pytest

from shared.domain.account import AccountId
from shared.domain.timeline import Page
from shared.domain.tweet import Body, TweetId
from shared.store import keys
from shared.store.connection import connect
from tests.integration.api.people import ids_now

USERS = {"212": "jack", "213": "Ada", "214": "123"}


def _tweet(tweet_id, author="212", kind=None, *, media=False, of=None):
    body = {"id": str(tweet_id), "text": f"tweet {tweet_id}", "author_id": author}
    refs = [f"user:{author}"]
    if kind:
        body["referenced_tweets"] = [{"type": kind, "id": str(of)}]
        refs.append(f"tweet:{of}")
    if media:
        body["attachments"] = {"media_keys": ["3_9"]}
        refs.append("media:3_9")
    return Body(f"tweet:{tweet_id}", json.dumps(body).encode(), tuple(refs))


KINDS = {
    "plain": {},
    "retweet": {"kind": "retweeted"},
    "reply": {"kind": "replied_to"},
    "quote": {"kind": "quoted"},
    "picture": {"media": True},
    "ada": {"author": "213"},
    "number": {"author": "214"},
}


@pytest.fixture
async def mixed(people, ada):
    """Seventy tweets of all kinds in turn, and the kind of each."""
    ids = ids_now(70)
    original = _tweet(ids[0] - 1, media=True)
    kinds = dict(zip(ids, list(KINDS) * 10, strict=True))
    tweets = [_tweet(each, of=ids[0] - 1, **KINDS[kind]) for each, kind in kinds.items()]
    users = [
        Body(f"user:{id_}", json.dumps({"id": id_, "username": name}).encode()) for id_, name in USERS.items()
    ]
    bodies = (*tweets, original, *users, Body("media:3_9", b'{"media_key":"3_9","type":"photo"}'))
    await people.show(ada, Page(tuple(TweetId(each) for each in sorted(ids, reverse=True)), bodies))
    return kinds


@pytest.fixture
def read_all(gateway, ada):
    """Read page after page; the ids, and how many each page had."""

    async def read_all(path="/v1/timeline", **params):
        ids, sizes, token = [], [], {}
        while True:
            answer = await gateway.get(path, params={**params, **token}, headers=ada.headers)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            ids += [int(tweet["id"]) for tweet in page.get("data", [])]
            sizes.append(page["meta"]["result_count"])
            if "next_token" not in page["meta"]:
                return ids, sizes
            token = {"pagination_token": page["meta"]["next_token"]}

    return read_all


@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize(
    ("wish", "fitting"),
    [
        ({"exclude": "retweets"}, KINDS.keys() - {"retweet"}),
        ({"exclude": "retweets,replies"}, KINDS.keys() - {"retweet", "reply"}),
        ({"has": "media"}, {"picture", "retweet"}),
        ({"author": "213"}, {"ada"}),
        ({"author": "@aDA"}, {"ada"}),
        ({"author": "@123"}, {"number"}),
        ({"author": "123"}, set()),
        ({"author": "@nobody"}, set()),
        ({"has": "media", "exclude": "retweets"}, {"picture"}),
    ],
)
async def test_pages_are_filled_with_what_is_wanted(mixed, read_all, wish, fitting, order):
    ids, sizes = await read_all(**wish, order=order, max_results=4)

    wanted = sorted((each for each, kind in mixed.items() if kind in fitting), reverse=order == "newest")
    assert ids == wanted
    assert all(size == 4 for size in sizes[:-1])


@pytest.mark.parametrize("order", ["newest", "oldest"])
async def test_what_lies_beyond_all_that_is_looked_at_for_one_page_is_on_the_next(
    people, ada, read_all, redis_db, order
):
    ids = ids_now(16_000)
    wanted = ids[500::1000]
    bodies = [_tweet(each, media=True) for each in wanted]
    await people.show(ada, Page(tuple(TweetId(each) for each in reversed(wanted)), tuple(bodies)))
    redis = connect(redis_db)
    members = {keys.padded(each): 0 for each in ids}  # whose bodies are lost; none of them fits
    await redis.zadd(keys.timeline(AccountId(int(ada.id))), members)
    await redis.aclose()

    found, _ = await read_all(has="media", order=order, max_results=20)

    assert found == sorted(wanted, reverse=order == "newest")


async def test_x_too_leaves_out_what_is_not_wanted_and_fills_its_pages(mixed, read_all, ada):
    ids, sizes = await read_all(ada.home, exclude="replies,retweets", max_results=7)

    assert ids == sorted(
        (each for each, kind in mixed.items() if kind not in {"retweet", "reply"}), reverse=True
    )
    assert all(size == 7 for size in sizes[:-1])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("exclude", "likes"),
        ("has", "links"),
        ("author", "jack"),
        ("author", "@"),
        ("author", "@far_too_long_handle"),
    ],
)
async def test_a_filter_nobody_knows_is_named(gateway, ada, name, value):
    answer = await gateway.get("/v1/timeline", params={name: value}, headers=ada.headers)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == name


async def test_a_reader_who_filters_is_counted_once(mixed, gateway, ada):
    first, second = [
        await gateway.get("/v1/timeline?has=media&max_results=3", headers=ada.headers) for _ in range(2)
    ]

    name = "x-rate-limit-remaining"
    assert int(first.headers[name]) - int(second.headers[name]) == 1
