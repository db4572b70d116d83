"""
The price of a request: one number that makes all accounts together spend the app's budget.

It rises while more is spent than the budget's rate, and falls while less is: a short memory
of what is spent keeps it steady, a debt makes it win back within a day what was spent too
much or too little. A bucket stands behind it: whatever the price does, no span of time sees
more requests than the rate allows and one bucket more.

Source: the study of freshness, sections 4 and 5, whose figures the constants are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import exp, sqrt

from shared.domain.interest import Interest, read_rate
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
#: which the price is steered stays within these.
_LEAST_RATIO = 0.05
_MOST_RATIO = 20.0
_LEAST_SHARE = 0.05
#: Below the one every poll is worth the price, above the other none is, so beyond them it would steer nothing
#: and only take days to come back: where X's windows hold spending down, or readers alone keep it up.
_LEAST_VALUE, _MOST_VALUE = 1e-6, 1e6
#: Two adjustments that lie further apart had a pause between them, in which nobody could spend.
_PAUSE_S = 120.0
#: A day's spending ends within two hundredths of what it is steered to, and must end below what is allowed.
_AIM = 0.98


@dataclass(frozen=True, slots=True)
class Price:
    """
    What a poll must be worth, and what the bucket holds.

    Units: `value` in seconds that readers are spared; `rate` and `spending` in requests a second;
           `tokens` and `debt` in requests; `filling`, what the bucket is filled with, in requests a
           second: the rate, if it is None.
    """

    value: float
    rate: float
    tokens: float
    spending: float
    debt: float
    adjusted_at_ms: int
    filling: float | None = None

    def filled(self) -> float:
        """Tell how many requests a second the bucket is filled with."""
        return self.rate if self.filling is None else self.filling

    def reserve(self) -> float:
        """Tell how many requests polls leave in the bucket to those who read now."""
        return max(1.0, _FOR_READS_S * self.filled())


@dataclass(frozen=True, slots=True)
class Allowance:
    """
    What all accounts together may spend.

    Shape: `accounts` do not sleep; `daily` is the most requests of a day, 0 for no such limit.
    """

    accounts: int
    cadence_ms: int
    daily: int = 0

    def rate(self) -> float:
        """Say how many requests a second to steer to: no more than polling everybody evenly would take."""
        wished = max(1, self.accounts) * 1000 / self.cadence_ms
        return min(wished, _AIM * self.daily / _DAY_S) if self.daily else wished

    def filling(self) -> float:
        """Say how many requests a second fill the bucket."""
        return self.daily / _DAY_S if self.daily else self.rate()


def first(allowance: Allowance, now_ms: int) -> Price:
    """Make the first price, for accounts of which nothing is known yet."""
    newcomer = Interest(now_ms)
    demand = (read_rate(newcomer, now_ms), newcomer.tweet_rate)
    price = start(allowance.rate(), [demand] * max(1, allowance.accounts), now_ms)
    return take_over(price, allowance)


def take_over(price: Price, allowance: Allowance) -> Price:
    """Go on with another allowance: what was saved and what is owed last as long as before."""
    rate, filling = allowance.rate(), allowance.filling()
    other = replace(price, rate=rate, filling=filling)
    # Without a limit the bucket may be overdrawn; nobody is to pay for that when there is one.
    tokens = max(0.0, price.tokens) * other.filled() / price.filled()
    return replace(other, tokens=tokens, debt=price.debt * rate / price.rate)


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
    """
    Steer the price by the requests spent since it was last adjusted; about once a minute.

    After a pause the price is what it was: what was not spent then says nothing of what will be.
    """
    since_s = (now_ms - price.adjusted_at_ms) / 1000
    if since_s <= 0:
        return price
    day, was_paused = price.rate * _DAY_S, since_s > _PAUSE_S
    refilled = price.tokens - spent + price.filled() * since_s
    later = replace(
        price,
        tokens=min(refilled, most_in_bucket(price)),
        debt=max(-day, min(day, price.debt + spent - price.rate * min(since_s, _PAUSE_S))),
        adjusted_at_ms=now_ms,
    )
    return later if was_paused else _steer(later, spent, since_s)


def _steer(price: Price, spent: int, since_s: float) -> Price:
    spending = price.spending + (spent / since_s - price.spending) * (1 - exp(-since_s / _AVERAGE_S))
    ratio = spending / (price.rate * max(_LEAST_SHARE, 1 - price.debt / (price.rate * _DAY_S)))
    ratio = max(_LEAST_RATIO, min(_MOST_RATIO, ratio))
    value = price.value * ratio ** (_STEER * since_s / _STEER_S)
    return replace(price, value=max(_LEAST_VALUE, min(_MOST_VALUE, value)), spending=spending)


def most_in_bucket(price: Price) -> float:
    """Tell how many requests the bucket holds when it is full."""
    return _BUCKET_S * price.filled()


def may_poll(price: Price, spent: int) -> bool:
    """Tell whether the bucket has a request for a poll, after what was spent since the last adjustment."""
    return price.tokens - spent >= price.reserve()


def may_read(price: Price, spent: int) -> bool:
    """Tell whether the bucket has a request for somebody who reads now."""
    return price.tokens - spent >= 1
