"""
The best that is known: Roost's rule told the laws by which tweets, openings and sessions were drawn.

It knows how many of each to expect, not when they come.
"""

from array import array
from functools import cache
from itertools import accumulate
from random import Random

from bench.freshness.people import BEGINS_AT_MS, DAY_MINUTES, MINUTE_MS, Person, World, more_reads
from bench.freshness.policies import Policy
from bench.freshness.purse import Priced
from shared.domain.budget import Window
from shared.domain.worth import TWEET_WORTH

#: Ages are tried in wide steps first, then again in narrow ones.
_WIDE, _NARROW = 1.26, 1.08
_AGAIN_S = 600.0
_OLDEST_S = 6 * 3600.0
_MOST_TWEETS = 400.0
#: How finely a session is tabled, and how far: by 15 seconds, half an hour.
_CELL_S = 15
_CELLS = 120
_SESSIONS = 5_000


class Oracle(Policy):
    """What Roost would do if it knew."""

    def __init__(self, world: World, purse: Priced) -> None:
        super().__init__(world)
        self.people, self.purse, self.session = world.people, purse, session()
        self.read_at_ms = [
            max((at_ms for at_ms in person.reads if at_ms < BEGINS_AT_MS), default=0)
            for person in world.people
        ]

    def read(self, number: int, now_ms: int) -> None:
        """Take in when somebody reads."""
        self.read_at_ms[number] = now_ms

    def due_at_ms(self, number: int, window: Window, now_ms: int) -> int:
        """Name the first instant at which a poll is worth its price."""
        polled_at_ms = self.polled_at_ms[number]
        age_s = (now_ms - polled_at_ms) / 1000
        least_s = max(900 / window.limit, age_s)
        if age_s >= _OLDEST_S:
            return now_ms
        by_s = min(_OLDEST_S, least_s + _AGAIN_S)
        due_s = self._first(number, least_s, by_s, _WIDE)
        if due_s > least_s:
            due_s = self._first(number, max(least_s, due_s / _WIDE), due_s, _NARROW)
        return now_ms if due_s <= age_s else polled_at_ms + int(due_s * 1000) + 1

    def _first(self, number: int, age_s: float, by_s: float, step: float) -> float:
        person, price, polled_at_ms = self.people[number], self.purse.price.value, self.polled_at_ms[number]
        silence_s = (polled_at_ms - self.read_at_ms[number]) / 1000
        while age_s < by_s and self._worth(person, polled_at_ms, silence_s, age_s) < price:
            age_s *= step
        return min(age_s, by_s)

    def _worth(self, person: Person, polled_at_ms: int, silence_s: float, age_s: float) -> float:
        polled = (polled_at_ms - BEGINS_AT_MS) / MINUTE_MS
        now = polled + age_s / 60
        tweets = _up_to(person.expected, now) - _up_to(person.expected, polled)
        if tweets >= _MOST_TWEETS:
            return float("inf")
        reads = _opened(person.openings, now + age_s / 60) - _opened(person.openings, now)
        reads += _within(self.session, silence_s + age_s, age_s)
        return 0.5 * age_s * (reads * tweets / (tweets + 1.5) + TWEET_WORTH * tweets)


@cache
def session() -> "list[array[float]]":
    """Table how many more reads to expect, by how long the last one is past and how far one looks ahead."""
    quiet, following = [0] * _CELLS, [[0] * _CELLS for _ in range(_CELLS)]
    chance = Random(0)  # noqa: S311 (nothing is secret here)
    for _ in range(_SESSIONS):
        reads = [0.0, *more_reads(chance)]
        for number, read_s in enumerate(reads):
            after = [int((each - read_s) // _CELL_S) for each in reads[number + 1 :]]
            for cell in range(min(_CELLS, after[0] + 1 if after else _CELLS)):
                quiet[cell] += 1
                for each in after:
                    following[cell][min(_CELLS - 1, each - cell)] += 1
    return [
        array("d", [0.0, *(each / max(1, count) for each in accumulate(cells))])
        for count, cells in zip(quiet, following, strict=True)
    ]


def _within(table: "list[array[float]]", silence_s: float, ahead_s: float) -> float:
    cell = int(silence_s // _CELL_S)
    return _up_to(table[cell], ahead_s / _CELL_S) if cell < _CELLS else 0.0


def _opened(openings: "array[float]", minute: float) -> float:
    """Count the openings to expect from the beginning up to a minute; every day is the same."""
    days, rest = divmod(minute, DAY_MINUTES)
    return float(days * openings[DAY_MINUTES] + _up_to(openings, rest))


def _up_to(sums: "array[float]", place: float) -> float:
    """Read a running sum between two of its places."""
    before = int(place)
    if before >= len(sums) - 1:
        return sums[-1]
    here = sums[before]
    return here + (sums[before + 1] - here) * (place - before)
