"""The control surface: people, tweets, what was asked, and what it came to."""

import pytest

from tests.unit.simulator.x import AT_MS, X, bearer, ids_of


async def test_somebody_new_has_tokens_of_both_kinds(x):
    ada = await x.person(username="ada", name="Ada")

    assert ada.keys() == {"id", "username", "oauth2", "oauth1"}
    assert ada["oauth2"].keys() == {"access_token", "refresh_token", "expires_in", "scope"}
    assert ada["oauth1"]["token"].startswith(ada["id"] + "-")
    assert (await x.control("GET", "/users"))["users"] == [ada]


async def test_500_people_are_500_people(x):
    people = [await x.person() for _ in range(500)]

    assert len({each["id"] for each in people}) == 500
    assert len({each["oauth2"]["access_token"] for each in people}) == 500


async def test_tweets_are_shown_as_they_are_given(x):
    ada = await x.person()
    given = {
        "id": "20",
        "text": "just setting up my twttr",
        "lang": "en",
        "public_metrics": {"like_count": 1},
    }

    ids = await x.post(ada, given, {"id": 21})

    page = await x.page(ada, tweet_fields="lang,public_metrics")
    assert ids == [20, 21]
    assert page["data"][1] == given | {"edit_history_tweet_ids": ["20"]}
    assert page["data"][0]["text"] == "Tweet 21"


async def test_a_tweet_that_is_given_again_is_shown_as_it_is_given_then(x):
    ada = await x.person()
    await x.post(
        ada, {"id": "20", "text": "one"}, {"id": "30", "referenced_tweets": [{"type": "quoted", "id": "10"}]}
    )
    before = await x.page(ada, expansions="referenced_tweets.id")

    await x.post(ada, {"id": "20", "text": "two"}, {"id": "10", "text": "ten"})

    after = await x.page(ada, expansions="referenced_tweets.id")
    assert [page["data"][1]["text"] for page in (before, after)] == ["one", "two"]
    assert ("errors" in before, after["includes"]["tweets"][0]["text"]) == (True, "ten")


async def test_so_many_tweets_are_so_many_ids_of_now(x):
    ada, bob = await x.person(), await x.person()

    ids = await x.post(ada, count=5000)

    assert len(set(ids)) == 5000
    assert await x.truth(ada) == sorted(ids, reverse=True)
    assert await x.truth(bob) == []


async def test_an_edit_replaces_what_it_names(x):
    ada = await x.person()
    await x.post(ada, 20, 30)

    await x.post(ada, {"id": "40", "edit_history_tweet_ids": ["20", "40"]})

    assert await x.truth(ada) == [40, 30]


async def test_a_deleted_tweet_is_gone_and_those_that_quote_it_say_so(x):
    ada = await x.person()
    await x.post(ada, 20, {"id": "30", "referenced_tweets": [{"type": "quoted", "id": "20"}]})

    await x.control("DELETE", "/tweets/20")

    page = await x.page(ada, expansions="referenced_tweets.id")
    assert ids_of(page) == [30]
    assert "includes" not in page
    assert page["errors"] == [
        {
            "resource_type": "tweet",
            "resource_id": "20",
            "parameter": "referenced_tweets.id",
            "value": "20",
            "title": "Not Found Error",
            "detail": "Could not find tweet with referenced_tweets.id: [20].",
            "type": "https://api.twitter.com/2/problems/resource-not-found",
        }
    ]
    assert (await x.post(ada, 20), await x.truth(ada)) == ([20], [30, 20])  # given once more, it is there


async def test_every_request_is_remembered(x):
    ada, bob = await x.person(), await x.person()
    await x.post(ada, 20, 30)
    await x.home(ada, since_id="20")
    x.clock.at_ms += 1500
    await x.home(ada, max_results="0")
    await x.ask("GET", "/2/users/me", headers=bearer(bob))
    await x.ask("GET", "/2/users/me")

    hers = (await x.control("GET", f"/requests?user={ada['id']}"))["requests"]
    everybodys = (await x.control("GET", "/requests"))["requests"]

    assert hers == [
        {
            "time": "2026-09-21T14:13:20.000Z", "at_ms": AT_MS, "user": ada["id"], "endpoint": "home",
            "params": {"since_id": "20"}, "status": 200, "posts": 1,
        },
        {
            "time": "2026-09-21T14:13:21.500Z", "at_ms": AT_MS + 1500, "user": ada["id"], "endpoint": "home",
            "params": {"max_results": "0"}, "status": 400, "posts": 0,
        },
    ]  # fmt: skip
    assert [(each["user"], each["endpoint"], each["status"]) for each in everybodys[2:]] == [
        (bob["id"], "me", 200),
        ("", "me", 401),
    ]


async def test_a_post_is_billed_once_a_day(x):
    ada, bob = await x.person(), await x.person()
    for person in (ada, bob):
        await x.post(person, 20, 30)
        await x.home(person)
    x.clock.at_ms += 3_600_000
    await x.home(ada)
    x.clock.at_ms = AT_MS + 12 * 3_600_000
    cora = await x.person()
    await x.post(cora, 20)
    await x.home(cora)

    assert await x.control("GET", "/stats") == {
        "requests": {"home 200": 4},
        "posts_returned": 7,
        "posts_billed": {"2026-09-21": 2, "2026-09-22": 1},
        "refused_by_window": 0,
    }


async def test_latency_is_that_of_xs_endpoints_only():
    x = X(simulator_latency_ms=250)
    ada = await x.person()
    assert x.clock.at_ms == AT_MS

    await x.home(ada)

    assert x.clock.at_ms == AT_MS + 250


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/users/7/tweets", {"count": 1}, 404),
        ("GET", "/users/7/timeline", None, 404),
        ("PUT", "/users/7/limit", {"limit": 1}, 404),
        ("POST", "/users/7/revoke", None, 404),
        ("POST", "/recordings", {"path": ".", "user": "7"}, 404),
        ("POST", "/recordings", {"path": "/nowhere", "user": "{id}"}, 400),
        ("POST", "/users/{id}/tweets", {"tweets": [{"id": "twenty"}]}, 400),
        ("POST", "/users/{id}/tweets", {"count": -1}, 400),
        ("POST", "/users/{id}/tweets", {"tweets": ["text"]}, 400),
        ("PUT", "/users/{id}/limit", {"limit": -1}, 400),
        ("POST", "/users", {"follow": -1}, 400),
        ("POST", "/users", {"nickname": "ada"}, 400),
        ("DELETE", "/tweets/twenty", None, 404),
        ("GET", "/faults", None, 405),
        ("GET", "/nowhere", None, 404),
    ],
)
async def test_a_control_request_that_means_nothing_is_told_so(x, method, path, body, status):
    ada = await x.person()
    if body and "{id}" in str(body.get("user")):
        body |= {"user": ada["id"]}

    answer = await x.ask(method, "/_sim" + path.format(id=ada["id"]), json=body)

    assert answer.status_code == status
    assert answer.json()["detail"]
