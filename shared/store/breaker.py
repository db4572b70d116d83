"""
Whether X is out: then one account is polled as a canary, and nobody else.

X is out when several accounts got no sensible answer, over at least ten seconds of the
last minute, and nobody was accepted since the first of them. What was accepted is read
from the sample that `climate.py` keeps, so a poll that brings its page tells nothing
twice: a process that is answered at all has a sample there within five seconds, and the
faults of one process alone, or of one account, open nothing. The first page that
anybody gets while the breaker is open closes it.

It cannot stay open for ever: if no canary fails for ten minutes, for nobody polls any,
it is forgotten.

Keys: {app}:faults, {app}:accepted, {app}:breaker, {app}:stopped
"""

from shared.domain.account import AccountId
from shared.store import keys, scripts, wire
from shared.store.connection import Connection

#: So many accounts must have had no sensible answer.
ACCOUNTS = 5
#: Faults of longer ago count for nothing.
_LATELY_MS = 60_000
#: The first of them lies so far back: twice as long as two samples of what X accepts lie apart.
_AT_LEAST_MS = 10_000
#: The first canary is polled so soon; the waits double from there, as `gate.py` lets them through.
_FIRST_WAIT_MS = 5_000
_LIVES_MS = 600_000


class Breaker:
    """What was noted of X's faults."""

    def __init__(self, redis: Connection) -> None:
        self._redis = redis
        self._fault = scripts.register(redis, "fault")

    async def note_fault(self, account_id: AccountId, *, now_ms: int) -> bool:
        """Note that X gave no sensible answer for an account; tell whether X is out."""
        is_open = await self._fault(
            keys=[keys.APP_FAULTS, keys.APP_ACCEPTED, keys.APP_BREAKER],
            args=[account_id, now_ms, _LATELY_MS, ACCOUNTS, _AT_LEAST_MS, _FIRST_WAIT_MS, _LIVES_MS],
        )
        return bool(is_open)

    async def is_open(self) -> bool:
        """Tell whether X is out."""
        opened_at_ms, newest = await self._redis.ask_all(
            [
                ("HGET", keys.APP_BREAKER, "opened_at_ms"),
                ("ZRANGE", keys.APP_ACCEPTED, 0, 0, "REV", "WITHSCORES"),
            ]
        )
        answered_at_ms = newest[0][1] if newest else 0
        return opened_at_ms is not None and answered_at_ms <= int(opened_at_ms)

    async def stopped(self) -> str | None:
        """Say why X refuses the whole app; None while it does not."""
        reason = await self._redis.get(keys.APP_STOPPED)
        return wire.read_text(reason) if reason else None

    async def forget(self, account_id: AccountId) -> None:
        """Keep no note of an account."""
        await self._redis.zrem(keys.APP_FAULTS, account_id)
