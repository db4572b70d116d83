"""
Who gets the claims of a tick, when there are fewer than accounts due.

Each shard is asked for its share in the same round trip, so the shares are made from what
the pass before left waiting. Shards that have somebody waiting share evenly, each in its
turn where there is not one for each; what is left goes round to the others, for whoever
has fallen due unforeseen.
"""

from collections.abc import Sequence


def share(claims: int, waiting: Sequence[int], *, most: int, first: int) -> list[int]:
    """
    Share out claims over shards.

    Shape: one number for each shard, none above `most`, together at most `claims`; the shard `first` is
           served first.
    """
    shares = [0] * len(waiting)
    order = [*range(first, len(waiting)), *range(first)]
    left = _fill(shares, claims, [min(each, most) for each in waiting], order)
    _fill(shares, left, [most] * len(waiting), order)
    return shares


def _fill(shares: list[int], claims: int, wishes: Sequence[int], order: Sequence[int]) -> int:
    """Add to the shares, evenly, up to what is wished; tell how many claims are left."""
    wishing = [shard for shard in order if shares[shard] < wishes[shard]]
    while claims and wishing:
        each = max(1, claims // len(wishing))
        for shard in wishing:
            given = min(each, wishes[shard] - shares[shard], claims)
            shares[shard] += given
            claims -= given
        wishing = [shard for shard in wishing if shares[shard] < wishes[shard]]
    return claims
