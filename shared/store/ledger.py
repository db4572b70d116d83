"""
Posts read, as X bills them: each once per app and UTC day, whoever reads it.

    reserve  before X is asked: as many posts as every limit leaves
    note     after it answered: count what it had not billed yet, and give the rest back

The count is exact, from a set of the day's ids. For 100,000 posts a day, which is X's
cap of three million a month, it holds 4.0 MB and costs 3.8 us a page (Valkey 9.1); a
HyperLogLog holds 0.03 MB and costs 5.9 us, but takes a page of 100 new posts for
anything from 26 to 202: no share of an account's can be told from it, and no limit kept.

Billed to an account is what it was the first to read; so the accounts' bills add up to
the app's. A post counts in the day in which its request was reserved.

What is reserved counts as spent until the answer is noted. If that never comes, for
the fetcher died or X fell silent, it covers the account's next request of the day,
which asks for the same posts and is not billed for them again; without one it counts
till midnight, and in the month a day longer. So an outage holds back one page an
account and never the day, and who asks again is never refused for what it lost. What X
billed in a lost answer and never shows again, it alone knows of. What a check asks for is
other posts than what a poll does: it is reserved apart.

Keys: {app}:billed, {app}:bill, {app}:reserved
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.domain.account import AccountId
from shared.domain.money import DAY_MS, Bound, Budget, Spent, allowance, day_of, month_of
from shared.domain.tweet import TweetId
from shared.store import keys, scripts
from shared.store.commands import Word
from shared.store.connection import Connection

#: What is kept of a day and of a month goes so long after it was last written.
DAY_LIVES_MS = 3 * DAY_MS
MONTH_LIVES_MS = 400 * DAY_MS
#: How many bills may name an account: of days and of months, with one to spare of each.
_DAYS, _MONTHS = 4, 15


@dataclass(frozen=True, slots=True)
class Reservation:
    """The right to ask X once for up to so many posts, reserved at `at_ms`; by a check, or by a poll."""

    account_id: AccountId
    posts: int
    at_ms: int
    by_check: bool = False


@dataclass(frozen=True, slots=True)
class Exhausted:
    """No post may be asked for before `until_ms`; `bound` says which limit it is."""

    until_ms: int
    bound: Bound


class Ledger:
    """What was read, and what may still be."""

    def __init__(self, redis: Connection, budget: Budget) -> None:
        self._redis = redis
        self._budget = budget
        self._limits = ["" if limit is None else limit for limit in budget.limits()]
        self._reserve = scripts.register(redis, "reserve").together()
        self._note = scripts.register(redis, "billed").together()

    async def reserve(
        self, account_id: AccountId, posts: int, *, now_ms: int, by_check: bool = False
    ) -> Reservation | Exhausted:
        """
        Reserve up to so many posts for one request, in one round trip; in none, when nothing is limited.

        Shape:  fewer posts than wanted when a limit is near; ask X for no more than these.
        Errors: RedisError; do not ask X.
        """
        if not self._budget.is_limited():
            return Reservation(account_id, posts, now_ms, by_check)
        names = [*_bills(now_ms), keys.reserved(day_name(now_ms)), *_reserved_earlier(now_ms)]
        own, other = _names(account_id)[:: -1 if by_check else 1]
        args: list[Word] = [account_id, posts, now_ms, *self._limits, DAY_LIVES_MS, own, other]
        granted, *counts = await self._reserve((names, args))
        if granted:
            return Reservation(account_id, granted, now_ms, by_check)
        none = allowance(self._budget, Spent(*counts), now_ms)
        return Exhausted(none.until_ms, none.bound or "reserved")

    async def note(self, reservation: Reservation, ids: Sequence[TweetId]) -> Spent:
        """
        Count what X answered to a reserved request, in one round trip; no ids when it billed nothing.

        Errors: RedisError; the posts stay reserved and cover the account's next request.
        """
        at_ms, account_id = reservation.at_ms, reservation.account_id
        day = day_name(at_ms)
        name = _names(account_id)[reservation.by_check]
        asked: list[Word] = [account_id, reservation.posts, at_ms]
        args = [*asked, DAY_LIVES_MS, MONTH_LIVES_MS, name, *ids]
        return Spent(*await self._note(([keys.billed(day), *_bills(at_ms), keys.reserved(day)], args)))

    async def read_today(self, ids: Sequence[TweetId], *, now_ms: int) -> frozenset[TweetId]:
        """Name those of these tweets that X has shown, and billed, on this UTC day; one round trip."""
        if not ids:
            return frozenset()
        (found,) = await self._redis.ask_all([("SMISMEMBER", keys.billed(day_name(now_ms)), *ids)])
        return frozenset(each for each, is_read in zip(ids, found, strict=True) if is_read)

    async def spent(self, account_id: AccountId | None = None, *, now_ms: int) -> Spent:
        """Tell what was spent by all, and because of one account if it is named; in one round trip."""
        day, month = _bills(now_ms)
        places = [(day, "app"), (month, "app"), (day, account_id or "")]
        places += [(name, "app") for name in (keys.reserved(day_name(now_ms)), *_reserved_earlier(now_ms))]
        answers = await self._redis.ask_all([("HGET", *place) for place in places])
        return Spent(*(int(each or 0) for each in answers))

    async def forget(self, account_id: AccountId, *, now_ms: int) -> None:
        """Name an account nowhere any more; what it cost, and what it reserved, stays the app's."""
        names, at_ms = [], now_ms
        for _ in range(_MONTHS):
            names.append(keys.bill(month_name(at_ms)))
            at_ms = month_of(at_ms)[0] - 1
        for back in range(_DAYS):
            day = day_name(now_ms - back * DAY_MS)
            names += [keys.bill(day), keys.reserved(day)]
        await self._redis.ask_all([("HDEL", name, *_names(account_id)) for name in names])


def _names(account_id: AccountId) -> tuple[str, str]:
    """Name an account in what is reserved: for its polls, and for its checks."""
    return f"{account_id}", f"{account_id}?"


def _bills(at_ms: int) -> list[str]:
    return [keys.bill(day_name(at_ms)), keys.bill(month_name(at_ms))]


def _reserved_earlier(at_ms: int) -> list[str]:
    """Name what yesterday's requests reserved and never told of, if it was in the same month."""
    before_ms = day_of(at_ms)[0] - 1
    return [keys.reserved(day_name(before_ms))] if month_name(before_ms) == month_name(at_ms) else []


def day_name(at_ms: int) -> str:
    """Name the UTC day of an instant, as keys do."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%d")


def month_name(at_ms: int) -> str:
    """Name the UTC month of an instant, as keys do."""
    return day_name(at_ms)[:7]
