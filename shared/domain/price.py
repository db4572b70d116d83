"""
The price of a request: one number that makes all accounts together spend the app's budget.

It rises while more is spent than the budget's rate, and falls while less is: a short memory
of what is spent keeps it steady, a debt makes it win back within a day what was spent too
much or too little. A bucket stands behind it: whatever the price does, no span of time sees
more requests than the rate allows and one bucket more.

Source: the study of freshness, sections 4 and 5, whose figures the constants are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, sqrt

from shared.domain.worth import TWEET_WORTH

_DAY_S = 24 * 3600.0
#: Section 5, "every 60 s": what is spent is averaged over ten minutes.
_AVERAGE_S = 600.0
#: Section 5, "every 60 s": the price moves by the square of what is overspent, within an hour.
_STEER_S = 3600.0
_STEER = 2.0
#: Section 5, "every 60 s": the bucket holds three hours of the budget.
_BUCKET_S = 3 * 3600.0
#: Section 5, gate: of which ten minutes are kept for reads.
_FOR_READS_S = 600.0
#: A day's debt would divide by nothing, and a night without a request sink the price for good: the ratio by
#: which the price is steered stays within these, and a scheduler's pause counts for no more than the average.
_LEAST_RATIO = 0.05
_MOST_RATIO = 20.0
_LEAST_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Price:
    """
    What a poll must be worth, and what the bucket holds.

    Units: `value` in seconds that readers are spared; `rate` and `spending` in requests a second;
           `tokens` and `debt` in requests.
    """

    value: float
    rate: float
    tokens: float
    spending: float
    debt: float
    adjusted_at_ms: int


def start(rate: float, demands: Iterable[tuple[float, float]], now_ms: int) -> Price:
    """
    Make a first price for a budget of so many requests a second.

    Shape: `demands` are pairs of read rate and tweet rate, one of each account.
    """
    total = sum(sqrt(reads + TWEET_WORTH * tweets) for reads, tweets in demands)
    return Price(
        value=total**2 / (2 * rate**2),
        rate=rate,
        tokens=_BUCKET_S * rate,
        spending=rate,
        debt=0.0,
        adjusted_at_ms=now_ms,
    )


def adjust(price: Price, spent: int, now_ms: int) -> Price:
    """Steer the price by the requests spent since it was last adjusted; about once a minute."""
    since_s = (now_ms - price.adjusted_at_ms) / 1000
    if since_s <= 0:
        return price
    spending = price.spending + (spent / since_s - price.spending) * (1 - exp(-since_s / _AVERAGE_S))
    day = price.rate * _DAY_S
    debt = max(-day, min(day, price.debt + spent - price.rate * since_s))
    ratio = spending / (price.rate * max(_LEAST_SHARE, 1 - debt / day))
    ratio = max(_LEAST_RATIO, min(_MOST_RATIO, ratio))
    return Price(
        value=price.value * ratio ** (_STEER * min(since_s, _AVERAGE_S) / _STEER_S),
        rate=price.rate,
        tokens=min(price.tokens - spent + price.rate * since_s, _BUCKET_S * price.rate),
        spending=spending,
        debt=debt,
        adjusted_at_ms=now_ms,
    )


def may_poll(price: Price, spent: int) -> bool:
    """Tell whether the bucket has a request for a poll, after what was spent since the last adjustment."""
    return price.tokens - spent >= max(1.0, _FOR_READS_S * price.rate)


def may_read(price: Price, spent: int) -> bool:
    """Tell whether the bucket has a request for somebody who reads now."""
    return price.tokens - spent >= 1
