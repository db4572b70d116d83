"""
How X treats everybody lately: what tells a revoked credential from an outage.

Accounts that X accepts are noted as a sample, one every few seconds a process, for
polls are many; accounts that it refuses are noted all, up to a bound. The two are
weighed against each other in `domain/parking.py`.

Keys: {app}:accepted, {app}:refused
"""

from redis.asyncio import Redis

from shared.domain.account import AccountId
from shared.domain.parking import LATELY_MS, Climate
from shared.store import keys, scripts

#: How often a process notes an account that X accepted.
_SAMPLE_MS = 5_000
#: More refused accounts than this in ten minutes are an outage, however many others there are.
_REFUSED_KEPT = 1_000


class Climates:
    """What was noted of X's answers."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._refused = scripts.register(redis, "refused")
        self._sampled_at_ms = 0

    async def note_accepted(self, account_id: AccountId, *, now_ms: int) -> None:
        """Note that X accepts an account's credential, if it is time for another sample."""
        if now_ms - self._sampled_at_ms < _SAMPLE_MS:
            return
        self._sampled_at_ms = now_ms
        pipe = self._redis.pipeline(transaction=False)
        pipe.zadd(keys.APP_ACCEPTED, {str(account_id): now_ms})
        pipe.zremrangebyscore(keys.APP_ACCEPTED, "-inf", now_ms - LATELY_MS)
        await pipe.execute()

    async def note_refused(self, account_id: AccountId, *, now_ms: int) -> Climate:
        """Note that X refuses an account, and say how it treats everybody."""
        return await self._weigh(account_id, now_ms)

    async def now(self, *, now_ms: int) -> Climate:
        """Say how X treats everybody."""
        return await self._weigh("", now_ms)

    async def forget(self, account_id: AccountId) -> None:
        """Keep no note of an account."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.zrem(keys.APP_ACCEPTED, account_id)
        pipe.zrem(keys.APP_REFUSED, account_id)
        pipe.srem(keys.APP_STRIKES, account_id)
        await pipe.execute()

    async def _weigh(self, account_id: AccountId | str, now_ms: int) -> Climate:
        refused, accepted, accepted_at_ms = await self._refused(
            keys=[keys.APP_ACCEPTED, keys.APP_REFUSED], args=[account_id, now_ms, LATELY_MS, _REFUSED_KEPT]
        )
        return Climate(refused, accepted, int(accepted_at_ms))
