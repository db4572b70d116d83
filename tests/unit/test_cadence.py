"""How soon an account is due again."""

import pytest

from shared.domain.account import AccountId
from shared.domain.budget import Window, pace_ms
from shared.domain.cadence import (
    FAULT_CAP_MS,
    FAULT_MS,
    PARKED_MS,
    REFUSED_CAP_MS,
    STOPPED_MS,
    Plan,
    Since,
    due_after_page,
    due_next,
)
from shared.domain.interest import Interest, after_poll, after_read
from shared.domain.lease import Lease
from shared.domain.mode import Mode
from shared.domain.outcome import Limited, Malformed, Refused, Stopped, Unaffordable, Unavailable

NOW_MS = 1_800_000_000_000
MINUTE_MS = 60_000
NEVER_READ = after_poll(Interest(NOW_MS - 5 * 24 * 60 * MINUTE_MS), 0, NOW_MS)
READ_NOW = after_read(NEVER_READ, NOW_MS)


def wait(outcome, *, window=None, failures=0, spread=0.0):
    return due_next(outcome, Since(window, failures, spread), now_ms=NOW_MS) - NOW_MS


def wait_after_page(mode=Mode.FRESH, window=None, interest=READ_NOW, **plan):
    due_at_ms = due_after_page(Plan(mode, interest, MINUTE_MS, **plan), window, NOW_MS)
    return None if due_at_ms is None else due_at_ms - NOW_MS


def test_after_a_page_an_account_is_due_with_the_cadence():
    assert wait_after_page(Mode.ARCHIVE) == MINUTE_MS
    assert wait_after_page(Mode.ARCHIVE, price=0.001) == MINUTE_MS
    assert wait_after_page(Mode.FRESH, price=None) == MINUTE_MS


def test_in_mode_fresh_it_is_due_when_a_poll_is_worth_its_price():
    waits = [wait_after_page(price=price) for price in (0.001, 1.0, 1000.0)]

    assert waits == sorted(set(waits))
    assert waits[0] < MINUTE_MS < waits[-1]


def test_one_that_sleeps_waits_for_its_reader_unless_a_gap_is_being_filled():
    assert wait_after_page(asleep=True) is None
    assert wait_after_page(asleep=True, filling=True) == 0
    assert due_next(Unaffordable(NOW_MS), Since(None, 0, 0, asleep=True), now_ms=NOW_MS) is None


def test_where_money_runs_short_every_wait_is_longer():
    assert wait_after_page(Mode.ARCHIVE, slower=2.5) == 2.5 * MINUTE_MS


def test_no_wait_is_longer_than_the_money_that_runs_short():
    midnight_ms = NOW_MS + 30 * MINUTE_MS

    assert wait_after_page(Mode.ARCHIVE, slower=1e9, anew_at_ms=midnight_ms) == 30 * MINUTE_MS
    assert wait_after_page(Mode.ARCHIVE, slower=2.5, anew_at_ms=midnight_ms) == 2.5 * MINUTE_MS
    assert wait_after_page(Mode.ARCHIVE, slower=1e9, anew_at_ms=NOW_MS + 1) == MINUTE_MS
    assert wait_after_page(asleep=True, slower=2.5, anew_at_ms=midnight_ms) is None


def test_requests_are_kept_for_who_has_read_lately():
    ten_left = Window(limit=15, left=10, resets_at_ms=NOW_MS + 15 * MINUTE_MS)

    assert wait_after_page(Mode.ARCHIVE, window=ten_left) > wait_after_page(
        Mode.ARCHIVE, window=ten_left, interest=NEVER_READ
    )


def test_a_tight_window_is_spent_evenly():
    fourteen_left = Window(limit=15, left=14, resets_at_ms=NOW_MS + 15 * MINUTE_MS)
    one_left = Window(limit=15, left=1, resets_at_ms=NOW_MS + 10 * MINUTE_MS)

    assert wait_after_page(Mode.ARCHIVE, window=fourteen_left, interest=NEVER_READ) == MINUTE_MS
    assert wait_after_page(Mode.ARCHIVE, window=one_left, interest=NEVER_READ) == 5 * MINUTE_MS


def test_a_spent_window_is_waited_out():
    spent = Window(limit=15, left=0, resets_at_ms=NOW_MS + 7 * MINUTE_MS)

    assert pace_ms(spent, NOW_MS) == 7 * MINUTE_MS
    assert wait_after_page(window=spent) == 7 * MINUTE_MS
    assert wait(Unavailable("timeout"), window=spent) == 7 * MINUTE_MS


def test_a_window_that_has_ended_holds_nobody_back():
    assert pace_ms(Window(15, 0, NOW_MS), NOW_MS) == 0
    assert pace_ms(None, NOW_MS) == 0


def test_a_limited_account_waits_for_its_reset_and_never_less():
    assert wait(Limited(NOW_MS + 90_000)) == 90_000
    assert wait(Limited(NOW_MS - 90_000)) == FAULT_MS
    assert wait(Limited(NOW_MS - 90_000), failures=20) == FAULT_CAP_MS
    assert wait(Limited(NOW_MS + 90_000), spread=0.5) > 90_000


@pytest.mark.parametrize("fault", [Unavailable("status-503"), Malformed("truncated")])
def test_faults_of_x_are_waited_out_longer_each_time_up_to_a_cap(fault):
    waits = [wait(fault, failures=failures) for failures in range(12)]

    assert waits[:3] == [FAULT_MS, 2 * FAULT_MS, 4 * FAULT_MS]
    assert waits == sorted(waits)
    assert waits[-1] == FAULT_CAP_MS


def test_accounts_that_failed_together_do_not_come_back_together():
    spreads = [Lease(AccountId(number), 7).spread() for number in range(1000)]
    waits = {wait(Unavailable("timeout"), failures=20, spread=spread) // 1000 for spread in spreads}

    assert min(spreads) >= 0
    assert max(spreads) < 1
    assert len(waits) > 100


def test_a_refused_account_is_asked_seldom_but_asked():
    assert wait(Refused("sign-in-needed")) == 5 * MINUTE_MS
    assert wait(Refused("locked"), failures=50) == REFUSED_CAP_MS


def test_an_account_that_hears_that_the_app_is_stopped_waits():
    assert wait(Stopped("credit-empty")) == STOPPED_MS


def test_a_parked_account_is_asked_about_once_or_twice_a_day():
    for spread in (0.0, 0.5, 0.99):
        since = Since(None, 3, spread, parked=True)
        due_at_ms = due_next(Refused("sign-in-needed"), since, now_ms=NOW_MS)
        assert PARKED_MS <= due_at_ms - NOW_MS <= 1.5 * PARKED_MS


def test_a_spent_budget_is_waited_out_and_all_do_not_come_back_at_once():
    midnight = NOW_MS + 10 * 3600_000

    waits = [wait(Unaffordable(midnight), spread=each / 10) for each in range(10)]

    assert waits[0] == 10 * 3600_000
    assert waits == sorted(set(waits))
    assert waits[-1] <= 11 * 3600_000
    assert wait(Unaffordable(NOW_MS + 15_000), spread=0.99) < 31_000
