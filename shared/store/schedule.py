"""
When each account is next due, and who may poll it until then.

A lease is a due time in the future: claiming an account moves its due time to
the end of the lease and gives the lease a number. A fetcher that dies needs
no cleaning up after: its account falls due again by itself. Any number of
schedulers may claim at once; no leader is elected (ADR 0005).

An account that somebody reads now is due at 0, before everything else. One that
sleeps has no due time at all until somebody does: what a claim costs follows who
is polled, not who is registered (ADR 0033).

Keys: due, leases, account, {app}:stopped, {app}:strikes
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.domain.account import AccountId, shard_of
from shared.domain.lease import Lease
from shared.store import keys, scripts
from shared.store.connection import Connection

#: So many accounts must have been told that the app is stopped before it is believed.
STRIKES = 3
#: What falls due within this is counted for the next tick.
_SOON_MS = 1_000


@dataclass(frozen=True, slots=True)
class Claimed:
    """
    What a pass over all shards brought.

    Shape: `hurried` counts the leases of accounts that somebody reads now; `waiting` says of each shard
           how many more are due, now or within a second.
    """

    leases: list[Lease]
    hurried: int
    waiting: list[int]


class Schedule:
    """All due times and leases."""

    def __init__(self, redis: Connection) -> None:
        self._redis = redis
        self._claim = scripts.register(redis, "claim")
        self._hasten = scripts.register(redis, "lease", "hasten")
        self._release = scripts.register(redis, "lease", "release")

    async def claim(self, *, now_ms: int, lease_ms: int, per_shard: int) -> list[Lease]:
        """
        Lease what is due in every shard, in one round trip.

        Shape:  at most `per_shard` leases of each shard, its longest overdue first.
        Errors: RedisError; whatever was claimed falls due again after `lease_ms`.
        """
        shares = [per_shard] * len(keys.shards())
        return (await self.claim_shares(shares, 0, now_ms=now_ms, lease_ms=lease_ms)).leases

    async def claim_shares(
        self, shares: Sequence[int], hurried: int, *, now_ms: int, lease_ms: int
    ) -> Claimed:
        """
        Lease as many due accounts of each shard as is its share, in one round trip.

        Shape:  of each shard also up to `hurried` that somebody reads now, and those first.
        Errors: RedisError; whatever was claimed falls due again after `lease_ms`.
        """
        calls = [
            ((keys.due(shard), keys.leases(shard)), (now_ms, lease_ms, share, hurried, now_ms + _SOON_MS))
            for shard, share in zip(keys.shards(), shares, strict=True)
        ]
        claimed = Claimed([], 0, [])
        count = 0
        for read_now, waiting, *claims in await self._claim.call_all(calls):
            count += read_now
            claimed.waiting.append(waiting)
            claimed.leases.extend(
                Lease(AccountId(int(account_id)), number)
                for account_id, number in zip(claims[::2], claims[1::2], strict=True)
            )
        return replace(claimed, hurried=count)

    async def hasten(self, account_id: AccountId, *, now_ms: int, wanted: str = "0") -> bool:
        """
        Make an account due before all others, unless it is being polled, and note what its reader wants.

        Shape: False when it is paused or forgotten. `wanted` is as ACCOUNT_FIELDS has it.
        """
        shard = shard_of(account_id)
        own = [keys.due(shard), keys.leases(shard), keys.account(account_id)]
        return bool(await self._hasten(keys=own, args=[account_id, now_ms, wanted]))

    async def release(self, *leases: Lease, now_ms: int) -> None:
        """Make accounts due now, in one round trip; each whose lease is still its newest."""
        shards = [shard_of(lease.account_id) for lease in leases]
        await self._release.call_all(
            ((keys.due(shard), keys.leases(shard)), (lease.account_id, lease.number, now_ms))
            for shard, lease in zip(shards, leases, strict=True)
        )

    async def overdue_ms(self, *, now_ms: int) -> int:
        """Tell by how many milliseconds the most overdue is late of those that nobody reads now."""
        first = ("(0", "+inf", "BYSCORE", "LIMIT", 0, 1, "WITHSCORES")
        found = await self._redis.ask_all(("ZRANGE", keys.due(shard), *first) for shard in keys.shards())
        return max(0, now_ms - min((int(each[0][1]) for each in found if each), default=now_ms))

    async def count_awake(self) -> int:
        """Count the accounts that have a place in the schedule."""
        return sum(await self._redis.ask_all(("ZCARD", keys.due(shard)) for shard in keys.shards()))

    async def strike(self, account_id: AccountId, reason: str, *, for_ms: int) -> None:
        """
        Note that X refused the whole app when asked for this account; after `STRIKES` accounts claim nothing.

        One account is not believed: its credential may be another app's, whose credit is not ours.
        """
        *_, strikes = await self._redis.ask_all(
            [
                ("SADD", keys.APP_STRIKES, account_id),
                ("PEXPIRE", keys.APP_STRIKES, for_ms),
                ("SCARD", keys.APP_STRIKES),
            ]
        )
        if strikes >= STRIKES:
            await self._redis.set(keys.APP_STOPPED, reason, px=for_ms)
