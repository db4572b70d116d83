"""A page is joined from bodies as they are, and tells where tweets may be missing."""

import json

import pytest

from services.api.page import describe_gap, gaps_in, whole, write_meta, write_page
from services.api.parameters import read_range
from shared.domain.account import Account, AccountId, Standing
from shared.domain.freshness import Polling
from shared.domain.mode import Reach
from shared.domain.timeline import Gap, Held
from shared.domain.tweet import MAX_ID, Body, TweetId
from shared.store.accounts import Kept
from shared.store.bodies import Shown
from shared.store.timelines import Range, Slice

ACCOUNT = Account(AccountId(1), "ada", "Ada", Standing.ACTIVE, 0)
EVERYTHING = Range(None, None, 10)


def _page(wanted, ids, *, gaps=(), missing=(), ascending=False, **part):
    newest_first = tuple(map(TweetId, ids))
    held = Held(newest=TweetId(100), gaps=tuple(Gap(TweetId(a), TweetId(b)) for a, b in gaps))
    shown = Shown(
        [Body(f"tweet:{each}", b'{"id":"%d"}' % each) for each in newest_first if each not in missing],
        {},
        [TweetId(each) for each in missing],
    )
    part = Slice(Kept(ACCOUNT, held, Polling("page"), 0, None), newest_first, part.pop("more", False), **part)
    meta = write_meta(wanted, part, len(shown.tweets), ascending=ascending)
    touched = [describe_gap(gap, Reach()) for gap in gaps_in(wanted, part, ascending=ascending)]
    return json.loads(write_page(whole(shown), meta, touched))


def _range_of(token):
    return read_range({"pagination_token": token}, most=100, usual=10)


def test_the_newest_page_leads_only_down():
    meta = _page(EVERYTHING, [100, 90], more=True)["meta"]

    assert _range_of(meta["next_token"]) == Range(None, 90, 10)
    assert "previous_token" not in meta


def test_a_page_below_the_newest_leads_up():
    meta = _page(Range(None, TweetId(95), 10), [90, 80])["meta"]

    assert _range_of(meta["previous_token"]) == Range(90, None, 10, oldest_first=True)
    assert "next_token" not in meta


def test_a_page_read_upwards_leads_down_again():
    meta = _page(Range(TweetId(80), None, 10, oldest_first=True), [100, 90])["meta"]

    assert _range_of(meta["next_token"]) == Range(None, 90, 10)
    assert "previous_token" not in meta


def test_a_page_that_begins_with_the_oldest_goes_on_to_what_is_newer():
    first = _page(Range(None, None, 2, oldest_first=True), [90, 80], more=True, ascending=True)["meta"]
    second = _page(Range(TweetId(90), None, 2, oldest_first=True), [100], ascending=True)["meta"]

    assert _range_of(first["next_token"]) == Range(90, None, 10, oldest_first=True)
    assert "previous_token" not in first
    assert _range_of(second["previous_token"]) == Range(None, 100, 10)
    assert "next_token" not in second


def test_a_page_for_which_looking_was_given_up_goes_on_where_it_was():
    meta = _page(EVERYTHING, [], more=True, edge=TweetId(40))["meta"]

    assert _range_of(meta["next_token"]) == Range(None, 40, 10)


def test_ids_whose_bodies_are_gone_still_bound_the_page():
    page = _page(EVERYTHING, [100, 90, 80], missing=[100, 80])

    assert (page["meta"]["newest_id"], page["meta"]["oldest_id"]) == ("100", "80")
    assert page["meta"]["result_count"] == len(page["data"]) == 1
    assert [error["resource_id"] for error in page["errors"]] == ["100", "80"]


@pytest.mark.parametrize(
    ("wanted", "ids", "more", "told"),
    [
        (EVERYTHING, [100, 90, 40, 30], False, [(40, 90), (0, 20)]),
        (EVERYTHING, [100, 90], True, []),
        (Range(None, TweetId(90), 10), [40], True, [(40, 90)]),
        (Range(TweetId(50), TweetId(60), 10), [], False, [(40, 90)]),
        (Range(TweetId(20), None, 10), [100, 90, 40, 30], False, [(40, 90)]),
        (Range(TweetId(30), None, 1, oldest_first=True), [40], True, []),
        (Range(None, TweetId(20), 10), [], False, [(0, 20)]),
    ],
)
def test_the_gaps_that_lie_in_what_a_page_covers_are_told(wanted, ids, more, told):
    page = _page(wanted, ids, more=more, gaps=[(40, 90), (0, 20)])

    assert [(int(gap["older_id"]), int(gap["newer_id"])) for gap in page["gaps"]] == told


def test_a_gap_above_where_one_reads_on_from_is_told_before_what_follows_it():
    upwards = Range(TweetId(40), None, 1, oldest_first=True)

    page = _page(upwards, [90], more=True, gaps=[(40, 90)], ascending=True)

    assert [gap["newer_id"] for gap in page["gaps"]] == ["90"]


def test_every_id_of_a_gap_is_an_id():
    (gap,) = _page(EVERYTHING, [], gaps=[(0, MAX_ID + 1)])["gaps"]

    assert gap == {"older_id": "0", "newer_id": str(MAX_ID), "reason": "filling"}
