"""Events say what a commit changed, each in its place, whether it can still be shown or not."""

import json

import pytest

from services.api.stream.events import Place, events_of, read_place, write_state
from shared.domain.mode import Reach
from shared.domain.timeline import Gap
from shared.domain.tweet import Body, TweetId
from shared.store.arrivals import Arrival
from shared.store.bodies import Shown

ENTRY = "1795349000123-0"


def arrival(added=(), replaced=(), deleted=(), gaps=None):
    ids = [tuple(map(TweetId, each)) for each in (added, replaced, deleted)]
    return Arrival(ENTRY, *ids, gaps)


def tweet(number, *, history=(), refs=("user:12",)):
    raw = {"id": str(number), "edit_history_tweet_ids": [str(each) for each in history]}
    return Body(f"tweet:{number}", json.dumps(raw).encode(), tuple(refs))


def told(change, *bodies, reach=None, includes=None, withheld=()):
    events = events_of(change, reach, Shown(list(bodies), includes or {}), withheld)
    return [(each.name, each.place.index, json.loads(each.data)) for each in events]


def test_tweets_are_told_from_the_oldest_on():
    assert told(arrival([10, 20]), tweet(20), tweet(10)) == [
        ("tweet", 0, {"data": {"id": "10", "edit_history_tweet_ids": []}}),
        ("tweet", 1, {"data": {"id": "20", "edit_history_tweet_ids": []}}),
    ]


def test_what_cannot_be_shown_keeps_its_place():
    assert [(name, index) for name, index, _ in told(arrival([10, 20]), tweet(20))] == [("tweet", 1)]


def test_a_newer_version_is_an_edit_of_what_it_replaces():
    ((name, _, data),) = told(arrival([20], replaced=[10]), tweet(20, history=[10, 20]))

    assert (name, data["replaces"]) == ("edit", ["10"])


def test_what_is_replaced_by_nothing_that_is_shown_is_deleted():
    assert told(arrival([20], replaced=[10], deleted=[5])) == [
        ("delete", 1, {"id": "10"}),
        ("delete", 2, {"id": "5"}),
    ]


def test_gaps_are_told_last_and_only_where_what_becomes_of_them_is_known():
    change = arrival([10], gaps=(Gap(TweetId(3), TweetId(7)),))

    assert [name for name, _, _ in told(change)] == []
    assert told(change, reach=Reach()) == [
        ("gap", 1, {"gaps": [{"older_id": "3", "newer_id": "7", "reason": "filling"}]})
    ]


def test_a_tweet_brings_what_is_shown_with_it_and_nothing_else():
    quoted = Body("tweet:5", b'{"id":"5"}', ("user:13", "media:3_9", "tweet:1"))
    includes = {
        "user": [Body("user:12", b'{"id":"12"}'), Body("user:13", b'{"id":"13"}'), Body("user:99", b"{}")],
        "tweet": [quoted],
        "media": [Body("media:3_9", b'{"media_key":"3_9"}')],
    }
    quoting = tweet(10, refs=("user:12", "tweet:5"))

    ((_, _, data),) = told(arrival([10]), quoting, includes=includes)
    ((_, _, hidden),) = told(arrival([10]), quoting, includes=includes, withheld={10})

    assert data["includes"] == {
        "users": [{"id": "12"}, {"id": "13"}],
        "tweets": [{"id": "5"}],
        "media": [{"media_key": "3_9"}],
    }
    assert hidden["includes"] == {"users": [{"id": "12"}]}


def test_an_event_goes_over_the_wire_with_its_place():
    (event,) = events_of(arrival([10]), None, Shown([tweet(10)]), ())

    lines = event.written().decode().split("\n")
    assert lines[:2] == [f"id: {ENTRY}.0", "event: tweet"]
    assert lines[2].startswith('data: {"data":')
    assert lines[3:] == ["", ""]


def test_how_an_account_stands_has_no_place():
    assert write_state({"stale": None}) == b'event: state\ndata: {"stale":null}\n\n'


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"{ENTRY}.0", Place(ENTRY, 1)),
        (f"{ENTRY}.17", Place(ENTRY, 18)),
        (ENTRY, Place(ENTRY, 0)),
        ("", None),
        ("7", None),
        ("a-b.1", None),
        (f"{ENTRY}.x", None),
        (f"{ENTRY}.1234567", None),
        ("1-0\n.1", None),
        ("-.1", None),
        ("00-0.1", None),
        ("0-00.1", None),
    ],
)
def test_a_place_is_read_from_the_id_of_an_event(text, place):
    assert read_place(text) == place


def test_an_event_is_one_line_however_x_has_laid_out_a_tweet():
    body = Body("tweet:10", b'{\r\n  "id": "10",\n  "text": "a\\nb"\n}', ())

    (event,) = events_of(arrival([10]), None, Shown([body]), ())

    (line,) = (line for line in event.written().splitlines() if line.startswith(b"data: "))
    assert json.loads(line[6:]) == {"data": {"id": "10", "text": "a\nb"}}
