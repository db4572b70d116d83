"""What is read of X's answers: nothing is lost, nothing is rewritten, both dialects are one."""

import gzip
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.tweet import MAX_ID
from shared.x.page import read_page

RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings"
PAGES = RECORDINGS / "v2" / "twarc-csv"
HOME = RECORDINGS / "v2" / "tweepy" / "test_client_get_home_timeline.yaml"
NAMED_BY = {"users": ("user", "id"), "tweets": ("tweet", "id"), "media": ("media", "media_key"),
            "polls": ("poll", "id"), "places": ("place", "id")}  # fmt: skip

recorded = pytest.mark.skipif(
    not RECORDINGS.exists(), reason="The recordings of real pages are not beside this repository."
)

EDIT = {
    "id": "30",
    "text": "RT @ada: …",
    "author_id": "7",
    "in_reply_to_user_id": "8",
    "edit_history_tweet_ids": ["28", "29", "30", "31"],
    "note_tweet": {"text": "long"},
    "attachments": {"media_keys": ["3_9"], "poll_ids": ["5"]},
    "geo": {"place_id": "p1"},
    "referenced_tweets": [{"type": "quoted", "id": "20"}, {"type": "replied_to", "id": "21"}],
    "public_metrics": {"retweet_count": 1, "like_count": 2},
}
ORIGINAL = {"id": "20", "text": "…", "author_id": "8", "edit_history_tweet_ids": ["20"]}
AUTHOR = {"id": "7", "username": "ada", "public_metrics": {"tweet_count": 3, "listed_count": 4}}
ANSWER = {
    "data": [EDIT],
    "includes": {
        "users": [AUTHOR],
        "tweets": [ORIGINAL],
        "media": [{"media_key": "3_9", "type": "photo"}],
        "polls": [{"id": "5"}],
        "places": [{"id": "p1"}],
    },
    "meta": {"result_count": 1, "next_token": "more"},
}
#: How the newer dialect names what the older has other names for.
NEWER = {
    "tweets": "posts",
    "referenced_tweets": "referenced_posts",
    "edit_history_tweet_ids": "edit_history_post_ids",
    "note_tweet": "note_post",
    "retweet_count": "repost_count",
    "tweet_count": "post_count",
}


def compact(answer):
    return json.dumps(answer, separators=(",", ":"), ensure_ascii=False).encode()


def in_newer_dialect(answer):
    def rename(pairs):
        return {NEWER.get(name, name): value for name, value in pairs}

    return json.loads(json.dumps(answer), object_pairs_hook=rename)


def page_of(*tweets):
    return read_page(compact({"data": list(tweets), "meta": {}}))


def test_everything_on_a_page_is_kept_as_x_wrote_it():
    page = read_page(compact(ANSWER))

    assert {body.key: json.loads(body.raw) for body in page.bodies} == {
        "tweet:30": EDIT,
        "tweet:20": ORIGINAL,
        "user:7": AUTHOR,
        "media:3_9": {"media_key": "3_9", "type": "photo"},
        "poll:5": {"id": "5"},
        "place:p1": {"id": "p1"},
    }
    assert (page.ids, page.next_token) == ((30,), "more")


def test_a_body_is_kept_byte_for_byte():
    raw = b'{ "data":[ {"id":"1" ,  "text":"\\u00e9 \xc3\xa9"}],"meta":{}}'

    assert read_page(raw).bodies[0].raw == b'{"id":"1" ,  "text":"\\u00e9 \xc3\xa9"}'


def test_a_tweet_names_all_that_is_shown_with_it():
    body = next(each for each in read_page(compact(ANSWER)).bodies if each.key == "tweet:30")

    assert {"user:7", "tweet:20", "media:3_9", "poll:5", "place:p1"} <= set(body.refs)


def test_a_tweet_of_which_x_did_not_show_all_it_refers_to_is_noted():
    page = read_page(compact(ANSWER))

    assert page.withheld == (30,)  # 21 did not come along
    assert page_of(EDIT | {"referenced_tweets": []}).withheld == ()


def test_both_dialects_are_read_alike():
    assert read_page(compact(in_newer_dialect(ANSWER))) == read_page(compact(ANSWER))


@pytest.mark.parametrize("thing", ["tweet", "user"])
def test_metrics_alone_tell_the_newer_dialect_too(thing):
    tweet = {"id": "1", "public_metrics": {"repost_count": 1}}
    user = {"id": "7", "public_metrics": {"post_count": 3}}
    page = read_page(compact({"data": [tweet], "includes": {"users": [user]}, "meta": {}}))
    bodies = {body.key.partition(":")[0]: json.loads(body.raw) for body in page.bodies}

    assert (
        bodies[thing]["public_metrics"] == {"tweet": {"retweet_count": 1}, "user": {"tweet_count": 3}}[thing]
    )


def test_words_of_the_newer_dialect_in_what_people_wrote_stay_as_they_are():
    tweet = {"id": "1", "text": '"repost_count"', "lang": "repost_count"}
    user = {"id": "7", "name": "post_count", "description": '{"post_count": 1}'}
    page = read_page(compact({"data": [tweet], "includes": {"users": [user]}, "meta": {}}))

    assert [json.loads(body.raw) for body in page.bodies] == [user, tweet]


def test_only_older_versions_are_replaced():
    assert read_page(compact(ANSWER)).replaced == (28, 29)


def test_ids_are_newest_first_however_x_sent_them():
    assert page_of({"id": "1"}, {"id": "3"}, {"id": "2"}).ids == (3, 2, 1)


def test_an_answer_without_tweets_is_an_empty_page():
    page = read_page(b'{"meta":{"result_count":0}}')

    assert (page.ids, page.bodies, page.next_token) == ((), (), None)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"[]", b"null", b"<html>", b'{"data":[]}', b'{"meta":{},"data":{}}', b'{"meta":{},"data":[1]}',
        b'{"meta":{},"data":[{}]}', b'{"meta":{},"data":[{"id":1}]}', b'{"meta":{},"data":[{"id":"-1"}]}',
        b'{"meta":{},"data":[{"id":"x"}]}', b'{"meta":{},"data":[{"id":""}]}',
        b'{"meta":{},"data":[{"id":"%d"}]}' % (MAX_ID + 1),
        b'{"meta":{},"data":[{"id":"%s"}]}' % (b"9" * 5000),
        b'{"meta":{},"data":[{"id":"1","edit_history_tweet_ids":["y"]}]}',
        b'{"meta":{},"data":[{"id":"\xff"}]}',
        '{"meta":{},"data":[{"id":"\u0663"}]}'.encode(),
        b'{"meta":{},"data":[{"id":"1","public_metrics":{"repost_count":1},"public_metrics":"repost_count"}]}',
    ],
)  # fmt: skip
def test_what_x_does_not_document_is_a_value_error(raw):
    with pytest.raises(ValueError, match=r"."):
        read_page(raw)


@given(st.binary() | st.integers(0, len(compact(ANSWER)) - 1).map(lambda end: compact(ANSWER)[:end]))
def test_no_broken_answer_is_anything_but_a_value_error(raw):
    with pytest.raises(ValueError, match=r"."):
        read_page(raw)


@recorded
def test_real_pages_are_read_whole():
    for page in recorded_pages():
        read = read_page(compact(page))
        things = {"tweets": [], **page.get("includes", {})}
        expected = {
            f"{kind}:{thing[named_by]}": thing
            for name, (kind, named_by) in NAMED_BY.items()
            for thing in things.get(name, []) + (page["data"] if name == "tweets" else [])
        }
        assert {body.key: json.loads(body.raw) for body in read.bodies} == expected
        assert sorted(read.ids) == sorted(int(tweet["id"]) for tweet in page["data"])
        refs = {ref for body in read.bodies for ref in body.refs}
        assert all(f"user:{tweet['author_id']}" in refs for tweet in page["data"] if "author_id" in tweet)


@recorded
def test_real_pages_are_the_same_in_both_dialects():
    for page in recorded_pages():
        assert read_page(compact(in_newer_dialect(page))) == read_page(compact(page))


def recorded_pages():
    """Read every recorded page."""
    (exchange,) = yaml.safe_load(HOME.read_text())["interactions"]
    pages = [json.loads(gzip.decompress(exchange["response"]["body"]["string"]))]
    for file in PAGES.glob("*.jsonl"):
        lines = file.read_text().split("\n")
        pages += [json.loads(line) for line in lines if line.startswith('{"data": [')]
    assert len(pages) > 5
    return [page | {"meta": page.get("meta", {})} for page in pages]
