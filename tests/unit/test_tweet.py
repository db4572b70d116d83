"""Ids and the instants in them."""

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.tweet import MAX_ID, SNOWFLAKE_EPOCH_MS, first_id_at, written_at_ms

INSTANTS = st.integers(SNOWFLAKE_EPOCH_MS, SNOWFLAKE_EPOCH_MS + 2**41 - 1)


def test_a_known_tweet_was_written_when_x_says():
    # created_at 2018-10-10T20:19:24.000Z, the example tweet of X's documentation
    assert written_at_ms(1_050_118_621_198_921_728) // 1000 == 1_539_202_764


@given(INSTANTS, st.integers(0, 2**22 - 1))
def test_an_id_tells_its_millisecond_whatever_machine_made_it(at_ms, low_bits):
    assert written_at_ms(first_id_at(at_ms) + low_bits) == at_ms


@given(INSTANTS)
def test_the_first_id_of_an_instant_follows_all_of_the_instant_before(at_ms):
    assert written_at_ms(first_id_at(at_ms)) == at_ms
    assert first_id_at(at_ms) == 0 or written_at_ms(first_id_at(at_ms) - 1) == at_ms - 1


@given(st.integers(max_value=SNOWFLAKE_EPOCH_MS))
def test_before_x_began_there_is_no_smaller_id_than_none(at_ms):
    assert first_id_at(at_ms) == 0


def test_the_largest_id_is_the_last_of_the_last_instant():
    assert first_id_at(SNOWFLAKE_EPOCH_MS + 2**41 - 1) + 2**22 - 1 == MAX_ID
