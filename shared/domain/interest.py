"""
What is known of one account: how fast tweets come into its timeline, and when its person looks.

A few numbers that forget: the rate of tweets within hours, the openings within weeks, the
hours of the day a little from day to day. They are updated by what happens anyway, a poll
and a read, and say how many reads to expect. Reads in quick succession are one opening:
only the first of them could not be foreseen from the others.

Source: the study of freshness, section 5, whose figures the constants are.
"""

from dataclasses import dataclass
from math import exp

_DAY_S = 24 * 3600.0
_DAY_MS = 24 * 3600 * 1000
_HOUR_MS = 3600 * 1000

#: Section 5, "new account": half a tweet a minute, until polls tell.
_FIRST_TWEET_RATE = 0.5 / 60
#: Section 5, "after a poll": the tweet rate follows what polls count within two hours.
_TWEETS_S = 2 * 3600.0
#: Section 5, "on a read": after so much silence a read opens the timeline anew.
_SILENCE_MS = 30 * 60 * 1000
#: Section 5, "on a read" and rho: openings count for a fortnight.
_OPENS_S = 14 * _DAY_S
#: Section 5, rho: a new account is taken to open once a day, as firmly as 0.3 openings and hours would say.
_PRIOR = 0.3
#: Section 5, note 5: habits change; the hours keep this much from one day to the next.
_HOURS_KEPT = 0.97


@dataclass(frozen=True, slots=True)
class Interest:
    """
    What polls and reads have told about one account.

    Units: `tweet_rate` is tweets a second; `opens` counts openings and fades; `hours` counts them by
           hour of the UTC day, as of the newest opening; an instant that has not come yet is 0.
    """

    registered_at_ms: int
    tweet_rate: float = _FIRST_TWEET_RATE
    opens: float = 0.0
    opened_at_ms: int = 0
    last_read_at_ms: int = 0
    last_polled_at_ms: int = 0
    hours: tuple[float, ...] = (0.0,) * 24


def after_poll(interest: Interest, new_tweets: int, now_ms: int) -> Interest:
    """Take in how many new tweets a poll brought; the first poll tells no rate."""
    rate = interest.tweet_rate
    since_s = (now_ms - interest.last_polled_at_ms) / 1000
    if interest.last_polled_at_ms and since_s > 0:
        rate += (1 - exp(-since_s / _TWEETS_S)) * (new_tweets / since_s - rate)
    return Interest(
        interest.registered_at_ms,
        rate,
        interest.opens,
        interest.opened_at_ms,
        interest.last_read_at_ms,
        max(now_ms, interest.last_polled_at_ms),
        interest.hours,
    )


def after_read(interest: Interest, now_ms: int) -> Interest:
    """Take in that somebody reads the timeline now; after half an hour of silence this opens it."""
    opens, opened_at_ms, hours = interest.opens, interest.opened_at_ms, interest.hours
    if now_ms - interest.last_read_at_ms > _SILENCE_MS:
        opens = opens * _faded(interest, now_ms) + 1
        hours = _counted(interest, now_ms)
        opened_at_ms = now_ms
    return Interest(
        interest.registered_at_ms,
        interest.tweet_rate,
        opens,
        opened_at_ms,
        max(now_ms, interest.last_read_at_ms),
        interest.last_polled_at_ms,
        hours,
    )


def read_rate(interest: Interest, now_ms: int) -> float:
    """
    Say how often the timeline is opened at this time of the day.

    Units: openings a second.
    """
    known_s = (now_ms - interest.registered_at_ms) / 1000
    opens = interest.opens * _faded(interest, now_ms) + _PRIOR
    over_s = _OPENS_S * (1 - exp(-known_s / _OPENS_S)) + _PRIOR * _DAY_S
    return opens / over_s * _habit(interest, now_ms)


def write(interest: Interest) -> str:
    """Write it as one short line of text; rates and counts keep four or five digits."""
    hours = ",".join(f"{each:.3g}" if each >= 0.001 else "" for each in interest.hours)
    return (
        f"{interest.registered_at_ms} {interest.tweet_rate:.5g} {interest.opens:.4g} {interest.opened_at_ms}"
        f" {interest.last_read_at_ms} {interest.last_polled_at_ms} {hours.rstrip(',')}"
    )


def read(text: str) -> Interest:
    """
    Read what `write` wrote.

    Errors: ValueError when it is not that.
    """
    registered, rate, opens, opened, last_read, last_polled, written = text.split(" ")
    hours = [float(each or 0) for each in written.split(",")]
    hours += [0.0] * (24 - len(hours))
    return Interest(
        int(registered),
        float(rate),
        float(opens),
        int(opened),
        int(last_read),
        int(last_polled),
        tuple(hours),
    )


def _faded(interest: Interest, now_ms: int) -> float:
    """Say which part of the openings still counts."""
    return exp(-(now_ms - interest.opened_at_ms) / 1000 / _OPENS_S)


def _counted(interest: Interest, now_ms: int) -> tuple[float, ...]:
    """Count one opening in its hour, the others faded up to now."""
    kept = _kept(interest, now_ms)
    opened = now_ms // _HOUR_MS % 24
    return tuple(each * kept + (hour == opened) for hour, each in enumerate(interest.hours))


def _kept(interest: Interest, now_ms: int) -> float:
    """Say which part of the hours' counts is kept by now."""
    return float(_HOURS_KEPT ** ((now_ms - interest.opened_at_ms) / _DAY_MS))


def _habit(interest: Interest, now_ms: int) -> float:
    """Say how much likelier an opening is now than at any time of the day."""
    kept = _kept(interest, now_ms)
    # Counts stand in the middle of their hours; between two middles lies a straight line.
    place = now_ms / _HOUR_MS - 0.5
    hour, part = int(place) % 24, place % 1
    here = _smooth(interest.hours, hour) * (1 - part) + _smooth(interest.hours, hour + 1) * part
    return (here * kept + _PRIOR) / (sum(interest.hours) / 24 * kept + _PRIOR)


def _smooth(hours: tuple[float, ...], hour: int) -> float:
    """Take a half of the hour's count, and a fourth of each neighbour's."""
    return hours[(hour - 1) % 24] / 4 + hours[hour % 24] / 2 + hours[(hour + 1) % 24] / 4
