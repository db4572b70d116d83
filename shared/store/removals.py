"""
Tweets that X shows no longer: out of one timeline, or, deleted at X, out of all there is.

A deleted tweet leaves a tombstone, so that a page which X answered before cannot bring
it back. Its body goes when the tombstone is there, and a body that is written is taken
back when a tombstone is found after it: whichever comes first, no body stays. So serving
asks for nothing more: a timeline that still holds the id finds no body to show. The id goes
from each timeline in that account's own check, without asking X again.

What was shown with it, media and polls, is reached through its body only, and expires.

Keys: gone, tweet, leases, account, timeline, withheld, arrivals
"""

from collections.abc import Iterable, Sequence

from shared.domain.account import AccountId, shard_of
from shared.domain.budget import ASSUMED_WINDOW_MS, Window
from shared.domain.deletion import Removal
from shared.domain.lease import Lease
from shared.domain.tweet import TweetId, written_at_ms
from shared.store import keys, scripts, tombstones
from shared.store.connection import Connection
from shared.store.polls import Late

#: A tombstone outlives the last timeline that may hold its id by this much, as bodies do.
_GRACE_MS = 24 * 3600 * 1000
#: A check that X did not answer whole is made again so much later.
_AGAIN_MS = 30 * 60 * 1000


class Removals:
    """What is taken out of timelines and bodies, of which ids are kept for `age_ms`."""

    def __init__(self, redis: Connection, *, age_ms: int) -> None:
        self._redis = redis
        self._age_ms = age_ms
        self._remove = scripts.register(redis, "lease", "remove")
        self._lookup = scripts.register(redis, "lease", "window", "lookup")

    async def held(self, account_id: AccountId) -> tuple[TweetId, ...]:
        """List all that the timeline holds, newest first; one round trip."""
        (members,) = await self._redis.ask_all([("ZRANGE", keys.timeline(account_id), 0, -1, "REV")])
        return tuple(TweetId(int(each)) for each in members)

    async def gone_of(self, ids: Sequence[TweetId]) -> frozenset[TweetId]:
        """Name those of these tweets that are known to be deleted; one round trip, none for no ids."""
        return await tombstones.gone_of(self._redis, ids)

    async def may_ask(self, lease: Lease, told: Window | None, *, now_ms: int) -> bool:
        """
        Take one question out of the account's window for lookups, after what X `told` of it last.

        Shape: False when none is left, and when the lease is somebody else's or the account forgotten.
        Errors: RedisError; X is not to be asked.
        """
        account_id = lease.account_id
        window = (told.limit, told.left, told.resets_at_ms) if told else ("", "", "")
        own = [keys.leases(shard_of(account_id)), keys.account(account_id)]
        asked = [account_id, lease.number, now_ms, ASSUMED_WINDOW_MS, *window]
        return bool(await self._lookup(own, asked))

    async def remove(self, lease: Lease, removal: Removal, *, now_ms: int, ended: bool = True) -> int | Late:
        """
        Remove what X shows no longer; once the check has `ended`, note that all was compared with X.

        Shape: how many of the tweets the timeline held. One round trip, and one more when any is gone.
        Errors: RedisError; what was not done is found by the next check.
        """
        # First for everybody: whoever holds the lease by now, X's word on what is deleted is good.
        await self._bury(removal.gone, now_ms)
        account_id = lease.account_id
        own = [key(account_id) for key in (keys.account, keys.timeline, keys.withheld, keys.arrivals)]
        ids = map(keys.padded, removal.gone + removal.unseen)
        removed = await self._remove(
            [keys.leases(shard_of(account_id)), *own],
            [account_id, lease.number, now_ms, "" if ended else now_ms + _AGAIN_MS, keys.ARRIVALS_KEPT, *ids],
        )
        return Late(forgotten=removed == -2) if removed < 0 else int(removed)

    async def _bury(self, gone: Iterable[TweetId], now_ms: int) -> None:
        """Set tombstones, and only then remove the bodies: whoever writes one now finds its tombstone."""
        await self._redis.ask_all(
            command
            for each in gone
            for command in (
                ("SET", keys.gone(each), "", "PX", self._rests_ms(each, now_ms)),
                tombstones.take_back(each),
            )
        )

    def _rests_ms(self, tweet_id: TweetId, now_ms: int) -> int:
        """Tell how long a tombstone is needed: until no timeline keeps tweets so old."""
        return max(0, written_at_ms(tweet_id) + self._age_ms - now_ms) + _GRACE_MS
