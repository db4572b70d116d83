"""
How X treats everybody lately: what tells a revoked credential from an outage.

Accounts that X accepts are noted as a sample, one every few seconds a process, for
polls are many; accounts that it refuses are noted all, up to a bound. The two are
weighed against each other in `domain/parking.py`.

Refreshes are weighed apart: there are few of them, and X's token endpoint fails alone.

Keys: {app}:accepted, {app}:refused, {app}:refreshed, {app}:unrefreshed
"""

from shared.domain.account import AccountId
from shared.domain.parking import LATELY_MS, Climate
from shared.store import keys, scripts
from shared.store.commands import Command
from shared.store.connection import Connection

#: How often a process notes an account that X accepted.
_SAMPLE_MS = 5_000
#: When nothing is noted any more, what was goes too.
_KEPT_MS = 3_600_000
#: More refused accounts than this in ten minutes are an outage, however many others there are.
_REFUSED_KEPT = 1_000


class Climates:
    """What was noted of X's answers."""

    def __init__(self, redis: Connection) -> None:
        self._redis = redis
        self._refused = scripts.register(redis, "refused")
        self._sampled_at_ms = 0

    async def note_accepted(self, account_id: AccountId, *, now_ms: int) -> None:
        """Note that X accepts an account's credential, if it is time for another sample."""
        if now_ms - self._sampled_at_ms >= _SAMPLE_MS:
            self._sampled_at_ms = now_ms
            await self._note(keys.APP_ACCEPTED, account_id, now_ms)

    async def note_refreshed(self, account_id: AccountId, *, now_ms: int) -> None:
        """Note that X refreshed an account's credential."""
        await self._note(keys.APP_REFRESHED, account_id, now_ms)

    async def note_refused(self, account_id: AccountId, *, now_ms: int, to_refresh: bool = False) -> Climate:
        """Note that X refuses an account, or refuses to refresh it; say how it treats everybody in that."""
        return await self._weigh(account_id, now_ms, to_refresh=to_refresh)

    async def now(self, *, now_ms: int) -> Climate:
        """Say how X treats everybody: the worse of what it says to polls and of what it says to refreshes."""
        polls = await self._weigh("", now_ms, to_refresh=False)
        refreshes = await self._weigh("", now_ms, to_refresh=True)
        return refreshes if refreshes.is_outage() else polls

    async def forget(self, account_id: AccountId) -> None:
        """Keep no note of an account."""
        noted = (keys.APP_ACCEPTED, keys.APP_REFUSED, keys.APP_REFRESHED, keys.APP_UNREFRESHED)
        removals: list[Command] = [("ZREM", key, account_id) for key in noted]
        await self._redis.ask_all([*removals, ("SREM", keys.APP_STRIKES, account_id)])

    async def _note(self, key: str, account_id: AccountId, now_ms: int) -> None:
        await self._redis.ask_all(
            [
                ("ZADD", key, now_ms, account_id),
                ("ZREMRANGEBYSCORE", key, "-inf", now_ms - LATELY_MS),
                ("PEXPIRE", key, _KEPT_MS),
            ]
        )

    async def _weigh(self, account_id: AccountId | str, now_ms: int, *, to_refresh: bool) -> Climate:
        counted = (
            (keys.APP_REFRESHED, keys.APP_UNREFRESHED)
            if to_refresh
            else (keys.APP_ACCEPTED, keys.APP_REFUSED)
        )
        refused, accepted, accepted_at_ms = await self._refused(
            keys=[keys.APP_ACCEPTED, *counted],
            args=[account_id, now_ms, LATELY_MS, _REFUSED_KEPT, _KEPT_MS],
        )
        return Climate(refused, accepted, int(accepted_at_ms))
