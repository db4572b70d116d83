"""How far one poll has come, and for whom its next page is."""

from dataclasses import replace

from services.fetcher.progress import add, start
from shared.domain.account import AccountId
from shared.domain.interest import Interest
from shared.domain.lease import Lease
from shared.domain.mode import NEWEST, Mode, Reach
from shared.domain.timeline import Gap, Held, Page
from shared.domain.tweet import MAX_ID, TweetId, first_id_at
from shared.store.polls import Begun, Learned

NOW_MS = 1_800_000_000_000
MINUTE_MS = 60_000
KEEP_ALL = 10**9
EVERYTHING = Reach(TweetId(MAX_ID + 1))


def id_at(minutes_ago):
    return first_id_at(NOW_MS - minutes_ago * MINUTE_MS)


OLD = Gap(id_at(50), id_at(40))


def begun(*, wanted=None, as_of_minutes_ago=5, gaps=()):
    held = Held(id_at(10), id_at(60), gaps, NOW_MS - as_of_minutes_ago * MINUTE_MS, 20)
    learned = Learned(Interest(NOW_MS - 9 * 86_400_000, last_polled_at_ms=NOW_MS - 5 * MINUTE_MS))
    return Begun(Lease(AccountId(12), 7), b"", held, 0, learned, wanted=wanted)


def started(reach=Reach(), **state):  # noqa: B008 (it is frozen)
    return start(begun(**state), Mode.FRESH, reach, overlap_ms=MINUTE_MS, now_ms=NOW_MS)


def after(progress, *minutes_ago, more=False):
    page = Page(tuple(map(id_at, minutes_ago)), next_token="more" if more else None)
    return add(progress, progress.want, page, NOW_MS, KEEP_ALL)


def test_the_first_page_is_for_whoever_waits_and_the_rest_is_not():
    progress = started(wanted=NEWEST)
    assert progress.for_reader

    progress = after(progress, 1, 2, more=True)
    assert progress.want is not None
    assert not progress.for_reader


def test_a_poll_for_nobody_is_for_nobody():
    progress = started(gaps=(OLD,))
    assert not progress.for_reader
    assert not after(progress, 1).for_reader


def test_who_comes_to_a_gap_is_first_given_what_is_new_if_that_is_old_and_then_one_page_of_the_gap():
    progress = after(started(EVERYTHING, wanted=OLD.newer, gaps=(OLD,)), 1)
    assert progress.for_reader
    assert (progress.want.since, progress.want.until) == (OLD.older, OLD.newer)

    progress = after(progress, 41, 42, more=True)
    assert progress.want is None


def test_who_comes_to_a_gap_of_a_fresh_timeline_is_given_the_gap_at_once():
    progress = started(EVERYTHING, wanted=OLD.newer, as_of_minutes_ago=0, gaps=(OLD,))

    assert progress.want.until == OLD.newer
    assert progress.for_reader


def test_a_gap_that_was_filled_meanwhile_is_not_asked_for():
    progress = after(started(EVERYTHING, wanted=OLD.newer), 1)

    assert progress.want is None


def test_what_comes_in_one_poll_tells_how_fast_tweets_come():
    steady = after(started(), 1, 2, 3, 4)
    cut = after(started(), 1, 2, more=True)

    assert steady.interest.tweet_rate > started().begun.learned.interest.tweet_rate
    # Two tweets in two minutes, though the last poll was five minutes ago.
    assert cut.interest.tweet_rate > replace(steady.interest, tweet_rate=0).tweet_rate
    assert cut.interest.last_polled_at_ms == NOW_MS
