"""What is read from Redis, beside what is counted."""

from math import inf

from prometheus_client import CollectorRegistry

from shared.domain.money import Budget, Spent
from shared.domain.parking import Climate
from shared.domain.price import Price
from shared.metrics import named, stored
from shared.metrics.kinds import Tally
from tests.unit.metrics.text import samples_of

NOON_MS = 1_795_262_400_000
PRICE = Price(value=120, rate=2, tokens=30, spending=1.5, debt=0, adjusted_at_ms=NOON_MS)


def shown(budget, spent, requests_left=None, price=PRICE):
    engine = stored.Engine(price, requests_left, 1500, 8000, is_out=False, stopped=None)
    money = stored.Money(budget, spent, NOON_MS)
    text = stored.write(CollectorRegistry(), stored.Stored(Climate(0, 0, 0), money, engine))
    return samples_of(text.decode())


def left(found):
    return {scope: found["roost_budget_left", ("scope", scope)] for scope in ("day", "month", "requests")}


def test_what_is_left_is_told_by_scope_and_what_is_reserved_is_not_left():
    budget = Budget(price=5000, daily=5_000_000, monthly=50_000_000)  # 1,000 posts a day, 10,000 a month

    found = shown(budget, Spent(day=400, month=2_000, reserved=100), requests_left=17)

    assert left(found) == {"day": 500, "month": 7_900, "requests": 17}


def test_where_there_is_no_limit_there_is_no_end():
    assert left(shown(Budget(price=5000), Spent(day=400, month=2_000))) == {
        "day": inf, "month": inf, "requests": inf,
    }  # fmt: skip


def test_a_budget_that_is_overspent_has_nothing_left():
    assert left(shown(Budget(price=5000, daily=5000), Spent(day=3), requests_left=0))["day"] == 0


def test_what_yesterday_was_never_told_of_is_not_left_of_the_month_but_does_not_touch_the_day():
    budget = Budget(price=5000, daily=5_000_000, monthly=50_000_000)

    found = shown(budget, Spent(month=2_000, reserved=100, earlier=1_000))

    assert (left(found)["day"], left(found)["month"]) == (900, 6_900)
    assert found["roost_budget_spent",] == 0


def test_a_budget_is_spent_when_it_was_paid_and_not_while_requests_under_way_hold_what_is_left():
    budget = Budget(price=5000, daily=5_000_000, monthly=50_000_000)

    reserved, paid = shown(budget, Spent(day=400, reserved=600)), shown(budget, Spent(day=1_000))

    assert left(reserved)["day"] == left(paid)["day"] == 0
    assert (reserved["roost_budget_spent",], paid["roost_budget_spent",]) == (0, 1)
    assert shown(budget, Spent(month=10_000))["roost_budget_spent",] == 1


def test_everything_that_is_read_is_shown():
    found = {name for name, *_ in shown(Budget(price=5000), Spent())}

    assert found == {metric.name for metric in named.EVERY["What gateways read from Redis"]}


def test_without_a_price_there_is_none_to_show():
    assert ("roost_request_price",) not in shown(Budget(price=5000), Spent(), price=None)


def test_while_redis_does_not_answer_what_is_counted_is_shown_all_the_same():
    counted = CollectorRegistry()
    Tally(named.REDIS_FAILURES, counted).add("timeout")

    found = samples_of(stored.write(counted, None).decode())

    assert found["roost_redis_up",] == 0
    assert found["roost_redis_failures_total", ("reason", "timeout")] == 1
    assert ("roost_late_seconds",) not in found
