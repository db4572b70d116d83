"""X's v2 as its clients ask: what they name is what they are given, and what X would not know is refused."""

import pytest

from shared.domain.timeline import Page
from shared.domain.tweet import Body, TweetId
from tests.integration.api.people import ids_now, page_of

MENTIONED = b'{"id":"13","name":"Bob","username":"bob","verified":true}'


@pytest.fixture
async def edited(people, ada):
    """Keep a tweet, and another version of it that mentions somebody who is held and somebody who is not."""
    first, second = ids_now(2)
    history = b'"edit_history_tweet_ids":["%d","%d"]' % (first, second)
    body = b'{"id":"%d","text":"%b","author_id":"12",%b,"lang":"en","entities":{"mentions":[%b]}}'
    mentions = (
        b'{"start":0,"end":4,"username":"bob","id":"13"},{"start":5,"end":9,"username":"eve","id":"14"}'
    )
    await people.show(ada, page_of([first]))
    bodies = (
        Body(f"tweet:{second}", body % (second, b"@bob @eve", history, mentions), ("user:12",)),
        Body("user:13", MENTIONED),
    )
    await people.show(ada, Page((TweetId(second),), bodies, replaced=(TweetId(first),)))
    return first, second


async def _ask(gateway, person, path=None, **params):
    asked = {name.replace("_fields", ".fields"): value for name, value in params.items()}
    answer = await gateway.get(path or person.home, params=asked, headers=person.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_who_asks_for_nothing_is_given_ids_and_texts(gateway, ada, edited):
    page = await _ask(gateway, ada)

    (tweet,) = page["data"]
    assert tweet.keys() == {"id", "text", "edit_history_tweet_ids"}
    assert page.keys() == {"data", "meta"}


async def test_whom_a_tweet_mentions_is_shown_to_those_who_ask(gateway, ada, edited):
    page = await _ask(gateway, ada, expansions="entities.mentions.username", user_fields="verified")

    assert page["includes"] == {"users": [{"id": "13", "name": "Bob", "username": "bob", "verified": True}]}
    assert [(each["parameter"], each["value"]) for each in page["errors"]] == [
        ("entities.mentions.username", "eve")
    ]


async def test_what_a_tweet_was_before_it_was_edited_is_shown_to_those_who_ask(gateway, ada, edited):
    page = await _ask(gateway, ada, expansions="edit_history_tweet_ids")

    assert [each["id"] for each in page["includes"]["tweets"]] == [str(each) for each in edited]
    assert "errors" not in page


async def test_who_asks_in_the_newer_dialect_is_answered_in_it(gateway, ada, edited):
    page = await _ask(gateway, ada, post_fields="lang", expansions="edit_history_post_ids,author_id")

    (post,) = page["data"]
    assert post.keys() == {"id", "text", "edit_history_post_ids", "lang", "author_id"}
    assert len(page["includes"]["posts"]) == 2


async def test_a_value_that_x_does_not_know_is_refused_in_its_words(gateway, ada):
    answer = await gateway.get(ada.home, params={"tweet.fields": "id,lng"}, headers=ada.headers)

    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["parameters"] == {"tweet.fields": ["lng"]}
    assert error["message"].startswith(
        "The `tweet.fields` query parameter value [lng] is not one of [article,"
    )


async def test_who_i_am_is_told_with_the_fields_that_are_named(gateway, people, ada):
    body = b'{"id":"%b","name":"old","username":"old","verified":true,"public_metrics":{"tweet_count":3}}'
    own = Body(f"user:{ada.id}", body % ada.id.encode())
    await people.show(ada, Page((), (own,)))

    plain = await _ask(gateway, ada, "/2/users/me")
    asked = await _ask(gateway, ada, "/2/users/me", user_fields="verified", expansions="pinned_tweet_id")
    newer = await _ask(gateway, ada, "/2/users/me", user_fields="public_metrics", expansions="pinned_post_id")

    assert plain["data"].keys() == {"id", "name", "username"}
    assert asked["data"] == plain["data"] | {"verified": True}
    assert newer["data"]["public_metrics"] == {"post_count": 3}
    assert plain["data"]["username"] == ada.username


@pytest.mark.parametrize(("path", "expansion"), [("/2/users/me", "author_id"), ("home", "pinned_tweet_id")])
async def test_an_expansion_of_the_other_route_is_refused(gateway, ada, path, expansion):
    path = ada.home if path == "home" else path

    answer = await gateway.get(path, params={"expansions": expansion}, headers=ada.headers)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameters"] == {"expansions": [expansion]}
