"""What is asked for is selected, by X's rules, in the dialect that it was asked for in."""

import json

import pytest

from services.api.faults import Fault
from services.api.v2.expansions import select, unread
from services.api.v2.selection import Selection
from shared.domain.tweet import Body, TweetId
from shared.store.bodies import Shown

TWEET = {
    "id": "20", "text": "hi @bob", "author_id": "12", "created_at": "2026-11-23T08:00:00.000Z",
    "edit_history_tweet_ids": ["20"], "in_reply_to_user_id": "13", "lang": "en",
    "entities": {"mentions": [{"username": "bob", "id": "13"}, {"username": "eve", "id": "14"}]},
    "attachments": {"media_keys": ["3_9"], "poll_ids": ["7"]}, "geo": {"place_id": "p1"},
    "referenced_tweets": [{"type": "quoted", "id": "10"}],
    "public_metrics": {"retweet_count": 1, "like_count": 2},
}  # fmt: skip
QUOTED = {"id": "10", "text": "quoted", "author_id": "15", "attachments": {"media_keys": ["3_8"]}}
USERS, MEDIA = ("12", "13", "15"), ("3_9", "3_8")
KEPT = {
    "user": [{"id": each, "name": "N", "username": f"u{each}", "verified": True} for each in USERS],
    "tweet": [QUOTED],
    "media": [{"media_key": key, "type": "photo", "url": "https://pbs.twimg.com/x.jpg"} for key in MEDIA],
    "poll": [{"id": "7", "options": [], "voting_status": "open"}],
    "place": [{"id": "p1", "full_name": "Vienna", "country": "Austria"}],
}  # fmt: skip


def _body(kind, thing, refs=()):
    return Body(f"{kind}:{thing.get('id') or thing['media_key']}", json.dumps(thing).encode(), refs)


def _shown(*tweets, without=()):
    refs = ("user:12", "user:13", "tweet:10", "media:3_9", "poll:7", "place:p1")
    includes = {
        kind: [_body(kind, each) for each in things] for kind, things in KEPT.items() if kind not in without
    }
    return Shown([_body("tweet", each, refs) for each in tweets or (TWEET,)], includes)


def page(shown=None, **params):
    """Select from a tweet that has everything."""
    content = select(
        Selection.read({name.replace("_fields", ".fields"): value for name, value in params.items()}),
        shown or _shown(),
    )
    includes = {name.decode(): [json.loads(each) for each in things] for name, things in content.includes}
    return [json.loads(each) for each in content.tweets], includes, content.errors


def test_without_lists_a_tweet_is_its_id_and_text_and_nothing_is_shown_with_it():
    assert page() == ([{"id": "20", "text": "hi @bob", "edit_history_tweet_ids": ["20"]}], {}, [])


def test_a_field_list_adds_fields_and_shows_nothing_more():
    ((tweet,), includes, _) = page(tweet_fields="lang,public_metrics,source")

    assert tweet.keys() == {"id", "text", "edit_history_tweet_ids", "lang", "public_metrics"}
    assert includes == {}


@pytest.mark.parametrize(
    ("expansion", "field", "included"),
    [
        ("author_id", "author_id", {"users": ["12"]}),
        ("in_reply_to_user_id", "in_reply_to_user_id", {"users": ["13"]}),
        ("entities.mentions.username", "entities", {"users": ["13"]}),
        ("attachments.media_keys", "attachments", {"media": ["3_9"]}),
        ("attachments.poll_ids", "attachments", {"polls": ["7"]}),
        ("geo.place_id", "geo", {"places": ["p1"]}),
        ("referenced_tweets.id", "referenced_tweets", {"tweets": ["10"]}),
        ("referenced_tweets.id.author_id", "referenced_tweets", {"users": ["15"]}),
        ("referenced_tweets.id.attachments.media_keys", "referenced_tweets", {"media": ["3_8"]}),
        (
            "author_id,in_reply_to_user_id,referenced_tweets.id.author_id",
            "author_id",
            {"users": ["12", "13", "15"]},
        ),
    ],
)
def test_an_expansion_shows_what_it_points_to_and_the_field_that_does(expansion, field, included):
    ((tweet,), includes, _) = page(expansions=expansion)

    assert field in tweet
    found = {
        name: [each.get("id") or each["media_key"] for each in things] for name, things in includes.items()
    }
    assert found == included


def test_what_is_shown_with_a_tweet_is_cut_by_its_own_list():
    _, includes, _ = page(expansions="author_id,attachments.media_keys,geo.place_id,attachments.poll_ids",
                          user_fields="verified", media_fields="url", place_fields="country")  # fmt: skip

    assert includes["users"][0].keys() == {"id", "name", "username", "verified"}
    assert includes["media"][0].keys() == {"media_key", "type", "url"}
    assert includes["places"][0].keys() == {"id", "full_name", "country"}
    assert includes["polls"][0].keys() == {"id", "options"}


def test_included_tweets_are_cut_as_the_others_are():
    _, includes, _ = page(expansions="referenced_tweets.id", tweet_fields="lang")

    assert includes["tweets"] == [{"id": "10", "text": "quoted"}]


def test_each_thing_is_included_once():
    other = {**TWEET, "id": "21"}

    _, includes, _ = page(_shown(TWEET, other), expansions="author_id,referenced_tweets.id")

    assert [len(things) for things in includes.values()] == [1, 1]


def test_what_is_pointed_to_and_not_held_is_an_error_as_x_writes_it():
    _, includes, errors = page(_shown(without={"tweet", "user"}), expansions="author_id,referenced_tweets.id")

    assert includes == {}
    assert [(each["resource_type"], each["resource_id"], each["parameter"]) for each in errors] == [
        ("user", "12", "author_id"),
        ("tweet", "10", "referenced_tweets.id"),
    ]
    assert errors[1]["detail"] == "Could not find tweet with referenced_tweets.id: [10]."


def test_somebody_mentioned_who_is_not_held_is_named_by_their_handle():
    _, includes, (error,) = page(expansions="entities.mentions.username")

    assert [each["id"] for each in includes["users"]] == ["13"]
    assert (error["value"], error["resource_id"]) == ("eve", "eve")
    assert error["detail"] == "Could not find user with entities.mentions.username: [eve]."


def test_an_edited_tweet_is_shown_with_what_it_was():
    edited = {**TWEET, "edit_history_tweet_ids": ["19", "20"]}
    earlier = _body("tweet", {"id": "19", "text": "hi bob", "edit_history_tweet_ids": ["19", "20"]})
    selection = Selection.read({"expansions": "edit_history_tweet_ids"})

    assert unread(selection, _shown(edited)) == ["tweet:19"]
    content = select(selection, _shown(edited), [earlier])

    assert [json.loads(each)["id"] for name, things in content.includes for each in things] == ["19", "20"]
    assert content.errors == []


def test_only_what_is_asked_for_and_not_at_hand_is_read_besides():
    def wanted(expansions):
        return unread(Selection.read({"expansions": expansions}), _shown(TWEET, {**TWEET, "id": "21"}))

    assert wanted("author_id,referenced_tweets.id,in_reply_to_user_id") == []
    assert wanted("entities.mentions.username,referenced_tweets.id") == ["user:14"]


def test_what_x_withheld_from_this_viewer_is_not_read_besides():
    shown = _shown(without={"tweet"})

    assert unread(Selection.read({"expansions": "referenced_tweets.id,edit_history_tweet_ids"}), shown) == []


def test_a_tweet_whose_text_is_lost_is_an_error_too():
    _, _, (error,) = page(Shown([], {}, [TweetId(9)]))

    assert error["resource_id"] == "9"


def test_who_asks_in_the_newer_dialect_is_answered_in_it():
    ((tweet,), includes, _) = page(post_fields="public_metrics", expansions="referenced_posts,author_id")

    assert tweet["edit_history_post_ids"] == ["20"]
    assert tweet["referenced_posts"] == [{"type": "quoted", "id": "10"}]
    assert tweet["public_metrics"] == {"repost_count": 1, "like_count": 2}
    assert [each["id"] for each in includes["posts"]] == ["10"]


def test_in_the_newer_dialect_what_is_missing_is_named_as_it_was_asked_for():
    _, _, (error,) = page(_shown(without={"tweet"}), expansions="referenced_posts")

    assert error["parameter"] == "referenced_posts"


def test_in_the_newer_dialect_a_tweet_withheld_is_a_post():
    withheld = {**TWEET, "withheld": {"copyright": False, "country_codes": ["DE"], "scope": "tweet"}}

    ((tweet,), _, _) = page(_shown(withheld), post_fields="withheld")

    assert tweet["withheld"]["scope"] == "post"


def test_who_names_both_dialects_is_answered_in_the_older():
    ((tweet,), _, _) = page(post_fields="lang", tweet_fields="created_at")

    assert tweet.keys() == {"id", "text", "edit_history_tweet_ids", "lang", "created_at"}


@pytest.mark.parametrize("params", [{"tweet.fields": "lng"}, {"expansions": "author"}, {"user.fields": ""}])
def test_what_x_does_not_know_is_named(params):
    with pytest.raises(Fault, match="is not one of") as caught:
        Selection.read(params)

    assert caught.value.parameter in params
