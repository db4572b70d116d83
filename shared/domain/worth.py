"""
What a poll would be worth now, and when it will be worth its price.

A poll is worth what it spares: the seconds that readers are about to see a timeline lag
behind, and a little for each tweet that waits to be seen. That grows with the age of what is
held, the faster the more tweets come and the sooner somebody reads. All accounts are held
against one price for a request; who is bound by X's window alone is paced evenly instead,
since there a request not made is lost.

Source: the study of freshness, section 5, whose figures the constants are.
"""

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
#: Section 5, next_due: the price and the time of day change; a due time is looked at again by then.
_AGAIN_S = 600.0
#: Section 5, gate: requests of a window left for reads, where somebody has read in the last day; and while a
#: session may go on, where it halves the reads that are refused and costs polls nothing (bench of freshness).
_RESERVE = 2
_SESSION_RESERVE = 5
_DAY_MS = 24 * 3600 * 1000
_LATELY_MS = 15 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Demand:
    """
    What is asked of one timeline: tweets and openings a second, and how long after a read it was polled.

    Units: `polled_after_read_s` is negative where somebody has read since the poll.
    """

    tweet_rate: float
    read_rate: float
    polled_after_read_s: float


def demand(interest: Interest, now_ms: int) -> Demand:
    """Say what is asked of the account's timeline, as far as is known now."""
    # Two processes' clocks differ: a read of the future is one of now.
    last_read_at_ms = min(interest.last_read_at_ms, now_ms)
    polled_after_read_s = (interest.last_polled_at_ms - last_read_at_ms) / 1000
    return Demand(interest.tweet_rate, read_rate(interest, now_ms), polled_after_read_s)


def worth(demand: Demand, age_s: float) -> float:
    """
    Say what a poll is worth when the timeline held is so old.

    Units: seconds that readers see it lag behind.
    """
    tweets = demand.tweet_rate * age_s
    session = exp(-(demand.polled_after_read_s + age_s) / _SESSION_S) * (1 - exp(-age_s / _SESSION_S))
    reads = demand.read_rate * age_s + _MORE_READS * session
    return 0.5 * age_s * (reads * tweets / (tweets + _HALF_BEHIND) + TWEET_WORTH * tweets)


def due_at_ms(interest: Interest, price: float, window: Window | None, now_ms: int) -> int:
    """
    Name the instant at which a poll is worth its price, or this is to be asked again.

    Shape: an instant that is not past `now_ms` says: poll now.
    """
    age_s = (now_ms - interest.last_polled_at_ms) / 1000
    spread_s = _WINDOW_S / (window.limit if window and window.limit else _ASSUMED_LIMIT)
    oldest_s = max(spread_s, min(_OLDEST_S, _MOST_TWEETS / max(interest.tweet_rate, 1e-9)))
    if age_s >= oldest_s:
        return now_ms
    by_s = min(oldest_s, max(spread_s, age_s + _AGAIN_S))
    due_s = first_worth(demand(interest, now_ms), price, max(spread_s, age_s), by_s)
    return now_ms if due_s <= age_s else interest.last_polled_at_ms + int(due_s * 1000) + 1


def first_worth(demand: Demand, price: float, from_s: float, by_s: float) -> float:
    """Find the first age at which a poll is worth the price, within these two."""
    age_s = max(from_s, _not_before(demand, price, from_s))
    while age_s < by_s and worth(demand, age_s) < price:
        age_s *= _STEP
    return min(age_s, by_s)


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


def _not_before(demand: Demand, price: float, from_s: float) -> float:
    """Name an age before which no poll can be worth the price: bound the worth by a square of the age."""
    session = _MORE_READS / _SESSION_S * exp(-(demand.polled_after_read_s + from_s) / _SESSION_S)
    most = demand.read_rate + session + TWEET_WORTH * demand.tweet_rate
    return sqrt(2 * price / most)
