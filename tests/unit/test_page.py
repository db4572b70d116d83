"""Pages walked by their tokens: every tweet once, every gap where it lies, whatever the page's size."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.faults import Fault
from services.api.page import describe_gap, gaps_in, whole, write_meta, write_page
from services.api.parameters import read_range
from shared.domain.account import Account, AccountId, Standing
from shared.domain.freshness import Polling
from shared.domain.mode import Reach
from shared.domain.timeline import Gap, Held
from shared.domain.tweet import MAX_ID, Body, TweetId
from shared.store.accounts import Kept
from shared.store.bodies import Shown
from shared.store.timelines import Slice

IDS = st.sets(st.integers(1, 60), min_size=1, max_size=30).map(
    lambda ids: sorted(map(TweetId, ids), reverse=True)
)
SIZES = st.integers(1, 12)
ENDS = st.tuples(st.integers(0, 60), st.integers(0, 60)).filter(lambda ends: ends[0] < ends[1])


def answer(ids, gaps=(), **params):
    """Answer as `GET /v1/timeline` does, from these ids."""
    wanted = read_range({name: str(value) for name, value in params.items()}, most=800, usual=50)
    low, high = wanted.since or 0, wanted.until or MAX_ID
    within = [each for each in ids if low < each < high]
    part = within[-wanted.limit :] if wanted.oldest_first else within[: wanted.limit]
    held = Held(newest=ids[0], floor=TweetId(0), gaps=tuple(gaps), as_of_ms=1, tweets=len(ids))
    account = Account(AccountId(1), "ada", "Ada", Standing.ACTIVE, 0)
    kept = Kept(account=account, held=held, polling=Polling("page"), failures=0, window=None)
    cut = Slice(kept, tuple(part), more=len(within) > wanted.limit)
    shown = Shown(tweets=[Body(f"tweet:{each}", b'{"id":"%d"}' % each) for each in part])
    told = [describe_gap(gap, Reach()) for gap in gaps_in(wanted, cut)]
    return msgspec.json.decode(write_page(whole(shown), write_meta(wanted, cut, len(part)), told))


def walk(token, page, ask):
    """Follow one kind of token from a page to the end."""
    while token in page["meta"]:
        page = ask(pagination_token=page["meta"][token])
        yield page


def ids_of(page):
    return [int(each["id"]) for each in page.get("data", ())]


@given(IDS, SIZES)
def test_walking_down_and_up_again_shows_each_tweet_once_in_order(ids, size):
    def ask(**params):
        return answer(ids, max_results=size, **params)

    first = ask()
    down = [first, *walk("next_token", first, ask)]
    up = [down[-1], *walk("previous_token", down[-1], ask)]

    assert [each for page in down for each in ids_of(page)] == ids
    assert [each for page in reversed(up) for each in ids_of(page)] == ids


@given(IDS, SIZES, ENDS)
def test_walking_a_range_never_leaves_it(ids, size, ends):
    since, until = ends

    def ask(**params):
        return answer(ids, max_results=size, since_id=since, until_id=until, **params)

    first = ask()
    shown = [each for page in [first, *walk("next_token", first, ask)] for each in ids_of(page)]

    assert shown == [each for each in ids if since < each < until]


@given(IDS, SIZES, st.data())
def test_walking_down_tells_every_gap_and_each_page_only_its_own(ids, size, data):
    edges = sorted({0, *ids, int(MAX_ID) + 1})
    places = data.draw(st.sets(st.integers(0, len(edges) - 2)))
    gaps = [Gap(TweetId(edges[n]), TweetId(edges[n + 1])) for n in sorted(places, reverse=True)]
    gaps = [gap for gap in gaps if gap.newer - gap.older > 1]

    def ask(**params):
        return answer(ids, gaps, max_results=size, **params)

    first = ask()
    pages = [first, *walk("next_token", first, ask)]

    told = {(int(gap["older_id"]), int(gap["newer_id"])) for page in pages for gap in page["gaps"]}
    assert told == {(gap.older, min(gap.newer, MAX_ID)) for gap in gaps}
    for page, above in zip(pages, [None, *pages], strict=False):
        newest = min(ids_of(above)) if above else MAX_ID
        lowest = min(ids_of(page)) if "next_token" in page["meta"] else 0
        assert all(int(gap["newer_id"]) > lowest and int(gap["older_id"]) < newest for gap in page["gaps"])


def test_a_page_that_is_empty_says_so_and_leads_nowhere():
    assert answer([TweetId(5)], until_id=3) == {"meta": {"result_count": 0}, "gaps": []}


@given(st.text(max_size=40).filter(lambda token: token[:1] != "b"))
def test_a_token_that_was_not_given_out_is_refused_by_name(token):
    with pytest.raises(Fault) as refused:
        read_range({"pagination_token": token}, most=800, usual=50)

    assert (refused.value.status, refused.value.parameter) == (400, "pagination_token")


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-11-23T08:00:00+02:00"])
def test_any_instant_with_a_zone_is_a_place_in_the_timeline(at):
    wanted = read_range({"end_time": at}, most=100, usual=100)

    assert wanted.until is not None
    assert 0 <= wanted.until <= MAX_ID
