"""
What reading costs, how much of it is allowed, and how to make a budget last.

X bills each post that it returns, once per app and UTC day however often and for
whomever it is read, by days and months that end at midnight UTC. Money is counted in
micro-dollars, whole ones: half a cent is 5,000 of them.

Before the hard stop there is a soft one: what is spent ahead of the clock makes every
wait longer, so that the evening is not served worse than the morning.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

DAY_MS = 24 * 3600 * 1000
HOUR_MS = 3600 * 1000

_DOLLAR = 1_000_000

#: So far ahead of the clock, as a part of what is left, waits are twice as long: an hour of a day; twice as
#: far, five times. Squared, so that a busy hour is hardly felt and any demand is held.
_HEAD_START = 1 / 24
#: Posts reserved for requests under way are free again by then: X answers in seconds or not at all.
_UNDER_WAY_MS = 15_000
#: Who comes back may take this part of what is left: others come back the same day.
_RETURNING = 4
#: One answer of X, the least that makes a timeline worth showing.
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Budget:
    """
    The price of one post, and what may be spent; 0 is no limit.

    Units: micro-dollars; per UTC day, per UTC month, and per account and UTC day.
    """

    price: int
    daily: int = 0
    monthly: int = 0
    account_daily: int = 0

    @classmethod
    def in_dollars(cls, price: int, daily: Decimal, monthly: Decimal, account_daily: Decimal) -> "Budget":
        """Make a budget from a price in micro-dollars and limits in dollars."""
        return cls(price, *(int(each * _DOLLAR) for each in (daily, monthly, account_daily)))

    def limits(self) -> tuple[int | None, int | None, int | None]:
        """Tell how many posts the day, the month and an account's day may hold; None is no limit."""
        daily, monthly, account = (
            each // self.price if each else None for each in (self.daily, self.monthly, self.account_daily)
        )
        return daily, monthly, account

    def is_limited(self) -> bool:
        """Tell whether there is any limit."""
        return bool(self.daily or self.monthly or self.account_daily)


@dataclass(frozen=True, slots=True)
class Spent:
    """
    Posts that X has billed: in this UTC day, in this month, and in this day because of one account.

    `reserved` are posts asked for this day and not yet told of, of all accounts, `earlier` those of the day
    before, which count in the month only; none of them is in the others.
    """

    day: int = 0
    month: int = 0
    account: int = 0
    reserved: int = 0
    earlier: int = 0


#: What leaves nothing: a limit of the app, that of the account, or only what others have reserved.
Bound = Literal["month", "day", "account", "reserved"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """
    Posts that may still be asked for now; None is any number.

    When there are none, `bound` says why, and before `until_ms` there will be none.
    """

    posts: int | None
    until_ms: int = 0
    bound: Bound | None = None


def allowance(budget: Budget, spent: Spent, now_ms: int) -> Allowance:
    """Say how many posts may still be asked for, and if none, until when."""
    left = _left(budget, spent)
    if left is None or left > 0:
        return Allowance(left)
    daily, monthly, account = budget.limits()
    if monthly is not None and spent.month >= monthly:
        return Allowance(0, month_of(now_ms)[1], "month")
    if daily is not None and spent.day >= daily:
        return Allowance(0, day_of(now_ms)[1], "day")
    if account is not None and spent.account >= account:
        return Allowance(0, day_of(now_ms)[1], "account")
    return Allowance(0, now_ms + _UNDER_WAY_MS, "reserved")


def rooms(budget: Budget, spent: Spent) -> tuple[int | None, int | None, int | None]:
    """Count the posts that are left of the day, of the month and of an account's day; None is no limit."""
    used = (
        spent.day + spent.reserved,
        spent.month + spent.reserved + spent.earlier,
        spent.account,
    )
    day, month, account = (
        None if limit is None else max(0, limit - each)
        for limit, each in zip(budget.limits(), used, strict=True)
    )
    return day, month, account


def stretch(budget: Budget, spent: Spent, now_ms: int) -> float:
    """
    Say by which factor to lengthen every wait; 1 while no spending runs ahead of the clock.

    It grows with the lead, measured by the money that is left: so any demand beyond the budget
    takes a head start, is then spread evenly, and meets the hard stop at the end, not before.
    """
    limits, periods = budget.limits(), (day_of(now_ms), month_of(now_ms), day_of(now_ms))
    posts = (spent.day, spent.month, spent.account)
    return max(
        (
            _stretch(used, limit, period, now_ms)
            for used, limit, period in zip(posts, limits, periods, strict=True)
            if limit is not None
        ),
        default=1.0,
    )


def anew_at_ms(budget: Budget, now_ms: int) -> int:
    """Name the instant at which a budget begins anew: what was spent before slows nobody down after it."""
    has_days = bool(budget.daily or budget.account_daily)
    return (day_of(now_ms) if has_days else month_of(now_ms))[1]


def forecast(spent: Spent, now_ms: int) -> int:
    """
    Say how many posts the month will have cost at its end, if it goes on at today's pace.

    In the first hour of a day, whose pace is hardly known, it comes out low.
    """
    since_ms = max(HOUR_MS, now_ms - day_of(now_ms)[0])
    return spent.month + spent.day * (month_of(now_ms)[1] - now_ms) // since_ms


def catch_up_depth(budget: Budget, spent: Spent, most: int) -> int:
    """
    Say how many posts to read back for somebody who was away, before any of them is paid for.

    At most `most`, a fourth of what is left, or a page. What was missed may be less: then less is read.
    """
    left = _left(budget, spent)
    return most if left is None else min(most, max(left // _RETURNING, min(left, _PAGE)))


def day_of(at_ms: int) -> tuple[int, int]:
    """Tell when the UTC day of an instant begins and ends."""
    begins_at_ms = at_ms // DAY_MS * DAY_MS
    return begins_at_ms, begins_at_ms + DAY_MS


def month_of(at_ms: int) -> tuple[int, int]:
    """Tell when the UTC month of an instant begins and ends."""
    first = datetime.fromtimestamp(at_ms // 1000, UTC).replace(day=1, hour=0, minute=0, second=0)
    following = (first + timedelta(days=32)).replace(day=1)
    return int(first.timestamp()) * 1000, int(following.timestamp()) * 1000


def _left(budget: Budget, spent: Spent) -> int | None:
    """Count the posts that are left under the tightest limit; None when there is no limit."""
    return min((each for each in rooms(budget, spent) if each is not None), default=None)


def _stretch(used: int, limit: int, period: tuple[int, int], now_ms: int) -> float:
    begins_at_ms, ends_at_ms = period
    due = limit * (now_ms - begins_at_ms) / (ends_at_ms - begins_at_ms)
    lead = max(0.0, used - due) / max(1, limit - used)
    return float(1 + (lead / _HEAD_START) ** 2)
