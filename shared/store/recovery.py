"""
All accounts once, after Redis came back from a backup or everybody has waited for long.

    distrust   what may have happened since the backup: `domain/recovery.py`
    reorder    who read last is due first
    hold_back  of the budgets, what may have been spent

Each may be done again, whole or in part. It takes as long as there are accounts, some hundreds
to a round trip, and is for a command by hand, before schedulers start.

Keys: due, leases, accounts, account, arrivals, {app}:price, {app}:bill
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from shared.domain.account import AccountId, shard_of
from shared.domain.price import Price
from shared.domain.recovery import Lost, due_after
from shared.store import keys, scripts
from shared.store.commands import Word
from shared.store.connection import Connection
from shared.store.ledger import DAY_LIVES_MS, MONTH_LIVES_MS, day_name, month_name
from shared.store.prices import Prices

_AT_ONCE = 500
_DAY_MS = 24 * 3600 * 1000


class Recovery:
    """Everybody who is registered."""

    def __init__(self, redis: Connection) -> None:
        self._redis = redis
        self._prices = Prices(redis)
        self._distrust = scripts.register(redis, "distrust")
        self._reorder = scripts.register(redis, "lease", "reorder")

    async def count(self) -> int:
        """Count the accounts."""
        return sum(await self._redis.ask_all(("SCARD", keys.accounts(shard)) for shard in keys.shards()))

    async def all_ids(self) -> AsyncIterator[list[AccountId]]:
        """Name all accounts, some hundreds at a time; one that is registered meanwhile may be left out."""
        for shard in keys.shards():
            cursor = None
            while cursor != 0:
                call = ("SSCAN", keys.accounts(shard), int(cursor or 0), "COUNT", _AT_ONCE)
                ((raw, found),) = await self._redis.ask_all([call])
                cursor = int(raw)
                yield [AccountId(int(each)) for each in found]

    async def sealed(self, ids: Sequence[AccountId]) -> list[tuple[bytes, bool]]:
        """Read the sealed credentials of these accounts, and whether each had a place in the schedule."""
        sealed = [("HGET", keys.account(each), "credential") for each in ids]
        places = [("ZSCORE", keys.due(shard_of(each)), each) for each in ids]
        found = await self._redis.ask_all([*sealed, *places])
        both = zip(found[: len(ids)], found[len(ids) :], strict=True)
        return [(credential or b"", due_at_ms is not None) for credential, due_at_ms in both]

    async def distrust(self, used: dict[AccountId, bool], lost: Lost, *, now_ms: int) -> None:
        """Suppose the worst of these accounts; `used` says whose refresh token may be used up."""
        await self._distrust.call_all(
            (
                (keys.leases(shard_of(each)), keys.account(each), keys.arrivals(each)),
                (each, now_ms, lost.windows_anew_at_ms, int(is_used)),
            )
            for each, is_used in used.items()
        )

    async def reorder(
        self, ids: Sequence[AccountId], first_at_ms: int, *, before_ms: int | None, now_ms: int
    ) -> int:
        """
        Make these accounts due from `first_at_ms` on; who read last is first.

        Units: who is due at `before_ms` or later stays; nobody does for None.
        Shape: how many; who is read now, is being polled or sleeps stays.
        """
        fields = ("read_at_ms", "registered_at_ms")
        noted = await self._redis.ask_all(("HMGET", keys.account(each), *fields) for each in ids)
        calls: list[scripts.Call] = []
        for each, (read_at_ms, registered_at_ms) in zip(ids, noted, strict=True):
            due_at_ms = due_after(first_at_ms, int(read_at_ms or registered_at_ms or 0), now_ms)
            own = (keys.due(shard_of(each)), keys.leases(shard_of(each)))
            calls.append((own, (each, now_ms, due_at_ms, "" if before_ms is None else before_ms)))
        return sum(await self._reorder.call_all(calls))

    async def known_until(self, *, now_ms: int) -> tuple[Price | None, int]:
        """
        Read the price as it was last adjusted, once a minute, and the requests of this UTC day.

        Shape: its tokens are those that were left when Redis last heard of any.
        """
        price = await self._prices.now()
        noted = await self._redis.hmget(keys.APP_PRICE, ["spent", "day", "day_spent"])
        spent, day, day_spent = (int(each or 0) for each in noted)
        known = day_spent if day == now_ms // _DAY_MS else 0
        return price and replace(price, tokens=price.tokens - spent), known

    async def hold_back_requests(self, requests: int, lost: Lost, *, now_ms: int) -> None:
        """Count so many requests for this UTC day; the bucket fills anew from when Redis was lost."""
        fields = {"day": now_ms // _DAY_MS, "day_spent": requests, "tokens": 0, "spent": 0}
        words = [word for field in fields.items() for word in field]
        await self._redis.ask_all([("HSET", keys.APP_PRICE, *words, "adjusted_at_ms", lost.until_ms)])

    async def hold_back_posts(self, day: int | None, month: int | None, *, now_ms: int) -> None:
        """Let the bills of this UTC day and month be at least these; None leaves one as it is."""
        await self._raise(keys.bill(day_name(now_ms)), {"app": day}, DAY_LIVES_MS)
        await self._raise(keys.bill(month_name(now_ms)), {"app": month}, MONTH_LIVES_MS)

    async def believe_posts(self, day: int | None, month: int | None, *, now_ms: int) -> None:
        """Let these be the bills of this UTC day and month, for somebody has asked X; None leaves one."""
        told = (day_name(now_ms), day, DAY_LIVES_MS), (month_name(now_ms), month, MONTH_LIVES_MS)
        for period, posts, lives_ms in told:
            if posts is not None:
                bill = keys.bill(period)
                await self._redis.ask_all([("HSET", bill, "app", posts), ("PEXPIRE", bill, lives_ms)])

    async def hold_back_accounts(
        self, ids: Sequence[AccountId], limit: int, unknown: int | None, *, now_ms: int
    ) -> None:
        """Let each account's bill of this UTC day be higher by what is unknown of all, up to its limit."""
        bill = keys.bill(day_name(now_ms))
        known = await self._redis.ask_all(("HGET", bill, each) for each in ids)
        most = {
            f"{each}": limit if unknown is None else min(limit, int(billed or 0) + unknown)
            for each, billed in zip(ids, known, strict=True)
        }
        await self._raise(bill, dict(most), DAY_LIVES_MS)

    async def _raise(self, bill: str, posts: dict[str, int | None], lives_ms: int) -> None:
        known = await self._redis.ask_all(("HGET", bill, name) for name in posts)
        higher: list[Word] = []
        for (name, most), before in zip(posts.items(), known, strict=True):
            if most is not None and most > int(before or 0):
                higher += [name, most]
        if higher:
            await self._redis.ask_all([("HSET", bill, *higher), ("PEXPIRE", bill, lives_ms)])
