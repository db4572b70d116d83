"""
What a poll would be worth now, and when it will be worth its price.

A poll is worth what it spares: the seconds that readers are about to see a timeline lag
behind, and a little for each tweet that waits to be seen. That grows with the age of what is
held, the faster the more tweets come and the sooner somebody reads. All accounts are held
against one price for a request; who is bound by X's window alone is paced evenly instead,
since there a request not made is lost.

Source: the study of freshness, section 5, whose figures the constants are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, sqrt

from shared.domain.budget import Window
from shared.domain.interest import Interest, read_rate

#: Section 5, V: one second of one tweet's delay against one second of what a reader sees.
TWEET_WORTH = 3e-4
#: Section 5, V: in a session so many more reads follow, within about so many seconds.
_MORE_READS = 1.2
_SESSION_S = 150.0
#: Section 5, V: a timeline of x expected tweets lags behind by about x / (x + 1.5) of its age.
_HALF_BEHIND = 1.5
#: Section 5, next_due: ages are tried in such steps; 8 % off the best moment costs nothing to speak of.
_STEP = 1.08
#: Section 5, next_due: X's window is spread over its 15 minutes; one never seen is taken to hold 180.
_WINDOW_S = 900.0
_ASSUMED_LIMIT = 180
#: Section 5, next_due: nothing gets older than this, nor, since X shows 800 tweets, than about 400 tweets.
_OLDEST_S = 6 * 3600.0
_MOST_TWEETS = 400.0
#: Section 5, gate: requests of a window left for reads, where somebody has read in the last day, and while a
#: session may go on. The study keeps 2; these refuse half as many reads, and hold tweets two seconds later
#: where X's window of 15 is all that binds (bench of freshness).
_RESERVE = 3
_SESSION_RESERVE = 5
_DAY_MS = 24 * 3600 * 1000
_LATELY_MS = 15 * 60 * 1000
_HOUR_MS = 3600 * 1000
_HALF_HOUR_MS = 1800 * 1000


@dataclass(frozen=True, slots=True)
class Demand:
    """
    What was asked of one timeline when it was polled: tweets a second, and how long after a read that was.

    Units: `polled_after_read_s` is negative where somebody has read since the poll.
    """

    tweet_rate: float
    polled_after_read_s: float


def demand(interest: Interest, now_ms: int) -> Demand:
    """Say what is asked of the account's timeline, as far as is known now."""
    # Two processes' clocks differ: a read of the future is one of now.
    last_read_at_ms = min(interest.last_read_at_ms, now_ms)
    return Demand(interest.tweet_rate, (interest.last_polled_at_ms - last_read_at_ms) / 1000)


def worth(demand: Demand, read_rate: float, age_s: float) -> float:
    """
    Say what a poll is worth when the timeline held is so old, and opened so often a second at that time.

    Units: seconds that readers see it lag behind.
    """
    tweets = demand.tweet_rate * age_s
    session = exp(-(demand.polled_after_read_s + age_s) / _SESSION_S) * (1 - exp(-age_s / _SESSION_S))
    reads = read_rate * age_s + _MORE_READS * session
    return 0.5 * age_s * (reads * tweets / (tweets + _HALF_BEHIND) + TWEET_WORTH * tweets)


def due_at_ms(interest: Interest, price: float, window: Window | None, now_ms: int) -> int:
    """
    Name the instant at which a poll is worth its price, if neither tweets nor reads nor the price change.

    Shape: an instant that is not past `now_ms` says: poll now.
    """
    polled_at_ms = interest.last_polled_at_ms
    age_s = (now_ms - polled_at_ms) / 1000
    spread_s = _WINDOW_S / (window.limit if window and window.limit else _ASSUMED_LIMIT)
    oldest_s = max(spread_s, min(_OLDEST_S, _MOST_TWEETS / max(interest.tweet_rate, 1e-9)))
    if age_s >= oldest_s:
        return now_ms
    asked = demand(interest, now_ms)
    for stretch in _stretches(interest, max(spread_s, age_s), oldest_s):
        due_s = _first_worth(asked, price, stretch)
        if due_s < stretch.by_s:
            break
    return now_ms if due_s <= age_s else polled_at_ms + int(due_s * 1000) + 1


@dataclass(frozen=True, slots=True)
class _Stretch:
    """
    A stretch of ages over which the read rate follows a straight line.

    Units: `slope` is by how much the rate rises each second.
    """

    from_s: float
    by_s: float
    rate: float
    slope: float


def _stretches(interest: Interest, from_s: float, by_s: float) -> Iterator[_Stretch]:
    """Look ahead from one age to another; habits bend in the middle of an hour, and nowhere else."""
    polled_at_ms = interest.last_polled_at_ms
    begins_ms, ends_ms = polled_at_ms + int(from_s * 1000), polled_at_ms + int(by_s * 1000) + 1
    rate = read_rate(interest, begins_ms)
    while begins_ms < ends_ms:
        bend_ms = ((begins_ms - _HALF_HOUR_MS) // _HOUR_MS + 1) * _HOUR_MS + _HALF_HOUR_MS
        # To the bend even if it lies beyond: the line is the same, and two ends may be one instant.
        later = read_rate(interest, bend_ms)
        lasts_s = (bend_ms - begins_ms) / 1000
        yield _Stretch(from_s, min(by_s, from_s + lasts_s), rate, (later - rate) / lasts_s)
        begins_ms, from_s, rate = bend_ms, from_s + lasts_s, later


def _first_worth(demand: Demand, price: float, stretch: _Stretch) -> float:
    """Find the first age of the stretch at which a poll is worth the price, or its end."""
    age_s = max(stretch.from_s, _not_before(demand, price, stretch))
    while age_s < stretch.by_s:
        read_rate = stretch.rate + stretch.slope * (age_s - stretch.from_s)
        if worth(demand, read_rate, age_s) >= price:
            return age_s
        age_s *= _STEP
    return stretch.by_s


def _not_before(demand: Demand, price: float, stretch: _Stretch) -> float:
    """Name an age before which no poll can be worth the price: bound the worth by a square of the age."""
    read_rate = stretch.rate + max(0.0, stretch.slope) * (stretch.by_s - stretch.from_s)
    session = _MORE_READS / _SESSION_S * exp(-(demand.polled_after_read_s + stretch.from_s) / _SESSION_S)
    return sqrt(2 * price / (read_rate + session + TWEET_WORTH * demand.tweet_rate))


def pace_at_ms(interest: Interest, window: Window | None, now_ms: int) -> int:
    """
    Name the instant of the next poll of an account that is bound by X's window alone.

    To be asked after a poll, never at a read: asked again and again it would move away.
    """
    if window is None or now_ms >= window.resets_at_ms:
        return now_ms
    left = max(0, window.left - reserve(interest, window, now_ms))
    return now_ms + (window.resets_at_ms - now_ms) // (left + 1)


def reserve(interest: Interest, window: Window, now_ms: int) -> int:
    """Say how many requests of the window to keep for reads; of a very small one, a single one."""
    silence_ms = now_ms - interest.last_read_at_ms
    if silence_ms > _DAY_MS:
        return 0
    kept = _SESSION_RESERVE if silence_ms <= _LATELY_MS else _RESERVE
    return min(kept, max(1, window.limit // 3))
