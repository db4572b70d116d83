"""Statuses of v1.1 are made of what v2 gave: nothing that clients look for is missing, and ids are exact."""

import json
from pathlib import Path

import pytest

from services.api.things import read_things
from services.api.v1_1.statuses import Wish, write_statuses
from shared.domain.tweet import Body
from shared.store.bodies import Shown

RECORDED = Path(__file__).parents[4] / "shared" / "recordings" / "v1.1" / "tweepy" / "testhometimeline.json"
BIG = 9_007_199_254_740_993  # the first integer that a double cannot hold
WHOLE = Wish(extended=True)
#: What v2 does not tell, or what X left out where there was nothing to say.
LEFT_OUT = {
    "quoted_status",
    "quoted_status_id",
    "quoted_status_id_str",
    "retweeted_status",
    "extended_entities",
}


def tweet(number=BIG, **members):
    made = {"id": str(number), "text": "hello", "author_id": "12", "created_at": "2018-10-10T20:19:24.000Z"}
    return {**made, **members}


def user(number, name):
    return {"id": str(number), "name": name.title(), "username": name}


def statuses(*tweets, wish=Wish(), others=(), users=(user(12, "jack"),), media=()):  # noqa: B008 (it is frozen)
    def bodies(kind, things):
        return [Body(f"{kind}:{each.get('id')}", json.dumps(each).encode()) for each in things]

    includes = {
        "tweet": bodies("tweet", others),
        "user": bodies("user", users),
        "media": bodies("media", media),
    }
    return write_statuses(read_things(Shown(bodies("tweet", tweets), includes)), wish)


def test_ids_are_exact_integers_and_text():
    (status,) = statuses(tweet())

    assert (status["id"], status["id_str"]) == (BIG, str(BIG))
    assert status["created_at"] == "Wed Oct 10 20:19:24 +0000 2018"
    assert (status["user"]["id"], status["user"]["screen_name"]) == (12, "jack")


def test_a_long_text_is_cut_for_old_clients_and_whole_for_others():
    text = "word " * 40 + "#end"
    tags = {"hashtags": [{"start": 200, "end": 204, "tag": "end"}]}

    (old,) = statuses(tweet(text=text, entities=tags))
    (new,) = statuses(tweet(text=text, entities=tags), wish=WHOLE)

    assert len(old["text"]) <= 140
    assert old["truncated"]
    assert old["entities"]["hashtags"] == []
    (link,) = old["entities"]["urls"]
    assert old["text"][slice(*link["indices"])] == link["url"] == f"https://x.com/i/web/status/{BIG}"
    assert (new["full_text"], new["truncated"]) == (text, False)
    assert new["entities"]["hashtags"] == [{"text": "end", "indices": [200, 204]}]


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("urls", "https://t.co/aaaaaaaaaa"),
        ("mentions", "@adalovelace"),
        ("hashtags", "#lovelace"),
        ("cashtags", "$LOVE"),
        ("", "&amp;"),
        ("", "&lt;"),
    ],
)
def test_a_text_is_cut_through_nothing_that_is_one(kind, written):
    for place in range(60, 96):
        text = "x" * place + " " + written + " and so on" * 20
        where = {"start": place + 1, "end": place + 1 + len(written)}

        (status,) = statuses(tweet(text=text, entities={kind: [where]} if kind else {}))

        kept = status["text"].partition("…")[0]
        assert text.startswith(kept)
        assert not where["start"] < len(kept) < where["end"]


def test_a_note_is_its_whole_text():
    (status,) = statuses(tweet(note_tweet={"text": "all of it", "entities": {}}), wish=WHOLE)

    assert status["full_text"] == "all of it"


def test_a_retweet_has_in_it_what_it_retweets():
    original = tweet(10, text="the original", author_id="13")
    retweet = tweet(text="RT @ada: the original", referenced_tweets=[{"type": "retweeted", "id": "10"}])

    (status,) = statuses(retweet, others=[original], users=[user(12, "jack"), user(13, "ada")])

    assert status["text"] == "RT @ada: the original"
    assert status["retweeted_status"]["id"] == 10
    assert status["retweeted_status"]["user"]["screen_name"] == "ada"
    assert not status["is_quote_status"]


def test_a_quote_has_in_it_what_it_quotes_and_no_more():
    deepest = tweet(5, referenced_tweets=[])
    quoted = tweet(10, author_id="13", referenced_tweets=[{"type": "quoted", "id": "5"}])
    quote = tweet(referenced_tweets=[{"type": "quoted", "id": "10"}])

    (status,) = statuses(quote, others=[quoted, deepest], users=[user(13, "ada")])

    assert (status["is_quote_status"], status["quoted_status_id"]) == (True, 10)
    assert status["quoted_status"]["id"] == 10
    assert status["quoted_status"]["quoted_status_id_str"] == "5"
    assert "quoted_status" not in status["quoted_status"]
    assert status["quoted_status_permalink"]["expanded"] == "https://x.com/ada/status/10"


def test_a_reply_says_to_what_and_to_whom():
    reply = tweet(
        text="@ada yes",
        in_reply_to_user_id="13",
        referenced_tweets=[{"type": "replied_to", "id": "10"}],
        entities={"mentions": [{"start": 0, "end": 4, "username": "ada", "id": "13"}]},
    )

    (status,) = statuses(reply, wish=WHOLE)

    assert (status["in_reply_to_status_id"], status["in_reply_to_user_id_str"]) == (10, "13")
    assert status["in_reply_to_screen_name"] == "ada"
    assert status["display_text_range"] == [5, 8]
    (mention,) = status["entities"]["user_mentions"]
    assert (mention["id"], mention["screen_name"], mention["indices"]) == (13, "ada", [0, 4])


def test_media_stand_in_both_places_and_links_in_one():
    url = {
        "start": 6,
        "end": 29,
        "url": "https://t.co/aaaaaaaaaa",
        "display_url": "pic.x.com/a",
        "media_key": "3_9",
    }
    picture = {
        "media_key": "3_9",
        "type": "photo",
        "url": "https://pbs.twimg.com/a.jpg",
        "width": 4096,
        "height": 2048,
    }
    video = {"media_key": "7_8", "type": "video", "preview_image_url": "https://pbs.twimg.com/b.jpg",
             "variants": [{"url": "https://v/1", "content_type": "video/mp4", "bit_rate": 9}]}  # fmt: skip
    shown = tweet(
        text="hello https://t.co/aaaaaaaaaa",
        entities={"urls": [url]},
        attachments={"media_keys": ["3_9", "7_8"]},
    )

    (status,) = statuses(shown, media=[picture, video], wish=WHOLE)

    assert status["entities"]["urls"] == []
    assert [each["id"] for each in status["entities"]["media"]] == [9]
    first, second = status["extended_entities"]["media"]
    assert (first["indices"], first["sizes"]["large"]["w"]) == ([6, 29], 2048)
    assert second["video_info"]["variants"][0]["bitrate"] == 9
    assert status["display_text_range"] == [0, 5]


def test_media_whose_link_was_cut_away_are_not_shown_to_old_clients():
    text = "word " * 28 + "https://t.co/aaaaaaaaaa"
    link = {"start": 140, "end": 163, "url": "https://t.co/aaaaaaaaaa", "media_key": "3_9"}
    shown = tweet(text=text, entities={"urls": [link]}, attachments={"media_keys": ["3_9"]})
    picture = {"media_key": "3_9", "type": "photo", "url": "https://pbs.twimg.com/a.jpg"}

    (old,) = statuses(shown, media=[picture])
    (new,) = statuses(shown, media=[picture], wish=WHOLE)

    assert old["truncated"]
    assert "media" not in old["entities"]
    assert "extended_entities" not in old
    assert [each["indices"] for each in new["extended_entities"]["media"]] == [[140, 163]]


def test_an_author_may_be_trimmed_to_the_id():
    (status,) = statuses(tweet(), wish=Wish(trimmed=True))

    assert status["user"] == {"id": 12, "id_str": "12"}


def test_entities_may_be_left_out():
    (status,) = statuses(tweet(), wish=Wish(entities=False))

    assert "entities" not in status


def test_what_is_hardly_known_is_a_status_all_the_same():
    (status,) = statuses({"id": "20"}, users=[])

    assert (status["text"], status["user"]["id_str"]) == ("", "")
    assert status["created_at"].endswith("2010")


@pytest.mark.skipif(not RECORDED.exists(), reason="The recordings are not beside this repository.")
def test_every_member_that_x_gave_is_there():
    recorded = json.loads(json.loads(RECORDED.read_text())["interactions"][0]["response"]["body"]["string"])
    (status,) = statuses(tweet())

    for each in recorded:
        assert each.keys() - status.keys() <= LEFT_OUT
        assert each["user"].keys() - status["user"].keys() <= {"profile_banner_url"}
        assert each["entities"].keys() - status["entities"].keys() <= {"media"}
