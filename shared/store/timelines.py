"""
The timelines, read exactly.

All scores are 0 and members are ids padded to 19 digits, so a lexicographic range
is a range of ids and exclusive ends are exact; a score could not tell ids less
than 256 apart (ADR 0006).

Keys: timeline, account
"""

from dataclasses import dataclass

from redis.asyncio import Redis

from shared.domain.account import AccountId
from shared.domain.tweet import TweetId
from shared.store import accounts, keys
from shared.store.accounts import Kept


@dataclass(frozen=True, slots=True)
class Slice:
    """
    Part of a timeline, newest first, with the state of its account from the same moment.

    `more` says whether the range goes on beyond these ids.
    """

    kept: Kept
    ids: tuple[TweetId, ...]
    more: bool


class Timelines:
    """The timelines of all accounts."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def read(
        self, account_id: AccountId, *, since: TweetId | None, until: TweetId | None, limit: int,
        oldest_first: bool = False,
    ) -> Slice | None:  # fmt: skip
        """
        Read up to `limit` ids newer than `since` and older than `until`, both exclusive, in one round trip.

        Shape: newest first; those nearest to `until`, or with `oldest_first` those nearest to
               `since`. None when the account is not registered.
        """
        oldest = f"({keys.padded(since)}" if since is not None else "-"
        newest = f"({keys.padded(until)}" if until is not None else "+"
        start, end = (oldest, newest) if oldest_first else (newest, oldest)
        pipe = self._redis.pipeline(transaction=False)
        accounts.ask(pipe, account_id)
        pipe.zrange(
            keys.timeline(account_id), start, end, desc=not oldest_first, bylex=True, offset=0, num=limit + 1
        )
        fields, tweets, members = await pipe.execute()
        kept = accounts.read(account_id, fields, tweets)
        if kept is None:
            return None
        ids = [TweetId(int(member)) for member in members[:limit]]
        return Slice(kept, tuple(reversed(ids) if oldest_first else ids), more=len(members) > limit)
