"""What the end-to-end tests compare with must itself be able to say no."""

from shared.domain.tweet import first_id_at
from tests.e2e.truth import LATENESS_MS, Differences, Served, compare

NOW_MS = 1_700_000_000_000
#: One tweet a minute, the newest of them a minute old, newest first.
TRUTH = [first_id_at(NOW_MS - minute * 60_000) for minute in range(1, 11)]


def served(ids, *, gaps=(), as_of_ms=NOW_MS):
    return compare(Served(ids, gaps, as_of_ms), TRUTH, depth=10)


def test_a_timeline_that_is_the_truth_differs_in_nothing():
    assert not served(TRUTH)


def test_a_lost_tweet_is_missing():
    assert served(TRUTH[:3] + TRUTH[4:]) == Differences(missing=[TRUTH[3]])


def test_a_tweet_inside_a_gap_is_not_missing():
    assert not served(TRUTH[:3] + TRUTH[4:], gaps=[(TRUTH[4], TRUTH[2])])


def test_the_ends_of_a_gap_are_outside_it():
    assert served(TRUTH[:3] + TRUTH[4:], gaps=[(TRUTH[4], TRUTH[3])])


def test_a_tweet_newer_than_the_timeline_claims_to_know_is_not_missing():
    assert not served(TRUTH[1:], as_of_ms=NOW_MS - 60_000 + LATENESS_MS)
    assert served(TRUTH[1:], as_of_ms=NOW_MS - 60_000 + LATENESS_MS + 1) == Differences(missing=[TRUTH[0]])


def test_a_tweet_that_x_does_not_show_is_foreign():
    assert served([TRUTH[0], TRUTH[0] - 1, *TRUTH[1:]]) == Differences(foreign=[TRUTH[0] - 1])


def test_a_tweet_served_twice_or_out_of_order_is_disorder():
    assert served([TRUTH[0], *TRUTH]) == Differences(disorder=[TRUTH[0]])
    assert served([TRUTH[1], TRUTH[0], *TRUTH[2:]]) == Differences(disorder=[TRUTH[0]])


def test_a_timeline_that_ends_too_soon_is_shallow():
    assert served(TRUTH[:7]) == Differences(shallow=3)
    assert not served(TRUTH[:7], gaps=[(0, TRUTH[6])])
