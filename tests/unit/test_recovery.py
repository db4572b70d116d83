"""What may have happened between a backup and the loss of Redis: no less than did, whatever it was."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.credential import OAuth1Credential, OAuth2Credential
from shared.domain.money import DAY_MS, HOUR_MS, Budget, Spent, day_of, month_of
from shared.domain.price import Allowance, adjust, first
from shared.domain.recovery import Lost, billed, due_after

NOW_MS = 1_800_000_000_000
TODAY_MS, _ = day_of(NOW_MS)
BUDGET = Budget(price=5000, daily=1000 * 5000, monthly=12_000 * 5000)
PRICE = first(Allowance(1000, 60_000, daily=86_400), TODAY_MS)


@given(
    st.integers(month_of(NOW_MS)[0] - 3 * DAY_MS, NOW_MS),
    st.integers(0, 5 * DAY_MS),
    st.lists(st.integers(0, 1000), min_size=60, max_size=60),
)
def test_no_bill_was_higher_than_is_supposed(since_ms, lasted_ms, by_day):
    until_ms = min(NOW_MS, since_ms + lasted_ms)
    month, since = month_of(NOW_MS)[0], day_of(since_ms)[0]
    days = {at: by_day[at // DAY_MS % 60] for at in range(month, until_ms, DAY_MS)}
    known = {at: spent // 2 if at == since else spent for at, spent in days.items() if at <= since}

    day, most = billed(
        BUDGET, Spent(known.get(TODAY_MS, 0), sum(known.values())), Lost(since_ms, until_ms), NOW_MS
    )

    assert day >= days.get(TODAY_MS, 0)
    assert most >= min(sum(days.values()), 12_000)


def test_what_was_lost_yesterday_costs_today_nothing():
    lost = Lost(TODAY_MS - 2 * HOUR_MS, TODAY_MS - HOUR_MS)

    assert billed(BUDGET, Spent(0, 5000), lost, NOW_MS)[0] == 0


def test_without_a_days_limit_the_month_may_be_spent():
    assert billed(replace(BUDGET, daily=0), Spent(3, 5), Lost(NOW_MS - 1, NOW_MS), NOW_MS) == (None, 12_000)


def test_a_day_that_is_supposed_to_be_spent_is_not_supposed_twice():
    lost = Lost(NOW_MS - 1, NOW_MS)
    day, month = billed(BUDGET, Spent(100, 5000), lost, NOW_MS)

    assert billed(BUDGET, Spent(day, month), lost, NOW_MS) == (1000, 5900)


@given(
    st.integers(0, 200),
    st.integers(0, 200),
    st.integers(0, DAY_MS),
    st.lists(st.integers(0, 40_000), min_size=200, max_size=200),
)
def test_no_more_requests_were_made_than_is_supposed(backed_up, lost, later_ms, wishes):
    backed_up, lost = sorted((backed_up, lost))
    now_ms = TODAY_MS - DAY_MS + lost * HOUR_MS // 4 + later_ms
    price, today = replace(PRICE, adjusted_at_ms=TODAY_MS - DAY_MS), 0
    kept, known = price, 0
    for number, wish in enumerate(wishes[:lost]):  # what the bucket gives, a quarter of an hour apart
        price = adjust(price, 0, price.adjusted_at_ms + HOUR_MS // 4)
        granted = int(min(wish, price.tokens))
        price = replace(price, tokens=price.tokens - granted)
        today += granted if day_of(price.adjusted_at_ms) == day_of(now_ms) else 0
        if number < backed_up:
            kept, known = price, today

    assert today <= Lost(kept.adjusted_at_ms, price.adjusted_at_ms).requests(kept, known, now_ms)


def test_the_requests_that_may_have_been_made_are_what_the_bucket_had_and_was_given():
    lost, empty = Lost(NOW_MS - HOUR_MS, NOW_MS), replace(PRICE, tokens=0)

    assert lost.requests(PRICE, 500, NOW_MS) == 500 + 3 * 3600 + 3600
    assert lost.requests(empty, 500, NOW_MS) == 500 + 3600
    assert Lost(TODAY_MS - HOUR_MS, TODAY_MS + HOUR_MS).requests(empty, 0, NOW_MS) == 2 * 3600
    assert Lost(0, TODAY_MS + HOUR_MS).requests(empty, 0, NOW_MS) == 3 * 3600 + 3600
    assert Lost(0, TODAY_MS - 1).requests(PRICE, 7, NOW_MS) == 7


def test_a_refresh_token_that_was_due_may_be_used():
    lost = Lost(NOW_MS - HOUR_MS, NOW_MS)

    def expires_in(ms):
        return OAuth2Credential("a", "r", NOW_MS + ms, "")

    assert lost.may_have_used(expires_in(9 * 60_000), is_polled=True)
    assert not lost.may_have_used(expires_in(11 * 60_000), is_polled=True)
    assert not lost.may_have_used(OAuth1Credential("t", "s"), is_polled=True)
    assert not lost.may_have_used(None, is_polled=True)
    assert not lost.may_have_used(expires_in(-9 * HOUR_MS), is_polled=False)


@given(st.integers(0, 40 * DAY_MS), st.integers(0, 40 * DAY_MS))
def test_who_read_last_is_due_first(one_ago_ms, other_ago_ms):
    one, other = (due_after(NOW_MS, NOW_MS - each, NOW_MS) for each in (one_ago_ms, other_ago_ms))

    assert (one <= other) or one_ago_ms > other_ago_ms
    assert NOW_MS <= one <= NOW_MS + 60_000
