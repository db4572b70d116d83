"""
Tweets and their ids.

An id is a 64-bit snowflake: 41 bits of milliseconds since X's epoch, 10 bits of
machine, 12 bits of sequence. It orders tweets by the time they were written,
though not by the time they become visible.
Source: docs.x.com, X IDs, read 2026-08-22.
"""

from dataclasses import dataclass
from typing import NewType

TweetId = NewType("TweetId", int)

#: X's epoch, 2010-11-04T01:42:54.657Z, in epoch milliseconds.
SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
#: The largest id there can be: ids are signed 64-bit integers at X.
MAX_ID = TweetId(2**63 - 1)


@dataclass(frozen=True, slots=True)
class Body:
    """
    One object of X's answer as X wrote it: a tweet, a user, a medium, a poll or a place.

    Shape: `key` is its kind and X's id for it, `tweet:20`, `user:12`, `media:3_9`;
           `raw` is its JSON; `refs` are the keys of the bodies that are shown with it.
    """

    key: str
    raw: bytes
    refs: tuple[str, ...] = ()


def written_at_ms(tweet_id: int) -> int:
    """Tell when the tweet was written, in epoch milliseconds."""
    return (tweet_id >> 22) + SNOWFLAKE_EPOCH_MS


def first_id_at(at_ms: int) -> TweetId:
    """Name the smallest id a tweet written at that instant can have; 0 before X's epoch."""
    return TweetId(max(0, at_ms - SNOWFLAKE_EPOCH_MS) << 22)
