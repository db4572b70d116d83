"""
When each author writes, what kind of tweet, and when it shows, changes and goes.

Time is cut into buckets; an author's tweets of one bucket are drawn from the seed,
the author and the bucket alone. So nothing is kept, any past can be asked for, and
a restart finds the same world.
"""

import math
import random
from dataclasses import dataclass
from enum import StrEnum

from simulator.authors import Author
from simulator.ids import snowflake

BUCKET_MS = 30 * 60 * 1000

#: X shows most tweets at once and some seconds late, though their ids say when they were written.
_PROMPT_MS = 150
_LATEST_MS = 8_000
_LATE_SHARE = 0.04

_EDITED_SHARE = 0.02
_EDITED_WITHIN_MS = 30 * 60 * 1000
_DELETED_SHARE = 0.01
_DELETED_WITHIN_MS = 24 * 3600 * 1000


class Kind(StrEnum):
    """What sort of tweet it is."""

    PLAIN = "plain"
    RETWEET = "retweeted"
    QUOTE = "quoted"
    REPLY = "replied_to"


_KINDS = {Kind.PLAIN: 46, Kind.RETWEET: 30, Kind.QUOTE: 8, Kind.REPLY: 16}


@dataclass(frozen=True, slots=True)
class Outline:
    """
    A tweet before its words are chosen.

    Units: `shows_at_ms` is when X begins to show it, `goes_at_ms` when it stops
           (None: never): edited away by `edit`, or deleted.
    """

    id: int
    author: Author
    kind: Kind
    shows_at_ms: int
    goes_at_ms: int | None = None
    deleted: bool = False
    edit: "Outline | None" = None
    first_id: int | None = None  # of an edit: the id of the version that it replaces


def outlines(author: Author, bucket: int) -> list[Outline]:
    """List what an author writes in one bucket, edits included, oldest first."""
    chance = random.Random(f"tweets:{author.seed}:{author.number}:{bucket}")  # noqa: S311 (repeatable, not secret)
    written: list[Outline] = []
    for _ in range(_poisson(chance, author.rate_per_hour * BUCKET_MS / 3_600_000)):
        written += _write(chance, author, bucket)
    return sorted(written, key=lambda each: each.id)


def low_bits_of(author: Author, sequence: int) -> int:
    """Make the low bits of an author's tweets: where X names a machine, the author is named."""
    return (author.number % 1024) << 12 | sequence


def author_number(tweet_id: int) -> int:
    """Tell which author's number the id of a tweet names."""
    return (tweet_id >> 12) % 1024


def _write(chance: random.Random, author: Author, bucket: int) -> list[Outline]:
    at_ms = bucket * BUCKET_MS + chance.randrange(BUCKET_MS)
    low_bits = low_bits_of(author, chance.getrandbits(12))
    kind = chance.choices(list(_KINDS), list(_KINDS.values()))[0]
    shows_at_ms = at_ms + _lateness_ms(chance)
    lot = chance.random()
    if kind is Kind.PLAIN and lot < _EDITED_SHARE:
        return _write_twice(chance, author, at_ms, low_bits)
    deleted = lot > 1 - _DELETED_SHARE
    goes_at_ms = shows_at_ms + chance.randrange(60_000, _DELETED_WITHIN_MS) if deleted else None
    return [Outline(snowflake(at_ms, low_bits), author, kind, shows_at_ms, goes_at_ms, deleted)]


def _write_twice(chance: random.Random, author: Author, at_ms: int, low_bits: int) -> list[Outline]:
    edited_at_ms = at_ms + chance.randrange(10_000, _EDITED_WITHIN_MS)
    first_id, second_id = snowflake(at_ms, low_bits), snowflake(edited_at_ms, low_bits ^ 1)
    edit = Outline(second_id, author, Kind.PLAIN, edited_at_ms + _PROMPT_MS, first_id=first_id)
    first = Outline(first_id, author, Kind.PLAIN, at_ms + _PROMPT_MS, edit.shows_at_ms, edit=edit)
    return [first, edit]


def _lateness_ms(chance: random.Random) -> int:
    return chance.randrange(500, _LATEST_MS) if chance.random() < _LATE_SHARE else _PROMPT_MS


def _poisson(chance: random.Random, mean: float) -> int:
    """Draw how often something happens that happens `mean` times on average (Knuth)."""
    bound, product, count = math.exp(-mean), chance.random(), 0
    while product > bound:
        product *= chance.random()
        count += 1
    return count
