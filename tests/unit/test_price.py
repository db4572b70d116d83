"""One price, and the bucket behind it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.price import Price, adjust, may_poll, may_read, start

MINUTE_MS = 60 * 1000
DAY_MS = 24 * 60 * MINUTE_MS
NOW_MS = 20_000 * DAY_MS
RATE = 2.0
BEGUN = start(RATE, [(1e-4, 0.02)] * 100, NOW_MS)


def spend(price: Price, minutes: int, each: int) -> Price:
    for minute in range(1, minutes + 1):
        price = adjust(price, each, BEGUN.adjusted_at_ms + minute * MINUTE_MS)
    return price


def test_more_accounts_make_the_first_price_higher_and_a_larger_budget_lower():
    assert start(RATE, [(1e-4, 0.02)] * 200, NOW_MS).value == pytest.approx(4 * BEGUN.value)
    assert start(2 * RATE, [(1e-4, 0.02)] * 100, NOW_MS).value == pytest.approx(BEGUN.value / 4)


def test_who_spends_what_the_budget_allows_keeps_the_price():
    assert spend(BEGUN, 600, each=120).value == pytest.approx(BEGUN.value)


def test_twice_the_spending_makes_the_price_four_times_as_high_in_an_hour():
    hour = spend(BEGUN, 120, each=240).value / spend(BEGUN, 60, each=240).value

    assert hour == pytest.approx(4, rel=0.35)


def test_half_the_spending_makes_the_price_fall():
    assert spend(BEGUN, 60, each=60).value < BEGUN.value / 2


def test_what_was_overspent_is_won_back():
    owing = spend(BEGUN, 60, each=240)
    paying = adjust(owing, 120, owing.adjusted_at_ms + MINUTE_MS)

    assert owing.debt == pytest.approx(60 * 120)
    assert paying.value > owing.value


def test_a_day_without_a_request_does_not_sink_the_price_for_good():
    woken = adjust(BEGUN, 0, NOW_MS + DAY_MS)

    assert woken.value > BEGUN.value / 10
    assert woken.tokens == 3 * 3600 * RATE


def test_a_day_s_debt_and_more_leaves_the_price_finite():
    assert 0 < spend(BEGUN, 60, each=100_000).value < 1e30


@pytest.mark.parametrize("later_ms", [0, -MINUTE_MS])
def test_a_clock_that_stands_changes_nothing(later_ms: int):
    assert adjust(BEGUN, 50, NOW_MS + later_ms) == BEGUN


def test_polls_leave_ten_minutes_of_the_budget_to_reads():
    almost = int(BEGUN.tokens - 600 * RATE)

    assert may_poll(BEGUN, almost)
    assert not may_poll(BEGUN, almost + 1)
    assert may_read(BEGUN, almost + 1)
    assert not may_read(BEGUN, int(BEGUN.tokens))


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=300))
def test_no_span_of_time_sees_more_than_the_rate_and_one_bucket(wishes: list[int]):
    price, total = BEGUN, 0
    for minute, wish in enumerate(wishes, start=1):
        spent = sum(1 for so_far in range(wish) if may_read(price, so_far))
        total += spent
        price = adjust(price, spent, NOW_MS + minute * MINUTE_MS)

        assert total <= RATE * (60 * minute + 3 * 3600)
