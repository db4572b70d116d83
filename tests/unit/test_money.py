"""What reading costs, what is allowed, and how a budget is made to last."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.money import (
    DAY_MS,
    HOUR_MS,
    Allowance,
    Budget,
    Spent,
    allowance,
    anew_at_ms,
    catch_up_depth,
    day_of,
    forecast,
    month_of,
    stretch,
)

PRICE = 5_000
DOLLAR = 1_000_000
UNLIMITED = Budget(PRICE)


def at_ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


MIDNIGHT_MS = at_ms("2027-01-15T00:00")
NOON_MS = at_ms("2027-01-15T12:00")
DAYS = st.integers(min_value=0, max_value=4_000_000_000_000)


def test_a_dollar_buys_two_hundred_posts():
    budget = Budget.in_dollars(PRICE, Decimal(1), Decimal(10), Decimal("0.1"))

    assert budget == Budget(PRICE, DOLLAR, 10 * DOLLAR, DOLLAR // 10)
    assert budget.limits() == (200, 2_000, 20)


def test_without_limits_anything_is_allowed():
    assert allowance(UNLIMITED, Spent(10**9, 10**9, 10**9, 10**9), NOON_MS) == Allowance(None)
    assert stretch(UNLIMITED, Spent(10**9, 10**9, 10**9), NOON_MS) == 1
    assert not UNLIMITED.is_limited()


@pytest.mark.parametrize(
    ("budget", "left"),
    [
        (Budget(PRICE, daily=DOLLAR), 200 - 30 - 5),
        (Budget(PRICE, monthly=DOLLAR), 200 - 100 - 5),
        (Budget(PRICE, account_daily=DOLLAR), 200 - 20),
        (Budget(PRICE, daily=DOLLAR, monthly=DOLLAR, account_daily=DOLLAR), 95),
    ],
)
def test_the_tightest_limit_tells_what_is_left(budget, left):
    assert allowance(budget, Spent(30, 100, 20, 5), NOON_MS) == Allowance(left)


def test_a_day_that_is_spent_stops_until_midnight_and_a_month_until_its_end():
    budget = Budget(PRICE, daily=DOLLAR, monthly=2 * DOLLAR)

    assert allowance(budget, Spent(200, 200), NOON_MS) == Allowance(0, MIDNIGHT_MS + DAY_MS, "day")
    assert allowance(budget, Spent(200, 400), NOON_MS) == Allowance(0, at_ms("2027-02-01T00:00"), "month")


def test_an_account_that_has_spent_its_day_stops_alone():
    budget = Budget(PRICE, daily=DOLLAR, account_daily=DOLLAR // 10)

    assert allowance(budget, Spent(50, 50, 20), NOON_MS) == Allowance(0, MIDNIGHT_MS + DAY_MS, "account")
    assert allowance(budget, Spent(50, 50, 3), NOON_MS).posts == 17


def test_what_is_only_reserved_is_worth_asking_for_soon():
    none = allowance(Budget(PRICE, daily=DOLLAR), Spent(150, 150, 0, 50), NOON_MS)

    assert (none.posts, none.bound) == (0, "reserved")
    assert NOON_MS < none.until_ms <= NOON_MS + 60_000


def test_a_price_that_a_budget_does_not_reach_allows_nothing():
    assert allowance(Budget(PRICE, daily=PRICE - 1), Spent(), NOON_MS).posts == 0


def test_nothing_slows_down_while_the_money_keeps_up_with_the_clock():
    budget = Budget(PRICE, daily=DOLLAR)

    assert stretch(budget, Spent(day=100), NOON_MS) == 1
    assert stretch(budget, Spent(), MIDNIGHT_MS) == 1


def test_an_hour_ahead_at_the_start_of_a_day_doubles_the_waits():
    budget = Budget(PRICE, daily=25 * DOLLAR)

    assert stretch(budget, Spent(day=200), MIDNIGHT_MS) == pytest.approx(2)
    assert stretch(budget, Spent(day=100), MIDNIGHT_MS) < 1.3


def test_an_account_ahead_of_its_own_day_is_slowed_alone():
    budget = Budget(PRICE, daily=100 * DOLLAR, account_daily=DOLLAR)

    assert stretch(budget, Spent(1_000, 1_000, 190), NOON_MS) > 10
    assert stretch(budget, Spent(1_000, 1_000, 90), NOON_MS) == 1


@pytest.mark.parametrize("demand", [0.5, 1.5, 3, 10, 20, 100])
def test_a_demand_beyond_the_budget_lasts_till_midnight_and_spends_it(demand):
    budget = Budget(PRICE, daily=100 * DOLLAR)
    limit, minutes = 20_000, 24 * 60
    spent, by_hour = 0.0, []
    for minute in range(minutes):
        now_ms = MIDNIGHT_MS + minute * 60_000
        spent += demand * limit / minutes / stretch(budget, Spent(day=int(spent)), now_ms)
        by_hour += [spent] * (minute % 60 == 59)

    assert by_hour[-2] < limit
    assert by_hour[-1] == pytest.approx(min(1, demand) * limit, rel=0.02)
    if demand > 1:
        hours = [after - before for before, after in pairwise(by_hour[8:])]
        assert max(hours) < 1.25 * min(hours)  # no evening is served worse than a morning


@given(DAYS, st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**9))
def test_more_spent_never_means_shorter_waits(now_ms, day, more, daily):
    budget = Budget(PRICE, daily=daily)

    assert 1 <= stretch(budget, Spent(day), now_ms) <= stretch(budget, Spent(day + more), now_ms)


def test_a_day_begins_anew_at_midnight_and_without_a_limit_of_days_the_month_at_its_end():
    midnight_ms, new_month_ms = MIDNIGHT_MS + DAY_MS, at_ms("2027-02-01T00:00")

    assert anew_at_ms(Budget(PRICE, daily=DOLLAR, monthly=DOLLAR), NOON_MS) == midnight_ms
    assert anew_at_ms(Budget(PRICE, account_daily=DOLLAR), NOON_MS) == midnight_ms
    assert anew_at_ms(Budget(PRICE, monthly=DOLLAR), NOON_MS) == new_month_ms


def test_a_forecast_goes_on_as_today_until_the_month_ends():
    assert forecast(Spent(day=1_000, month=14_000), at_ms("2027-01-15T12:00")) == 14_000 + 1_000 * 33
    assert forecast(Spent(day=0, month=14_000), NOON_MS) == 14_000


def test_a_forecast_is_calm_in_the_first_minutes_of_a_day():
    assert forecast(Spent(day=10, month=10), MIDNIGHT_MS + 1) == 10 + 10 * (17 * DAY_MS - 1) // HOUR_MS


def test_who_was_away_is_caught_up_as_far_as_the_operator_says():
    assert catch_up_depth(UNLIMITED, Spent(), 400) == 400
    assert catch_up_depth(Budget(PRICE, daily=10 * DOLLAR), Spent(), 400) == 400


def test_catching_up_leaves_something_to_others():
    assert catch_up_depth(Budget(PRICE, daily=10 * DOLLAR), Spent(day=800), 800) == 300


def test_catching_up_shows_a_page_while_there_is_money_for_one():
    budget = Budget(PRICE, daily=DOLLAR)

    assert catch_up_depth(budget, Spent(), 800) == 100
    assert catch_up_depth(budget, Spent(day=140), 800) == 60
    assert catch_up_depth(budget, Spent(day=200), 800) == 0


@given(st.integers(0, 10**5), st.integers(0, 300), st.integers(0, 10_000))
def test_catching_up_is_never_deeper_than_what_is_allowed(day, reserved, most):
    budget, spent = Budget(PRICE, daily=100 * DOLLAR), Spent(day=day, reserved=reserved)

    assert 0 <= catch_up_depth(budget, spent, most) <= (allowance(budget, spent, NOON_MS).posts or 0)


@given(DAYS)
def test_every_instant_lies_in_its_day_and_its_month(now_ms):
    day, month = day_of(now_ms), month_of(now_ms)

    assert month[0] <= day[0] <= now_ms < day[1] <= month[1]
    assert day[1] - day[0] == DAY_MS
    assert month_of(month[0] - 1)[1] == month[0]


def test_a_month_ends_where_the_next_begins():
    assert month_of(at_ms("2028-02-29T23:59")) == (at_ms("2028-02-01T00:00"), at_ms("2028-03-01T00:00"))
    assert month_of(at_ms("2027-12-31T12:00"))[1] == at_ms("2028-01-01T00:00")
