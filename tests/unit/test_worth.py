"""What a poll is worth, and when it is due."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.budget import Window
from shared.domain.interest import Interest, after_read, read_rate
from shared.domain.worth import Demand, demand, due_at_ms, pace_at_ms, reserve, worth

SECOND_MS = 1000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
NOW_MS = 20_000 * DAY_MS
POLLED = Interest(registered_at_ms=NOW_MS - 10 * DAY_MS, tweet_rate=0.03, last_polled_at_ms=NOW_MS)
READ = after_read(POLLED, NOW_MS)
PRICE = 1.0
WIDE = Window(180, 180, NOW_MS + 15 * MINUTE_MS)


def polled_for_s(interest: Interest, price: float, window: Window | None = WIDE) -> float:
    """Tell how long after the last poll the next one is."""
    now_ms = interest.last_polled_at_ms
    return (due_at_ms(interest, price, window, now_ms) - now_ms) / 1000


def worth_at(interest: Interest, age_s: float) -> float:
    """Say what a poll is worth at that age, by the habits of that moment."""
    at_ms = interest.last_polled_at_ms + int(age_s * 1000)
    return worth(demand(interest, interest.last_polled_at_ms), read_rate(interest, at_ms), age_s)


@given(st.floats(0, 1), st.floats(0, 0.01), st.floats(0, 1e6), st.floats(0, 20_000))
def test_a_poll_is_worth_more_the_faster_tweets_come_and_the_oftener_they_are_read(
    tweet_rate: float, read_rate: float, silence_s: float, age_s: float
):
    one = Demand(tweet_rate, silence_s)

    assert 0 <= worth(one, read_rate, age_s) <= worth(Demand(tweet_rate * 2, silence_s), read_rate, age_s)
    assert worth(one, read_rate, age_s) <= worth(one, read_rate * 2, age_s)


def test_what_was_just_polled_is_worth_nothing():
    assert worth(demand(READ, NOW_MS), 0.001, 0) == 0


@given(
    st.floats(0.0001, 0.05),
    st.lists(st.integers(0, 10 * 24 * 60), max_size=30),
    st.floats(0.01, 100),
    st.integers(0, 24 * 60),
)
def test_a_poll_is_due_at_the_first_moment_that_it_is_worth_its_price(
    tweet_rate: float, read_minutes: list[int], price: float, minute: int
):
    interest = replace(POLLED, tweet_rate=tweet_rate, last_polled_at_ms=NOW_MS + minute * MINUTE_MS)
    for ago in sorted(read_minutes, reverse=True):
        interest = after_read(interest, interest.last_polled_at_ms - ago * MINUTE_MS)
    oldest_s = min(6 * 3600, 400 / tweet_rate)

    after_s = polled_for_s(interest, price)

    assert 5 <= after_s <= oldest_s + 0.01
    assert worth_at(interest, after_s) >= price * 0.999 or after_s >= oldest_s
    tried_s = [5 * 1.01**step for step in range(1000) if 5 * 1.01**step < after_s / 1.09]
    assert all(worth_at(interest, each) < price * 1.001 for each in tried_s)


def test_who_opens_at_a_certain_hour_is_polled_sooner_towards_it_and_later_after_it():
    eight_ms = NOW_MS + 8 * HOUR_MS + HOUR_MS // 2
    habitual = Interest(NOW_MS - 30 * DAY_MS, tweet_rate=0.001)
    for day in range(20, 0, -1):
        habitual = after_read(habitual, eight_ms - day * DAY_MS)
    any_time = replace(habitual, hours=(sum(habitual.hours) / 24,) * 24)

    def polled_after_s(interest: Interest, at_ms: int) -> float:
        return polled_for_s(replace(interest, last_polled_at_ms=at_ms), 20 * PRICE)

    # Nothing is usual at half past six: it is the hours ahead that make a poll worth its price.
    towards_ms, after_ms = eight_ms - 2 * HOUR_MS, eight_ms + 2 * HOUR_MS
    assert polled_after_s(habitual, towards_ms) < polled_after_s(habitual, after_ms) * 0.9
    assert polled_after_s(any_time, towards_ms) == pytest.approx(polled_after_s(any_time, after_ms), rel=0.02)
    assert polled_after_s(any_time, after_ms) < polled_after_s(habitual, after_ms) * 0.9


def test_asked_later_it_says_the_same():
    due_ms = due_at_ms(POLLED, PRICE, WIDE, NOW_MS)

    assert due_at_ms(POLLED, PRICE, WIDE, NOW_MS + 10_000) == pytest.approx(
        due_ms, rel=0, abs=0.09 * (due_ms - NOW_MS)
    )
    assert due_at_ms(POLLED, PRICE, WIDE, due_ms + 1) == due_ms + 1


def test_who_reads_is_polled_sooner():
    assert polled_for_s(READ, PRICE) < polled_for_s(POLLED, PRICE) / 2


def test_a_higher_price_makes_all_wait():
    assert polled_for_s(POLLED, PRICE) < polled_for_s(POLLED, 4 * PRICE)


def test_never_polled_is_due_now():
    assert due_at_ms(replace(POLLED, last_polled_at_ms=0), PRICE, None, NOW_MS) == NOW_MS


@pytest.mark.parametrize(("tweet_rate", "longest_s"), [(0.0, 6 * 3600), (0.1, 4000), (1.0, 400), (1000.0, 5)])
def test_however_high_the_price_nothing_falls_out_of_reach(tweet_rate: float, longest_s: float):
    interest = replace(POLLED, tweet_rate=tweet_rate)

    assert polled_for_s(interest, 1e12) == pytest.approx(longest_s, abs=0.1)


@pytest.mark.parametrize(("window", "least_s"), [(WIDE, 5), (Window(15, 15, 0), 60), (None, 5)])
def test_however_low_the_price_the_window_is_not_spent_before_it_ends(window: Window | None, least_s: float):
    assert polled_for_s(READ, 0.0, window) == pytest.approx(least_s, abs=0.01)


def test_a_read_that_is_still_to_come_by_our_clock_is_one_of_now():
    ahead = replace(READ, last_read_at_ms=NOW_MS + DAY_MS)

    assert due_at_ms(ahead, PRICE, WIDE, NOW_MS) == due_at_ms(READ, PRICE, WIDE, NOW_MS)


def test_a_window_alone_is_spread_evenly_over_what_is_left_of_it():
    assert pace_at_ms(POLLED, Window(15, 14, NOW_MS + 15 * MINUTE_MS), NOW_MS) == NOW_MS + MINUTE_MS
    assert pace_at_ms(POLLED, Window(15, 0, NOW_MS + MINUTE_MS), NOW_MS) == NOW_MS + MINUTE_MS


@pytest.mark.parametrize("window", [None, Window(15, 0, NOW_MS)])
def test_without_a_window_nothing_is_waited_for(window: Window | None):
    assert pace_at_ms(POLLED, window, NOW_MS) == NOW_MS


def test_who_read_in_the_last_day_has_three_requests_kept():
    later_ms = NOW_MS + HOUR_MS
    window = Window(15, 15, later_ms + 13 * MINUTE_MS)

    assert pace_at_ms(READ, window, later_ms) == later_ms + MINUTE_MS
    assert reserve(READ, window, later_ms) == 3
    assert reserve(READ, Window(5, 5, 0), later_ms) == 1
    assert reserve(READ, window, NOW_MS + 2 * DAY_MS) == 0


def test_who_read_just_now_has_more_kept_but_no_more_than_a_third_of_the_window():
    assert reserve(READ, WIDE, NOW_MS) == 5
    assert reserve(READ, Window(9, 9, 0), NOW_MS) == 3
