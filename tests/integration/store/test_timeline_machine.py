"""
Whatever happens between X, fetchers and Redis, no tweet is lost that no gap shows, and none deleted returns.

Fetchers poll under leases that run out; they die, are late, commit a page twice, or find what they read
deleted meanwhile. Retention trims, checks remove. What is held is read back after every step.
"""

import asyncio
from dataclasses import dataclass

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from services.fetcher.progress import Progress, add, start
from shared.domain.account import AccountId
from shared.domain.budget import Window
from shared.domain.deletion import Removal, Told, judge, questions, without
from shared.domain.lease import Lease
from shared.domain.mode import Mode
from shared.domain.timeline import DEPTH_MS, Page, newest_fillable, want_newest
from shared.domain.tweet import TweetId, first_id_at, written_at_ms
from shared.store.accounts import Accounts
from shared.store.connection import connect
from shared.store.polls import Begun, Ended, Polls, Retention, Step
from shared.store.removals import Removals
from shared.store.schedule import Schedule
from tests.made_up_x import BEGAN_MS, DAY_MS, LATEST_MS, SECOND_MS, SIZES, Happenings

ADA, BOB = AccountId(12), AccountId(34)
LEASE_MS = 60_000
DORMANT_MS = 7 * DAY_MS


@dataclass
class Fetcher:
    """A poll under way, and the page that it has read but not committed."""

    progress: Progress
    page: Page | None = None
    asked_at_ms: int = 0


class Stored(Happenings):
    """X, and one account in a store."""

    url = ""

    def __init__(self):
        super().__init__()
        self.runner = asyncio.Runner()
        self.redis = connect(self.url)
        self.run(self.redis.flushdb())
        self.accounts, self.schedule = Accounts(self.redis), Schedule(self.redis)
        self.fetchers: list[Fetcher] = []
        self.not_to_return: set[TweetId] = set()
        self.is_kept_for(1_000, 30)
        self.backfill_tweets = 10_000
        self.run(self.accounts.register(ADA, ("ada", "Ada"), b"sealed", now_ms=BEGAN_MS))
        self.settle(self.begin().lease)

    def run(self, coroutine):
        return self.runner.run(coroutine)

    def is_kept_for(self, tweets, days):
        self.polls = Polls(self.redis, Retention(age_ms=days * DAY_MS, tweets=tweets))
        self.removals = Removals(self.redis, age_ms=days * DAY_MS)

    @initialize(
        tweets=st.sampled_from([6, 1_000]),
        days=st.sampled_from([2, 30]),
        backfill_tweets=st.sampled_from([4, 10_000]),
    )
    def so_much_is_kept(self, tweets, days, backfill_tweets):
        self.is_kept_for(tweets, days)
        self.backfill_tweets = backfill_tweets

    @rule(overlap_ms=st.sampled_from([LATEST_MS, 60 * SECOND_MS]))
    def a_fetcher_begins(self, overlap_ms=LATEST_MS):
        """Begin a poll, if none is under way whose lease lasts."""
        begun = self.begin()
        if begun is not None:
            reach = begun.learned.reach.under(Mode.ARCHIVE)
            self.fetchers.append(
                Fetcher(start(begun, Mode.ARCHIVE, reach, overlap_ms=overlap_ms, now_ms=self.x.now_ms))
            )

    @precondition(lambda self: self.fetchers)
    @rule(which=st.integers(0, 9), size=SIZES, falters=st.booleans())
    def x_answers(self, which, size, *, falters=False):
        """Read a page, which is not committed yet; a fetcher whose page waits asks for it once more."""
        fetcher = self.fetchers[which % len(self.fetchers)]
        fetcher.page = self.x.answer(fetcher.progress.want, size=size, falters=falters)
        fetcher.asked_at_ms = self.x.now_ms
        self.x.now_ms += 1

    @precondition(lambda self: any(each.page is not None for each in self.fetchers))
    @rule(which=st.integers(0, 9), goes_on=st.booleans(), twice=st.booleans())
    def a_page_is_committed(self, which, *, goes_on, twice=False):
        """Commit a page that was read, by now perhaps late."""
        reading = [each for each in self.fetchers if each.page is not None]
        fetcher = reading[which % len(reading)]
        gone = self.run(self.removals.gone_of(fetcher.page.ids))
        want, page, fetcher.page = fetcher.progress.want, without(fetcher.page, gone), None
        progress = add(fetcher.progress, want, page, fetcher.asked_at_ms, self.backfill_tweets)
        lasts = goes_on and progress.want is not None
        learned = progress.learned(self.x.now_ms, DORMANT_MS)
        step = Step(page, progress.held, self.window(), LEASE_MS if lasts else None, learned)
        before = self.held(), self.kept()
        committed = [self.commit(progress, step) for _ in range(1 + twice)]
        if progress.begun.lease != self.newest_lease:
            assert not any(committed)
            assert (self.held(), self.kept()) == before
        if committed[0]:
            fetcher.progress = progress.committed(self.x.now_ms, DORMANT_MS)
        else:
            self.fetchers.remove(fetcher)

    @rule(sizes=st.lists(SIZES, min_size=1, max_size=4))
    def a_whole_poll_is_made(self, sizes):
        """Poll so many pages without a break, and settle."""
        before = len(self.fetchers)
        self.a_fetcher_begins()
        for pages_left, size in reversed(list(enumerate(sizes))):
            if len(self.fetchers) > before:
                self.x_answers(-1, size)
                self.a_page_is_committed(-1, goes_on=pages_left > 0)

    @precondition(lambda self: self.fetchers)
    @rule()
    def a_lease_runs_out(self):
        """Let the newest fetcher be so slow that another takes over."""
        self.x.now_ms += LEASE_MS
        self.a_fetcher_begins()

    @precondition(lambda self: self.fetchers)
    @rule(which=st.integers(0, 9), settles=st.booleans())
    def a_fetcher_breaks_off(self, which, settles):
        """Die, or settle a poll whose last request brought nothing."""
        fetcher = self.fetchers.pop(which % len(self.fetchers))
        if settles:
            self.settle(fetcher.progress.begun.lease)

    @rule(ends=st.booleans())
    def a_check_is_made(self, ends):
        """Ask X about all that is held, and remove what is deleted; whoever polls meanwhile is late."""
        begun = self.begin()
        if begun is None:
            return
        held = self.run(self.removals.held(ADA))
        asked = questions(held, held)
        removal = judge((each, self.told_of(each.ids())) for each in asked)
        removed = self.run(self.removals.remove(begun.lease, removal, now_ms=self.x.now_ms, ended=ends))
        assert removed == len(removal.gone)
        assert not self.x.deleted & set(self.kept())
        self.not_to_return |= set(removal.gone)
        self.settle(begun.lease)

    @precondition(lambda self: self.x.deleted)
    @rule(chance=st.randoms(use_true_random=False))
    def somebody_elses_check_finds_it_deleted(self, chance):
        """Bury a tweet that another timeline held; out of this one it goes in its own check."""
        self.bury(chance.choice(sorted(self.x.deleted)))

    @rule(which=st.integers(0, 2))
    def what_a_page_brings_is_deleted_before_it_is_committed(self, which):
        self.a_fetcher_begins()
        if self.fetchers:
            self.x_answers(-1, 3)
            for tweet_id in self.fetchers[-1].page.ids[which : which + 1]:
                self.x.delete(tweet_id)
                self.bury(tweet_id)
            self.a_page_is_committed(-1, goes_on=False)

    def bury(self, tweet_id):
        self.run(self.removals.remove(Lease(BOB, 1), Removal(gone=(tweet_id,)), now_ms=self.x.now_ms))
        if tweet_id not in self.kept():
            self.not_to_return.add(tweet_id)

    @invariant()
    def nothing_is_lost_that_no_gap_shows(self):
        held, kept = self.held(), set(self.kept())
        next_asked = want_newest(held, LATEST_MS).since
        for each in self.x.shows_at_ms:
            known = each <= held.floor or each in kept or is_in_a_gap(held, each)
            assert known or self.x.shows_at_ms[each] > held.as_of_ms, each
            assert known or each > next_asked, each

    @invariant()
    def an_edit_shows_once(self):
        assert not self.x.shown_twice(set(self.kept()))

    @invariant()
    def nothing_is_given_up_that_x_may_still_serve(self):
        deepest = first_id_at(self.x.now_ms - DEPTH_MS)
        assert all(gap.newer <= deepest for gap in self.held().gaps if gap.unfillable)

    @invariant()
    def what_is_known_to_be_deleted_does_not_return(self):
        assert not self.not_to_return & set(self.kept())

    def begin(self) -> Begun | None:
        self.run(self.schedule.hasten(ADA, now_ms=self.x.now_ms, wanted="0"))
        leases = self.run(self.schedule.claim(now_ms=self.x.now_ms, lease_ms=LEASE_MS, per_shard=1))
        if not leases:
            return None
        begun = self.run(self.polls.begin(leases[0], now_ms=self.x.now_ms, lease_ms=LEASE_MS))
        assert isinstance(begun, Begun)
        self.newest_lease = begun.lease
        return begun

    def commit(self, progress, step) -> bool:
        commit = self.polls.commit(
            progress.begun.lease, step, due_at_ms=self.x.now_ms + LEASE_MS, now_ms=self.x.now_ms
        )
        return self.run(commit).goes_on

    def settle(self, lease):
        ended = Ended("unavailable", 1, self.window())
        self.run(self.polls.settle(lease, ended, due_at_ms=self.x.now_ms + LEASE_MS))

    def window(self) -> Window:
        return Window(limit=100_000, left=90_000, resets_at_ms=self.x.now_ms + 1_000 * DAY_MS)

    def told_of(self, ids) -> Told:
        """Say of tweets what X says; of older versions it says nothing."""
        return Told(there=frozenset(ids) & set(self.x.shown()), gone=frozenset(ids) & self.x.deleted)

    def held(self):
        return self.run(self.accounts.find(ADA)).held

    def kept(self):
        return self.run(self.removals.held(ADA))

    def teardown(self):
        """Poll until nothing is left to ask for: then no gap is left either, but what lies too deep."""
        try:
            self.poll_to_the_end()
        finally:
            self.run(self.redis.aclose())
            self.runner.close()

    def poll_to_the_end(self):
        self.fetchers = []
        self.x.now_ms += 20 * LEASE_MS  # by then leases have run out
        self.a_fetcher_begins()
        assert self.fetchers
        requests = 100
        while self.fetchers and requests:
            self.x_answers(0, 3)
            self.a_page_is_committed(0, goes_on=True)
            requests -= 1
        assert not self.fetchers
        held = self.held()
        assert newest_fillable(held) is None
        self.nothing_is_lost_that_no_gap_shows()
        self.what_is_known_to_be_deleted_does_not_return()
        young = [each for each in self.x.shown() if written_at_ms(each) > self.x.now_ms - DEPTH_MS]
        assert {each for each in young if each > held.floor} <= set(self.kept())


def is_in_a_gap(held, tweet_id) -> bool:
    return any(gap.older < tweet_id < gap.newer for gap in held.gaps)


def test_nothing_is_lost_and_nothing_deleted_returns_whatever_happens(redis_db):
    run_state_machine_as_test(
        type("Timeline", (Stored,), {"url": redis_db}),
        settings=settings(
            max_examples=60,
            stateful_step_count=30,
            deadline=None,
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
