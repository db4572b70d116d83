"""
Whatever happens between X and us, nothing is lost that no gap shows.

A made-up X writes, shows late, edits, deletes and cuts its answers; polls read pages of it, break off
between any two, hear an answer twice, and fall far behind. After every step all that X had shown by the
time of the last answer is held or lies in a gap, and what it had not is asked for by the next poll.
In the end, when there are requests enough, no gap is left that X may still fill.
"""

from dataclasses import replace
from itertools import pairwise

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from shared.domain.timeline import (
    DEPTH_MS,
    MAX_GAPS,
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
from shared.domain.tweet import TweetId, first_id_at, written_at_ms
from tests.made_up_x import BEGAN_MS, DAY_MS, HOUR_MS, LATEST_MS, SECOND_MS, SIZES, Happenings, MadeUpX


class Timeline(Happenings):
    """X, and what is held of one timeline in a store; a poll under way has what it read in memory only."""

    def __init__(self):
        super().__init__()
        self.held, self.kept = Held(), set()
        self.want: Want | None = None
        self.last: tuple[Want, Page] | None = None
        self.backfill_tweets = 10_000

    @initialize(backfill_tweets=st.sampled_from([2, 6, 10_000]))
    def so_much_history_is_wished_for(self, backfill_tweets):
        self.backfill_tweets = backfill_tweets

    @precondition(lambda self: self.want is None)
    @rule(overlap_ms=st.sampled_from([LATEST_MS, 60 * SECOND_MS]))
    def a_poll_begins(self, overlap_ms):
        self.held = replace(self.held, tweets=len(self.kept))
        self.want = want_newest(self.held, overlap_ms)

    @precondition(lambda self: self.want is not None)
    @rule(size=SIZES, falters=st.booleans())
    def a_page_is_read(self, size, falters):
        page = self.x.answer(self.want, size=size, falters=falters)
        self.commit(self.want, page)
        self.last, self.want = (self.want, page), want_next(self.held, self.want, page)
        self.x.now_ms += 1

    @precondition(lambda self: self.want is None)
    @rule(sizes=st.lists(SIZES, min_size=1, max_size=6))
    def a_whole_poll_is_made(self, sizes):
        """Read so many pages without a break, as far as there are any."""
        self.a_poll_begins(LATEST_MS)
        for size in sizes:
            if self.want is not None:
                self.a_page_is_read(size, falters=False)
        self.a_poll_breaks_off()

    @precondition(lambda self: self.want is not None)
    @rule()
    def a_poll_breaks_off(self):
        """Forget what was not committed; nothing was that had not been."""
        self.want = self.last = None

    @precondition(lambda self: self.want is not None and self.last is not None)
    @rule()
    def an_answer_is_heard_twice(self):
        self.commit(*self.last, again=True)

    @precondition(lambda self: self.want is None)
    @rule(times=st.integers(2, MAX_GAPS + 3))
    def polls_fall_behind(self, times):
        """Poll again and again with one request each, which never reaches down to what is held."""
        for _ in range(times):
            for _ in range(3):
                self.x.write()
                self.x.now_ms += 20 * SECOND_MS
            self.a_poll_begins(LATEST_MS)
            self.a_page_is_read(1, falters=False)
            self.a_poll_breaks_off()

    @precondition(lambda self: self.want is None and self.kept)
    @rule(share=st.floats(0, 1))
    def retention_takes_the_oldest(self, share):
        """Raise the floor to what was trimmed, as a commit does; gaps are clipped when they are read."""
        gone = sorted(self.kept)[: int(share * len(self.kept))]
        self.kept -= set(gone)
        floor = max([self.held.floor, *gone])
        self.held = clip(replace(self.held, floor=floor))

    def commit(self, want, page, *, again=False):
        """Put a page in, as a fetcher does; an answer that is heard again says nothing of now."""
        self.kept = (self.kept | set(page.ids)) - set(page.replaced)
        joined = join(self.held, want, page)
        ended = end_history(joined, self.backfill_tweets)
        assert ended.floor == joined.floor or ended.floor < min(self.kept)
        self.held = lose(ended, want, page, now_ms=self.x.now_ms)
        if not again:
            assert not any(ended.floor < each <= self.held.floor for each in self.x.served())
            self.held = replace(self.held, as_of_ms=self.x.now_ms) if want.until is None else self.held

    @invariant()
    def nothing_is_lost_that_no_gap_shows(self):
        for each in self.x.shown(self.held.as_of_ms):
            assert each <= self.held.floor or each in self.kept or self.is_in_a_gap(each), each

    @invariant()
    def what_x_did_not_show_yet_is_asked_for_by_the_next_poll(self):
        next_asked = want_newest(self.held, LATEST_MS).since
        for each in self.x.shows_at_ms:
            known = each <= self.held.floor or each in self.kept or self.is_in_a_gap(each)
            assert known or each > next_asked, each

    @invariant()
    def an_edit_shows_once(self):
        assert not self.x.shown_twice(self.kept)

    @invariant()
    def nothing_is_given_up_that_x_may_still_serve(self):
        deepest = first_id_at(self.x.now_ms - DEPTH_MS)
        assert all(gap.newer <= deepest for gap in self.held.gaps if gap.unfillable)

    @invariant()
    def gaps_lie_apart_newest_first(self):
        gaps = self.held.gaps
        assert len(gaps) <= MAX_GAPS
        assert all(gap.older + 1 < gap.newer for gap in gaps)
        assert all(above.older + 1 >= below.newer for above, below in pairwise(gaps)), gaps

    def is_in_a_gap(self, tweet_id: TweetId) -> bool:
        return any(gap.older < tweet_id < gap.newer for gap in self.held.gaps)

    def teardown(self):
        """Poll until nothing is left to ask for: then no gap is left either, but what lies too deep."""
        self.x.now_ms += 60 * SECOND_MS
        self.want = None
        self.a_poll_begins(LATEST_MS)
        requests = 4 * (MAX_GAPS + len(self.x.shows_at_ms) + 4)
        while self.want is not None and requests:
            self.a_page_is_read(3, falters=requests % 5 == 0)
            requests -= 1
        assert self.want is None
        assert newest_fillable(self.held) is None
        self.nothing_is_lost_that_no_gap_shows()
        young = [each for each in self.x.shown() if written_at_ms(each) > self.x.now_ms - DEPTH_MS]
        assert {each for each in young if each > self.held.floor} <= self.kept


def test_nothing_is_lost_whatever_happens_between_x_and_us():
    run_state_machine_as_test(
        Timeline,
        settings=settings(
            max_examples=150,
            stateful_step_count=30,
            deadline=None,
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )


def test_nothing_is_claimed_of_what_lay_too_deep_when_history_was_read():
    x = MadeUpX()
    for _ in range(7):
        x.write()
        x.now_ms += DAY_MS
    x.now_ms += DAY_MS
    want = want_newest(Held(), LATEST_MS)
    page = x.answer(want, size=100)

    held = lose(join(Held(), want, page), want, page, now_ms=x.now_ms)

    assert (held.gaps, held.floor) == ((), page.ids[-1] - 1)
    assert x.shown()[-1] <= held.floor


def answered(held: Held, *ids: TweetId, want: Want, now_ms: int, token: str | None = None) -> Held:
    """Put in a page that X gave at that instant."""
    page = Page(ids=ids, next_token=token)
    held = lose(join(held, want, page), want, page, now_ms=now_ms)
    return replace(held, as_of_ms=now_ms) if want.until is None else held


def test_what_an_empty_page_left_open_is_not_taken_for_read():
    old, young = first_id_at(BEGAN_MS), first_id_at(BEGAN_MS + 9 * DAY_MS)
    held = Held(newest=old, floor=TweetId(1), gaps=(), as_of_ms=BEGAN_MS + HOUR_MS)
    now_ms = BEGAN_MS + 10 * DAY_MS

    held = answered(held, want=want_newest(held, LATEST_MS), now_ms=now_ms, token="more")
    held = answered(held, young, want=want_newest(held, LATEST_MS), now_ms=now_ms + SECOND_MS)

    deepest = first_id_at(now_ms + SECOND_MS - DEPTH_MS)
    assert held.gaps == (Gap(old, deepest, unfillable=True),)


def test_what_was_given_up_stays_so_though_it_is_asked_for_once_more():
    held = Held(newest=first_id_at(BEGAN_MS), gaps=(), floor=TweetId(1), as_of_ms=BEGAN_MS + HOUR_MS)
    now_ms = BEGAN_MS + 10 * DAY_MS

    held = answered(held, want=want_newest(held, LATEST_MS), now_ms=now_ms)
    given_up = held.gaps
    held = answered(held, want=want_newest(held, LATEST_MS), now_ms=now_ms + DAY_MS)

    assert [gap.unfillable for gap in given_up] == [True]
    assert held.gaps == given_up


def test_what_x_answered_in_full_is_not_given_up():
    now_ms = BEGAN_MS + 10 * DAY_MS
    newest, older = first_id_at(now_ms - SECOND_MS), first_id_at(now_ms - DAY_MS)
    held = Held(newest=first_id_at(BEGAN_MS), gaps=(), floor=TweetId(1), as_of_ms=BEGAN_MS)
    want = want_newest(held, LATEST_MS)

    held = answered(held, newest, want=want, now_ms=now_ms, token="more")
    held = answered(held, older, want=replace(want, until=newest, token="more"), now_ms=now_ms)

    assert held.gaps == (Gap(want.known, first_id_at(now_ms - DEPTH_MS), unfillable=True),)
