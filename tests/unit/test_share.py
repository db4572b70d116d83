"""How the claims of a tick are shared out."""

from hypothesis import given
from hypothesis import strategies as st

from services.scheduler.share import share

SHARDS = 16
WAITING = st.lists(st.integers(0, 50), min_size=SHARDS, max_size=SHARDS)


@given(st.integers(0, 2000), WAITING, st.integers(1, 30), st.integers(0, SHARDS - 1))
def test_no_more_is_shared_out_than_there_is_and_no_shard_gets_too_much(claims, waiting, most, first):
    shares = share(claims, waiting, most=most, first=first)

    assert sum(shares) == min(claims, SHARDS * most)
    assert max(shares) <= most


@given(st.integers(0, 2000), WAITING)
def test_nothing_goes_to_chance_while_somebody_is_known_to_wait(claims, waiting):
    shares = share(claims, waiting, most=100, first=3)

    served = sum(min(got, wished) for got, wished in zip(shares, waiting, strict=True))
    assert served == min(claims, sum(waiting))


def test_with_too_few_for_all_each_shard_has_its_turn():
    served = [0] * SHARDS
    for turn in range(8):
        for shard, got in enumerate(share(2, [9] * SHARDS, most=5, first=2 * turn)):
            served[shard] += got

    assert served == [1] * SHARDS


def test_what_is_left_goes_round_for_who_fell_due_unforeseen():
    assert share(SHARDS + 3, [3] + [0] * (SHARDS - 1), most=5, first=0) == [4] + [1] * (SHARDS - 1)
