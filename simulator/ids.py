"""
Snowflake ids, as X makes them.

Source: docs.x.com, X IDs, read 2026-08-22: 41 bits of milliseconds since
1288834974657, 10 bits of machine, 12 bits of sequence.
"""

from datetime import UTC, datetime

EPOCH_MS = 1_288_834_974_657


def snowflake(at_ms: int, low_bits: int) -> int:
    """Make the id of something written at that instant; `low_bits` tell things of one millisecond apart."""
    return (max(0, at_ms - EPOCH_MS) << 22) | (low_bits & 0x3FFFFF)


def written_at_ms(tweet_id: int) -> int:
    """Tell when the tweet of that id was written."""
    return (tweet_id >> 22) + EPOCH_MS


def iso(at_ms: int) -> str:
    """Write an instant as X does: RFC 3339 with milliseconds, UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
