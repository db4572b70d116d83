"""Accounts that failed together do not come back together."""

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.account import SHARDS, AccountId, shard_of
from shared.domain.lease import Lease
from shared.domain.tweet import MAX_ID

IDS = st.integers(1, MAX_ID).map(AccountId)


@given(IDS, st.integers(0, 2**53))
def test_a_spread_is_a_part_of_one(account_id, number):
    assert 0 <= Lease(account_id, number).spread() < 1


@given(IDS.filter(lambda each: each < MAX_ID - 2000), st.integers(0, 2**50))
def test_neighbours_are_spread_over_all_of_it(first, number):
    spreads = [Lease(AccountId(first + each), number).spread() for each in range(1000)]

    tenths = [sum(int(spread * 10) == tenth for spread in spreads) for tenth in range(10)]
    assert min(tenths) > 50


@given(IDS, st.integers(0, 2**50))
def test_the_polls_of_one_account_are_spread_too(account_id, first):
    spreads = {Lease(account_id, number).spread() for number in range(first, first + 100)}

    assert len(spreads) == 100
    assert max(spreads) - min(spreads) > 0.5


def test_old_ids_and_new_ones_are_even_over_the_shards():
    old = range(12, 100_012)
    # Snowflakes of accounts that registered one a millisecond.
    new = range(1_500_000_000_000_000_000, 1_500_000_000_000_000_000 + (100_000 << 22), 1 << 22)

    for ids in (old, new):
        counts = [0] * SHARDS
        for each in ids:
            counts[shard_of(AccountId(each))] += 1
        assert max(counts) < 1.5 * len(ids) / SHARDS
