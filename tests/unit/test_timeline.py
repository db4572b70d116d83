"""
What is held, whatever X's pages look like and wherever a poll is cut off.

A model of X hands out pages: short ones, empty ones, late tweets; polls are cut after
any page and begin again from what was committed. Whatever happens, what X showed is
held or lies in a gap.
"""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.timeline import (
    DEPTH_MS,
    MAX_GAPS,
    UNREAD,
    Gap,
    Held,
    Page,
    Want,
    clip,
    end_history,
    join,
    lose,
    newest_fillable,
    want_newest,
    want_next,
)
from shared.domain.tweet import MAX_ID, TweetId, first_id_at

NOW_MS = 1_800_000_000_000
OVERLAP_MS = 60_000
KEEP_ALL = 10**9

#: What happens to a timeline: tweets are written (so many milliseconds before they surface), time
#: passes, and a poll reads pages of these sizes until it is cut off.
writings = st.lists(st.tuples(st.integers(0, OVERLAP_MS - 1), st.integers(0, 4095)), max_size=6)
pages = st.lists(st.integers(0, 5), min_size=1, max_size=4)
rounds = st.lists(st.tuples(writings, st.integers(0, 120_000), pages), min_size=1, max_size=12)


def ids(*numbers):
    return tuple(TweetId(number) for number in numbers)


class Asked:
    """One timeline that is read from a model of X."""

    def __init__(self, backfill_tweets=KEEP_ALL):
        self.backfill_tweets = backfill_tweets
        self.shown: set[int] = set()
        self.read: set[int] = set()
        self.held = Held()

    def poll(self, now_ms, sizes):
        """Read pages of these sizes, as the fetcher does; each is committed, so each may be the last."""
        self.held = replace(self.held, tweets=len(self.read))  # as they are counted when a poll begins
        want = want_newest(self.held, OVERLAP_MS)
        for size in sizes:
            page = self.answer(want, size)
            held = end_history(join(self.held, want, page), self.backfill_tweets)
            self.held = replace(held, as_of_ms=now_ms) if want.until is None else held
            self.read |= set(page.ids)
            assert_in_order(self.held.gaps)
            assert self.lost() == []
            assert not self.held.floor or len(self.read) >= self.backfill_tweets
            want = want_next(self.held, want, page)
            if want is None:
                return

    def answer(self, want, size):
        """Cut a page: one may be short or empty although there is more."""
        fitting = [each for each in self.shown if want.since < each < (want.until or MAX_ID)]
        newest_first = sorted(fitting, reverse=True)
        more = len(newest_first) > size
        return Page(ids=ids(*newest_first[:size]), next_token="more" if more else None)

    def lost(self):
        """
        List what X showed and we neither read, nor know to be missing, nor shall ask for.

        Where history ends nothing is lost, but it ends below all that was read.
        """
        asked_again = want_newest(self.held, OVERLAP_MS).since
        bottom = min(self.read) if self.held.floor else 0
        return [
            each
            for each in self.shown - self.read
            if bottom < each <= asked_again
            and not any(gap.older < each < gap.newer for gap in self.held.gaps)
        ]


@given(rounds)
def test_what_x_showed_is_held_or_lies_in_a_gap_wherever_a_poll_is_cut_off(rounds):
    asked, now_ms = Asked(), NOW_MS
    for written, passed_ms, sizes in rounds:
        asked.shown |= {first_id_at(now_ms - late_ms) + low for late_ms, low in written}
        now_ms += passed_ms
        asked.poll(now_ms, sizes)

    asked.poll(now_ms, [5] * 100)

    assert asked.read == asked.shown
    assert asked.held.gaps == ()


@given(rounds, st.integers(1, 12))
def test_history_ends_nowhere_but_below_all_that_was_read_and_not_too_soon(rounds, backfill_tweets):
    asked, now_ms = Asked(backfill_tweets), NOW_MS
    for written, passed_ms, sizes in rounds:
        asked.shown |= {first_id_at(now_ms - late_ms) + low for late_ms, low in written}
        now_ms += passed_ms
        asked.poll(now_ms, sizes)


def assert_in_order(gaps):
    assert len(gaps) <= MAX_GAPS
    assert all(gap.newer - gap.older > 1 for gap in gaps)
    assert all(older.newer <= newer.older + 1 for newer, older in pairwise(gaps))


def test_nothing_has_been_read_of_a_new_timeline():
    assert Held().gaps == (UNREAD,)
    assert want_newest(Held(), OVERLAP_MS) == Want(since=TweetId(0))


def test_a_page_that_does_not_reach_what_is_held_opens_a_gap():
    held = Held(newest=TweetId(100), gaps=(), as_of_ms=NOW_MS)
    want = Want(since=TweetId(90))

    joined = join(held, want, Page(ids=ids(200, 190), next_token="more"))

    assert joined.gaps == (Gap(TweetId(90), TweetId(190)),)
    assert joined.newest == 200
    assert want_next(joined, want, Page(ids=ids(200, 190), next_token="more")) == Want(
        TweetId(90), TweetId(190), "more"
    )


def test_a_page_in_the_middle_of_a_gap_leaves_both_its_ends():
    held = Held(newest=TweetId(100), gaps=(Gap(TweetId(0), TweetId(50)),))

    joined = join(held, Want(TweetId(20), TweetId(40)), Page(ids=ids(30)))

    assert joined.gaps == (Gap(TweetId(39), TweetId(50)), Gap(TweetId(0), TweetId(21)))


def test_an_empty_page_that_goes_on_closes_nothing():
    held = Held(newest=TweetId(100), gaps=(Gap(TweetId(0), TweetId(50)),))

    assert join(held, Want(TweetId(0), TweetId(50)), Page(next_token="more")).gaps == held.gaps


def test_a_quiet_timeline_asks_for_nothing_twice():
    an_hour_ago = first_id_at(NOW_MS - 3_600_000)
    held = Held(newest=an_hour_ago, gaps=(), as_of_ms=NOW_MS)

    assert want_newest(held, OVERLAP_MS).since == an_hour_ago


def test_a_busy_timeline_asks_again_from_before_x_was_last_asked():
    held = Held(newest=first_id_at(NOW_MS), gaps=(), as_of_ms=NOW_MS)

    assert want_newest(held, OVERLAP_MS).since == first_id_at(NOW_MS - OVERLAP_MS) - 1


def test_gaps_below_the_floor_are_left_out():
    held = Held(
        newest=TweetId(100),
        floor=TweetId(30),
        gaps=(Gap(TweetId(20), TweetId(40)), Gap(TweetId(0), TweetId(9))),
    )

    assert clip(held).gaps == (Gap(TweetId(30), TweetId(40)),)


def test_more_gaps_than_are_told_apart_become_one_that_spans_the_oldest_above_the_bottom_gap():
    gaps = tuple(Gap(TweetId(n * 10), TweetId(n * 10 + 5)) for n in range(MAX_GAPS, 0, -1))
    held = Held(newest=TweetId(10_000), gaps=gaps)

    joined = join(held, Want(since=TweetId(9_000)), Page(ids=ids(20_000), next_token="more"))

    assert len(joined.gaps) == MAX_GAPS
    assert joined.gaps[-2:] == (Gap(TweetId(20), TweetId(35)), Gap(TweetId(10), TweetId(15)))


def test_what_lies_deeper_than_x_lets_anybody_read_stays_a_gap_that_nobody_can_fill():
    away_ms = NOW_MS - 20 * 24 * 3600 * 1000
    held = Held(newest=first_id_at(away_ms), gaps=(), as_of_ms=away_ms)
    want = want_newest(held, OVERLAP_MS)
    page = Page(ids=ids(first_id_at(NOW_MS - DEPTH_MS + 1000)))

    after = lose(join(held, want, page), want, page, now_ms=NOW_MS)

    assert after.gaps == (Gap(want.known, first_id_at(NOW_MS - DEPTH_MS), unfillable=True),)
    assert newest_fillable(after) is None
    assert want_next(after, want, page) is None


def test_an_old_gap_that_x_answers_with_nothing_cannot_be_filled():
    old = Gap(first_id_at(NOW_MS - 20 * 24 * 3600 * 1000), first_id_at(NOW_MS - 8 * 24 * 3600 * 1000))
    held = Held(newest=first_id_at(NOW_MS), floor=TweetId(1), gaps=(old,), as_of_ms=NOW_MS)
    want = want_next(held, Want(TweetId(0)), Page())

    after = lose(join(held, want, Page()), want, Page(), now_ms=NOW_MS)

    assert after.gaps == (Gap(old.older, old.newer, unfillable=True),)


def test_nothing_is_lost_to_the_depth_of_a_quiet_timeline_that_was_read_lately():
    held = Held(newest=first_id_at(NOW_MS - 20 * 24 * 3600 * 1000), gaps=(), as_of_ms=NOW_MS - 60_000)
    want = want_newest(held, OVERLAP_MS)

    assert lose(join(held, want, Page()), want, Page(), now_ms=NOW_MS).gaps == ()


def test_history_that_x_never_gave_is_no_gap():
    want = want_newest(Held(), OVERLAP_MS)
    page = Page(ids=ids(first_id_at(NOW_MS)))

    assert lose(join(Held(), want, page), want, page, now_ms=NOW_MS).gaps == ()
