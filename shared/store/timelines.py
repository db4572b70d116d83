"""
The timelines, read exactly, by whoever holds a session of their account.

All scores are 0 and members are ids padded to 19 digits, so a lexicographic range
is a range of ids and exclusive ends are exact; a score could not tell ids less
than 256 apart (ADR 0006). Session, account and timeline lie in one slot: who asks,
what is held and which ids there are is one script, and one round trip that many
readers share.

Keys: session, sessions, account, timeline, withheld
"""

from dataclasses import dataclass

from redis.asyncio import Redis

from shared.domain.tweet import TweetId
from shared.store import accounts, keys, scripts
from shared.store.accounts import Kept
from shared.store.connection import Word
from shared.store.sessions import TIMELINE_READ, Claimed, OutOfScope
from shared.store.together import Together


@dataclass(frozen=True, slots=True)
class Slice:
    """
    Part of a timeline, newest first, with the state of its account from the same moment.

    `more` says whether the range goes on beyond these ids; `withheld` are those of which X
    did not show this viewer all they refer to.
    """

    kept: Kept
    ids: tuple[TweetId, ...]
    more: bool
    withheld: frozenset[TweetId] = frozenset()


@dataclass(frozen=True, slots=True)
class Range:
    """
    The part of a timeline that is wanted: up to `limit` ids in the open interval (`since`, `until`).

    Those nearest to `until`, or with `oldest_first` those nearest to `since`.
    """

    since: TweetId | None
    until: TweetId | None
    limit: int
    oldest_first: bool = False


class Timelines:
    """The timelines of all accounts."""

    def __init__(self, redis: Redis) -> None:
        self._serve = Together(scripts.register(redis, "listed", "using", "reading", "serve").call_all)

    async def read(self, claimed: Claimed, wanted: Range, *, now_ms: int) -> Slice | OutOfScope | None:
        """Read part of a timeline, in one round trip; None when the session does not hold."""
        account_id = claimed.account_id
        oldest = "-" if wanted.since is None else f"({keys.padded(wanted.since)}"
        newest = "+" if wanted.until is None else f"({keys.padded(wanted.until)}"
        ends = (oldest, newest, "") if wanted.oldest_first else (newest, oldest, "REV")
        own = [key(account_id) for key in (keys.account, keys.timeline, keys.withheld, keys.sessions)]
        asked: list[Word] = [account_id, *ends, wanted.limit + 1, now_ms, TIMELINE_READ, *accounts.FIELDS]
        answer = await self._serve(([claimed.session_key, *own], asked))
        if answer == 0:
            return OutOfScope()
        kept = accounts.read(account_id, answer[0], answer[1]) if answer else None
        if kept is None:
            return None
        ids = [TweetId(int(member)) for member in answer[2][: wanted.limit]]
        newest_first = reversed(ids) if wanted.oldest_first else ids
        withheld = frozenset(TweetId(int(member)) for member in answer[3])
        return Slice(kept, tuple(newest_first), len(answer[2]) > wanted.limit, withheld)
