"""Revoked is not an outage: who is parked, and who is not."""

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.outcome import Refused, Unavailable
from shared.domain.parking import CLEAN, Climate, Record, judge

NOW_MS = 1_800_000_000_000
MINUTE_MS = 60_000
REFUSED = Refused("sign-in-needed")
#: X accepts everybody else.
HEALTHY = Climate(refused=1, accepted=50, other_accepted_at_ms=NOW_MS)
OUTAGE = Climate(refused=200, accepted=40, other_accepted_at_ms=NOW_MS)


def struck(minutes_ago, strikes=1):
    return Record(strikes, NOW_MS - minutes_ago * MINUTE_MS)


def test_one_refusal_is_a_strike_and_no_more():
    judged = judge(REFUSED, CLEAN, HEALTHY, now_ms=NOW_MS)

    assert judged.outcome == REFUSED
    assert judged.record == Record(1, NOW_MS)


def test_the_second_parks_when_x_accepted_somebody_else_in_between():
    assert judge(REFUSED, struck(5), HEALTHY, now_ms=NOW_MS).record.parked == "sign-in-needed"


def test_without_a_canary_nobody_is_parked():
    alone = Climate(1, 0, 0)
    before = Climate(1, 50, NOW_MS - 6 * MINUTE_MS)

    for climate in (alone, before):
        judged = judge(REFUSED, struck(5), climate, now_ms=NOW_MS)
        assert judged.record == Record(2, NOW_MS - 5 * MINUTE_MS)


def test_two_refusals_of_one_occasion_are_one():
    record = Record(1, NOW_MS - 59_999)

    assert judge(REFUSED, record, HEALTHY, now_ms=NOW_MS).record == record


def test_while_many_are_refused_it_is_x_that_fails():
    for record in (CLEAN, struck(5), struck(60, strikes=7)):
        judged = judge(REFUSED, record, OUTAGE, now_ms=NOW_MS)
        assert judged.outcome == Unavailable("sign-in-outage")
        assert judged.record == record


@given(refused=st.integers(0, 500), accepted=st.integers(0, 500))
def test_few_refused_of_many_are_no_outage(refused, accepted):
    climate = Climate(refused, accepted, NOW_MS)

    assert climate.is_outage() == (refused >= 5 and refused > accepted / 4)


def test_what_cannot_be_an_outage_parks_at_once():
    for reason in ("locked", "suspended", "sign-in-needed"):
        judged = judge(Refused(reason, certain=True), CLEAN, OUTAGE, now_ms=NOW_MS)
        assert judged.record.parked == reason


def test_a_parked_account_stays_parked_through_an_outage():
    record = Record(2, NOW_MS - 60 * MINUTE_MS, "sign-in-needed")

    assert judge(REFUSED, record, OUTAGE, now_ms=NOW_MS).record == record


def test_one_that_x_merely_forbids_is_never_parked():
    assert judge(Refused("forbidden"), struck(60, 9), HEALTHY, now_ms=NOW_MS).record.parked == ""
