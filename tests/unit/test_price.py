"""One price, and the bucket behind it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.price import Allowance, Price, adjust, first, may_poll, may_read, start, take_over

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


def test_a_pause_changes_neither_the_price_nor_what_is_usual():
    paused = adjust(BEGUN, 700, NOW_MS + DAY_MS)

    assert (paused.value, paused.spending) == (BEGUN.value, BEGUN.spending)
    assert paused.tokens == 3 * 3600 * RATE
    assert paused.debt == 700 - 120 * RATE


def test_a_night_without_a_request_does_not_sink_the_price_for_good():
    assert spend(BEGUN, 10 * 60, each=0).value > 0
    assert spend(spend(BEGUN, 60, each=0), 1, each=0).value < BEGUN.value


@pytest.mark.parametrize(("week", "then"), [(360, 6), (96, 600), (0, 600)])
def test_a_week_of_too_much_or_too_little_is_over_within_hours(week: int, then: int):
    wound_up = spend(BEGUN, 7 * 24 * 60, each=week)
    later = adjust_on(wound_up, 8 * 60, each=then)

    assert (later.value < BEGUN.value) if week > then else (later.value > BEGUN.value / 100)


def adjust_on(price: Price, minutes: int, each: int) -> Price:
    for _ in range(minutes):
        price = adjust(price, each, price.adjusted_at_ms + MINUTE_MS)
    return price


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


def test_without_a_daily_limit_all_are_polled_as_the_cadence_says():
    assert Allowance(600, MINUTE_MS).rate() == 10
    assert Allowance(600, MINUTE_MS).filling() == 10
    assert Allowance(0, MINUTE_MS).rate() == 1 / 60


def test_a_daily_limit_is_aimed_at_from_below_and_never_raises_the_rate():
    scarce, ample = Allowance(600, MINUTE_MS, 86_400), Allowance(600, MINUTE_MS, 10 * 864_000)

    assert 0.97 < scarce.rate() < 1
    assert scarce.filling() == 1
    assert ample.rate() == 10


def test_the_first_price_of_a_cadence_is_the_same_for_few_and_for_many():
    few, many = first(Allowance(10, MINUTE_MS), NOW_MS), first(Allowance(10_000, MINUTE_MS), NOW_MS)

    assert few.value == pytest.approx(many.value)
    assert (few.rate, many.rate) == pytest.approx((1 / 6, 1000 / 6))


def test_what_is_saved_and_owed_is_taken_over_in_proportion():
    owing = spend(BEGUN, 10, each=240)
    more = take_over(owing, Allowance(240, MINUTE_MS))

    assert (more.rate, more.value) == (4, owing.value)
    assert (more.debt, more.tokens) == (2 * owing.debt, 2 * owing.tokens)


def test_what_was_overspent_without_a_limit_is_no_debt_of_the_bucket():
    lavish = spend(first(Allowance(60, MINUTE_MS), NOW_MS), 30, each=100_000)

    assert lavish.tokens < 0
    assert take_over(lavish, Allowance(60, MINUTE_MS, 86_400)).tokens == 0
