"""
How far back a poll asks again, learned from how late tweets surface.

X begins to show some tweets seconds after the time in their ids. Such a tweet is found only
if the next poll asks from before it was written, so what a poll needs is told by the tweets
themselves: one that is new, though it was written before X was last asked, was at least so
late. Everybody's are counted together, for it is X that is late.

             late by so much
      written |<-------->| X was asked, and did not show it      asked again, and it is there
    ----------+----------+---------------------------------------+-----------------> time
        |<- the overlap ->|

What is later than the overlap is not found, and so not counted. Two things let it grow
nevertheless: it is twice what was needed lately, and one poll in some asks with the widest.
A clock of ours that is ahead of X's makes tweets look late by as much, and is made up for.

A repeat costs nothing on the UTC day on which X has billed it. Of a day before, it costs
once more, so there a poll goes back only as far as was needed lately, with nothing to spare.
"""

from bisect import bisect_left
from collections.abc import Collection
from itertools import accumulate

from shared.domain.timeline import Held, Page, Want
from shared.domain.tweet import TweetId, written_at_ms

#: Ends of the histogram's buckets, in seconds late; the first is for what was not late.
EDGES_S = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)

#: How many tweets were late by how much: one count for each of `EDGES_S`.
Histogram = tuple[float, ...]
NOTHING_SEEN: Histogram = (0.0,) * len(EDGES_S)

#: Counts fade to a half within so long: X today is not X last week.
HALF_LIFE_MS = 24 * 3600 * 1000

#: Fewer tweets than one in so many may surface later than was needed lately; fewer seen tell nothing.
_ONE_IN = 10_000
#: What is taken to be needed until enough was seen: with what is to spare, a minute.
UNKNOWN_MS = 30_000
_LEAST_MS, _MOST_MS = 8_000, 120_000
#: One poll in so many asks with the widest overlap. A prime, which no round cadence always meets or misses.
_WIDEST_ONE_IN = 17
_DAY_MS = 24 * 3600 * 1000


def count_late(held: Held, want: Want, page: Page, added: Collection[TweetId]) -> Histogram:
    """
    Count how late the new tweets of a poll's first page were, given what was held before it.

    Shape: `added` are those of the page that the timeline did not hold; what is newer than all that
           was held need not be among them. All counts are 0 for a page that does not tell.
    """
    counts = [0.0] * len(EDGES_S)
    # A cut answer does not reach down to what surfaced late: it would tell of the others only.
    if want.until is not None or page.next_token is not None or held.as_of_ms == 0:
        return tuple(counts)
    for each in page.ids:
        late_s = (held.as_of_ms - written_at_ms(each)) / 1000
        # What is older came by another way: somebody new is followed.
        if late_s <= EDGES_S[-1] and (each > held.newest or each in added) and not _was_unread(held, each):
            counts[bisect_left(EDGES_S, max(0, late_s))] += 1
    return tuple(counts)


def late_ms(histogram: Histogram) -> int:
    """Say how late tweets are, but for fewer than one in 10,000."""
    total = sum(histogram)
    if total < _ONE_IN:
        return UNKNOWN_MS
    up_to = accumulate(histogram)
    return next(
        edge * 1000 for edge, seen in zip(EDGES_S, up_to, strict=True) if total - seen < total / _ONE_IN
    )


def overlap_ms(late_ms: int, *, as_of_ms: int, now_ms: int) -> int:
    """
    Say how long before X was last asked, at `as_of_ms`, a poll asks again from.

    Units: milliseconds, of a lateness as `late_ms` says it.
    """
    needed_ms = _bounded(late_ms)
    widest = as_of_ms % _WIDEST_ONE_IN == 0
    wide_ms = _MOST_MS if widest else _bounded(2 * late_ms)
    free_ms = as_of_ms - (now_ms - now_ms % _DAY_MS)
    return max(needed_ms, min(wide_ms, free_ms))


def _was_unread(held: Held, tweet_id: TweetId) -> bool:
    """Tell whether a tweet lay in a gap: it may have been shown long ago, and nobody looked."""
    return any(gap.older < tweet_id < gap.newer for gap in held.gaps)


def _bounded(wished_ms: int) -> int:
    return min(_MOST_MS, max(_LEAST_MS, wished_ms))
