"""What polls and reads tell of an account, and how long it is remembered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.interest import Interest, after_poll, after_read, read, read_rate, write

MINUTE_MS = 60 * 1000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
NOW_MS = 20_000 * DAY_MS
NEW = Interest(registered_at_ms=NOW_MS)


def opened_daily(days: int, at_hour: int = 8) -> Interest:
    interest = Interest(registered_at_ms=NOW_MS - days * DAY_MS)
    for day in range(days, 0, -1):
        interest = after_read(interest, NOW_MS - day * DAY_MS + at_hour * HOUR_MS)
    return interest


def test_the_first_poll_tells_no_tweet_rate():
    polled = after_poll(NEW, 800, NOW_MS)

    assert polled.tweet_rate == NEW.tweet_rate
    assert polled.last_polled_at_ms == NOW_MS


def test_the_tweet_rate_follows_what_polls_count():
    interest = after_poll(NEW, 0, NOW_MS)

    for minute in range(1, 6 * 60):
        interest = after_poll(interest, 3, NOW_MS + minute * MINUTE_MS)

    assert interest.tweet_rate == pytest.approx(3 / 60, rel=0.05)


def test_one_long_wait_teaches_as_much_as_many_short_ones():
    short = long = after_poll(NEW, 0, NOW_MS)

    for minute in range(1, 61):
        short = after_poll(short, 2, NOW_MS + minute * MINUTE_MS)
    long = after_poll(long, 120, NOW_MS + HOUR_MS)

    assert long.tweet_rate == pytest.approx(short.tweet_rate)


def test_reads_in_quick_succession_are_one_opening():
    interest = NEW
    for minute in range(0, 100, 20):
        interest = after_read(interest, NOW_MS + minute * MINUTE_MS)

    assert interest.opens == 1
    assert sum(interest.hours) == 1
    assert interest.last_read_at_ms == NOW_MS + 80 * MINUTE_MS
    assert interest.opened_at_ms == NOW_MS


def test_half_an_hour_of_silence_makes_a_read_an_opening():
    interest = after_read(after_read(NEW, NOW_MS), NOW_MS + 31 * MINUTE_MS)

    assert interest.opens == pytest.approx(2, rel=0.01)


def test_a_new_account_is_taken_to_open_once_a_day():
    assert read_rate(NEW, NOW_MS) * DAY_MS / 1000 == pytest.approx(1)


def test_who_never_reads_is_expected_less_and_less():
    assert read_rate(NEW, NOW_MS + 14 * DAY_MS) < read_rate(NEW, NOW_MS + DAY_MS) / 5


def test_the_hour_of_habit_is_expected_before_the_others():
    interest = opened_daily(14)

    at_eight, at_noon = (read_rate(interest, NOW_MS + hour * HOUR_MS) for hour in (8.5, 12.5))

    assert at_eight > 10 * at_noon


def test_over_a_day_as_many_openings_are_expected_as_there_were():
    interest = opened_daily(28)

    rates = [read_rate(interest, NOW_MS + minute * MINUTE_MS) for minute in range(24 * 60)]

    assert sum(rates) * 60 == pytest.approx(1, rel=0.1)


def test_an_old_habit_gives_way_to_a_new_one():
    interest = opened_daily(60, at_hour=8)
    for day in range(60):
        interest = after_read(interest, NOW_MS + day * DAY_MS + 20 * HOUR_MS)

    assert interest.hours[20] > 5 * interest.hours[8]


def test_a_late_message_moves_no_instant_back():
    interest = after_read(after_poll(NEW, 0, NOW_MS), NOW_MS)

    assert after_poll(interest, 0, NOW_MS - 5).last_polled_at_ms == NOW_MS
    assert after_read(interest, NOW_MS - 5).last_read_at_ms == NOW_MS


@given(st.lists(st.tuples(st.integers(0, 40 * HOUR_MS), st.integers(0, 800), st.booleans()), max_size=40))
def test_what_is_written_is_read_as_it_was(happened: list[tuple[int, int, bool]]):
    interest, at_ms = NEW, NOW_MS
    for later_ms, tweets, is_read in happened:
        at_ms += later_ms
        interest = after_read(interest, at_ms) if is_read else after_poll(interest, tweets, at_ms)

    known = read(write(interest))

    assert write(known) == write(interest)
    assert read_rate(known, at_ms) == pytest.approx(read_rate(interest, at_ms), rel=0.02)
    assert known.tweet_rate == pytest.approx(interest.tweet_rate, rel=1e-4)
    assert len(write(interest)) < 230


def test_a_text_that_is_none_is_refused():
    with pytest.raises(ValueError, match="unpack"):
        read("{}")
