"""
When each account is next due, and who may poll it until then.

A lease is a due time in the future: claiming an account moves its due time to
the end of the lease and counts the lease's number up. A fetcher that dies needs
no cleaning up after: its account falls due again by itself. Any number of
schedulers may claim at once; no leader is elected (ADR 0005).

Keys: due, leases, app:stopped, app:strikes
"""

from redis.asyncio import Redis

from shared.domain.account import AccountId, shard_of
from shared.domain.lease import Lease
from shared.store import keys, scripts, wire

#: So many accounts must have been told that the app is stopped before it is believed.
STRIKES = 3


class Schedule:
    """All due times and leases."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._claim = scripts.register(redis, "claim")
        self._hasten = scripts.register(redis, "hasten")
        self._release = scripts.register(redis, "lease", "release")

    async def claim(self, *, now_ms: int, lease_ms: int, per_shard: int) -> list[Lease]:
        """
        Lease what is due in every shard, in one round trip.

        Shape:  at most `per_shard` leases of each shard, its longest overdue first.
        Errors: RedisError; whatever was claimed falls due again after `lease_ms`.
        """
        args = (now_ms, lease_ms, per_shard)
        calls = [((keys.due(shard), keys.leases(shard)), args) for shard in keys.shards()]
        leases: list[Lease] = []
        for claims in await self._claim.call_all(calls):
            leases += [
                Lease(AccountId(int(account_id)), number)
                for account_id, number in zip(claims[::2], claims[1::2], strict=True)
            ]
        return leases

    async def hasten(self, account_id: AccountId, *, now_ms: int, wanted: str) -> bool:
        """
        Make an account due now for somebody who reads it, unless it is being polled.

        Shape: False when it is paused or forgotten; `wanted` is for the next poll to begin.
        """
        shard = shard_of(account_id)
        known = await self._hasten(
            keys=[keys.due(shard), keys.leases(shard), keys.account(account_id)],
            args=[account_id, now_ms, wanted],
        )
        return bool(known)

    async def release(self, lease: Lease, *, now_ms: int) -> None:
        """Make an account due now, if the lease is still its newest."""
        shard = shard_of(lease.account_id)
        await self._release(
            keys=[keys.due(shard), keys.leases(shard)], args=[lease.account_id, lease.number, now_ms]
        )

    async def overdue_ms(self, *, now_ms: int) -> int:
        """Tell by how many milliseconds the most overdue account is late; 0 when none is."""
        pipe = self._redis.pipeline(transaction=False)
        for shard in keys.shards():
            pipe.zrange(keys.due(shard), 0, 0, withscores=True)
        firsts = [first[0][1] for first in await pipe.execute() if first]
        return max(0, now_ms - int(min(firsts, default=now_ms)))

    async def strike(self, account_id: AccountId, reason: str, *, for_ms: int) -> None:
        """
        Note that X refused the whole app when asked for this account; after `STRIKES` accounts claim nothing.

        One account is not believed: its credential may be another app's, whose credit is not ours.
        """
        pipe = self._redis.pipeline(transaction=False)
        pipe.sadd(keys.APP_STRIKES, account_id)
        pipe.pexpire(keys.APP_STRIKES, for_ms)
        pipe.scard(keys.APP_STRIKES)
        *_, strikes = await pipe.execute()
        if strikes >= STRIKES:
            await self._redis.set(keys.APP_STOPPED, reason, px=for_ms)

    async def stopped(self) -> str | None:
        """Say why X refuses the whole app; None while it does not."""
        reason = await self._redis.get(keys.APP_STOPPED)
        return wire.read_text(reason) if reason else None
