"""
What a timeline should be, and how one that was served differs from it.

The truth is the simulator's: every tweet of the timeline that X shows. A tweet may
be missing only where the answer itself says that something may be: newer than it
claims to know (`Roost-As-Of`, less the time by which X shows tweets late), inside
a gap, or deeper than a timeline is read back when it is registered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.domain.tweet import first_id_at

#: No tweet becomes visible later than this after the time in its id: the overlap that polls ask again.
LATENESS_MS = 60_000


@dataclass(frozen=True)
class Served:
    """A timeline as its owner's app has read it, page by page to the end."""

    ids: Sequence[int]
    gaps: Sequence[tuple[int, int]]
    as_of_ms: int


@dataclass(frozen=True)
class Differences:
    """How a served timeline differs from the truth; true when in no way."""

    missing: list[int] = field(default_factory=list)  # shown by X, claimed to be known, not served
    foreign: list[int] = field(default_factory=list)  # served, not shown by X
    disorder: list[int] = field(
        default_factory=list
    )  # not older than the one served before it: out of order, or twice
    shallow: int = 0  # by how many tweets the timeline ends too soon

    def __bool__(self) -> bool:
        return bool(self.missing or self.foreign or self.disorder or self.shallow)


def unknown(served: Served, truth: Sequence[int]) -> list[int]:
    """Name the tweets of the truth that are newer than what a timeline claims to know."""
    known_to = first_id_at(served.as_of_ms - LATENESS_MS)
    return [each for each in truth if each >= known_to]


def compare(served: Served, truth: Sequence[int], *, depth: int) -> Differences:
    """Compare a served timeline with the truth, down to the newest `depth` tweets."""
    known_to = first_id_at(served.as_of_ms - LATENESS_MS)
    known = [each for each in truth if each < known_to and not _in_a_gap(each, served.gaps)]
    held = set(served.ids)
    oldest = min(held, default=known_to)
    deeper = [each for each in known if each < oldest]
    return Differences(
        missing=[each for each in known if each >= oldest and each not in held],
        foreign=sorted(held.difference(truth)),
        disorder=[newer for older, newer in zip(served.ids, served.ids[1:], strict=False) if newer >= older],
        shallow=min(len(deeper), max(0, depth - len(held))),
    )


def _in_a_gap(tweet_id: int, gaps: Sequence[tuple[int, int]]) -> bool:
    return any(older < tweet_id < newer for older, newer in gaps)
