"""
A made-up world: who gets which tweets when, and who looks when. The same seed is the same world.

Most timelines are slow and a few are fast; all sleep at night in their time zone, have bursts
of their own and share what excites the world. People read in sessions, half of them at times
they are used to; two in five hardly read at all.

Source: the study of freshness, section 3, whose figures the constants are.
"""

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from math import cos, exp, pi, sqrt
from random import Random
from statistics import NormalDist

SECOND_MS = 1000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
DAY_MINUTES = 24 * 60

#: When the world begins: a midnight UTC.
BEGINS_AT_MS = 20_500 * DAY_MS
#: Read habits are known from so many days before.
HISTORY_DAYS = 14

#: New York, Paris, Tokyo.
_ZONES_HOURS = (-5, 1, 9)
_HABIT_MINUTES = 25.0
_READS = 4
_PAUSE_S = 45.0
#: By so much bursts and events raise the mean of what is usual, and threads that of what is begun.
_EXCITED, _THREADED = 1.12, 1.2
#: Tweets a minute that can burst at most: it is one conversation, and a fast timeline has many.
_BURSTING = 5.0
#: Sessions a day of those who hardly read.
_DORMANT = 0.04


@dataclass(frozen=True, slots=True)
class Person:
    """
    One account: its tweets and reads, and the laws by which they were drawn, which only the oracle knows.

    Units: `tweets` and `reads` are instants, ascending; `sums` are the tweets' added up since the
           beginning; `expected` counts tweets up to each minute, `openings` sessions up to each
           minute of the day.
    """

    tweets: "array[int]"
    sums: "array[int]"
    reads: "array[int]"
    expected: "array[float]"
    openings: "array[float]"


@dataclass(frozen=True, slots=True)
class World:
    """Everybody, and how many days they are seen for."""

    seed: int
    days: int
    people: tuple[Person, ...]

    @property
    def ends_at_ms(self) -> int:
        """The end of the last day."""
        return BEGINS_AT_MS + self.days * DAY_MS

    def reads(self) -> list[tuple[int, int]]:
        """List who reads when, from the beginning on."""
        return sorted(
            (at_ms, number)
            for number, person in enumerate(self.people)
            for at_ms in person.reads[bisect_left(person.reads, BEGINS_AT_MS) :]
        )


def make_world(seed: int, people: int, days: int) -> World:
    """Draw a world; what people differ in is spread over them evenly, so that one world is like another."""
    chance = Random(seed)  # noqa: S311 (nothing is secret here)
    excitement = _events(chance, days)
    usual = [min(30.0, max(0.01, 0.5 * exp(1.7 * each))) for each in _normal(chance, people)]
    keen = [2.5 * exp(0.8 * each) for each in _normal(chance, people * 3 // 5)]
    keen += [_DORMANT] * (people - len(keen))
    drawn = (_person(chance, days, each, excitement) for each in zip(usual, keen, strict=True))
    return World(seed, days, tuple(drawn))


def _normal(chance: Random, count: int) -> list[float]:
    """Draw from each part of the normal distribution once, in any order."""
    drawn = [NormalDist().inv_cdf((each + 0.01 + 0.98 * chance.random()) / count) for each in range(count)]
    chance.shuffle(drawn)
    return drawn


def _person(chance: Random, days: int, draw: tuple[float, float], excitement: list[float]) -> Person:
    (usual, sessions), zone_hours = draw, chance.choice(_ZONES_HOURS)
    rates = _tweet_rates(chance, usual, zone_hours, excitement)
    tweets = array("q", sorted(_tweets(chance, rates)))
    openings = _openings(chance, sessions, zone_hours)
    reads = array("q", sorted(_reads(chance, openings, days)))
    return Person(
        tweets,
        array("q", accumulate((each - BEGINS_AT_MS for each in tweets), initial=0)),
        reads,
        array("d", accumulate(rates, initial=0.0)),
        array("d", accumulate(openings, initial=0.0)),
    )


def _tweet_rates(chance: Random, usual: float, zone_hours: int, excitement: list[float]) -> list[float]:
    """Say how many tweets to expect in each minute."""
    involved, days = chance.random(), len(excitement) // DAY_MINUTES
    mood = [chance.gammavariate(5, 1 / 5) for _ in range(days * 24 + 2)]
    rates = [
        usual
        / _EXCITED
        * _daylight(minute, zone_hours)
        * (mood[minute // 60] + (mood[minute // 60 + 1] - mood[minute // 60]) * (minute % 60) / 60)
        * (1 + involved * excitement[minute])
        for minute in range(days * DAY_MINUTES)
    ]
    for _ in range(_poisson(chance, 2 * days)):
        begins, lasts, times = chance.randrange(len(rates)), chance.gauss(12, 4), chance.uniform(3, 8)
        for minute in range(begins, min(len(rates), begins + max(2, int(lasts)))):
            rates[minute] += (times - 1) * min(rates[minute], _BURSTING)
    return rates


def _events(chance: Random, days: int) -> list[float]:
    """Say by how much more there is to talk about in each minute: one event a day, fading within the hour."""
    excitement = [0.0] * (days * DAY_MINUTES)
    for _ in range(days):
        begins, strength = chance.randrange(len(excitement)), chance.uniform(1, 4)
        for minute in range(begins, min(len(excitement), begins + 240)):
            excitement[minute] += strength * exp(-(minute - begins) / 45)
    return excitement


def _daylight(minute: int, zone_hours: int) -> float:
    """Say how awake people are: most at five in the afternoon, least at five in the morning."""
    return 1 + 0.75 * cos(2 * pi * ((minute / 60 + zone_hours - 17) / 24))


def _tweets(chance: Random, rates: list[float]) -> list[int]:
    """Draw the tweets of each minute; one in ten brings some more with it in the next seconds."""
    tweets = []
    for minute, rate in enumerate(rates):
        begins_at_ms = BEGINS_AT_MS + minute * MINUTE_MS
        for _ in range(_poisson(chance, rate / _THREADED)):
            at_ms = begins_at_ms + int(chance.random() * MINUTE_MS)
            tweets.append(at_ms)
            if chance.random() < 0.1:
                tweets += [
                    at_ms + int(chance.expovariate(0.1) * SECOND_MS) for _ in range(chance.randint(1, 3))
                ]
    return tweets


def _openings(chance: Random, sessions: float, zone_hours: int) -> list[float]:
    """Say how many sessions to expect in each minute of the day (UTC)."""
    habits = [chance.gauss(14, 5) * 60 - zone_hours * 60 for _ in range(chance.randint(1, 3))]
    return [
        sessions
        * (
            0.5 * _daylight(minute, zone_hours) / DAY_MINUTES
            + 0.5 * sum(_around(minute, habit) for habit in habits) / len(habits)
        )
        for minute in range(DAY_MINUTES)
    ]


def _around(minute: float, habit: float) -> float:
    away = (minute - habit + DAY_MINUTES / 2) % DAY_MINUTES - DAY_MINUTES / 2
    return exp(-0.5 * (away / _HABIT_MINUTES) ** 2) / (_HABIT_MINUTES * sqrt(2 * pi))


def _reads(chance: Random, openings: list[float], days: int) -> list[int]:
    """Draw sessions by their law, and the reads of each; the history comes first."""
    reads = []
    for day in range(-HISTORY_DAYS, days):
        for opened in chance.choices(range(DAY_MINUTES), openings, k=_poisson(chance, sum(openings))):
            at_ms = BEGINS_AT_MS + day * DAY_MS + opened * MINUTE_MS + chance.randrange(MINUTE_MS)
            reads.append(at_ms)
            reads += [at_ms + int(each * SECOND_MS) for each in more_reads(chance)]
    return [at_ms for at_ms in reads if at_ms < BEGINS_AT_MS + days * DAY_MS]


def more_reads(chance: Random) -> list[float]:
    """Draw how many seconds after its first read the others of a session come."""
    after_s, reads = 0.0, []
    while chance.random() > 1 / _READS:
        after_s += chance.lognormvariate(0, 0.9) * _PAUSE_S
        reads.append(after_s)
    return reads


def _poisson(chance: Random, mean: float) -> int:
    if mean > 30:
        return max(0, round(chance.gauss(mean, sqrt(mean))))
    count, left = 0, chance.random()
    least = exp(-mean)
    while left > least:
        count += 1
        left *= chance.random()
    return count
