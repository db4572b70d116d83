"""
The timelines, read exactly, by whoever holds a session of their account.

All scores are 0 and members are ids padded to 19 digits, so a lexicographic range
is a range of ids and exclusive ends are exact; a score could not tell ids less
than 256 apart (ADR 0006). Session, account and timeline lie in one slot: who asks,
what is held and which ids there are is one script, and one round trip that many
readers share.

Keys: session, sessions, account, timeline, withheld, due
"""

from dataclasses import dataclass

from shared.domain.account import shard_of
from shared.domain.budget import Window
from shared.domain.tweet import TweetId
from shared.store import accounts, keys, scripts
from shared.store.accounts import Kept
from shared.store.commands import Word
from shared.store.connection import Connection
from shared.store.sessions import TIMELINE_READ, Claimed, OutOfCalls, OutOfScope, read_calls


@dataclass(frozen=True, slots=True)
class Slice:
    """
    Part of a timeline, newest first, with the state of its account from the same moment.

    `more` says whether the range goes on beyond these ids; `withheld` are those of which X
    did not show this viewer all they refer to; `calls` is what the session may still ask here.
    `hurried` is what readers want of the next poll, where the account is due before all others already.
    Whoever leaves some of them out may have looked beyond the last that is left: up to `edge`.
    """

    kept: Kept
    ids: tuple[TweetId, ...]
    more: bool
    withheld: frozenset[TweetId] = frozenset()
    calls: Window | None = None
    hurried: str | None = None
    edge: TweetId | None = None


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

    def __init__(self, redis: Connection, calls_limit: int = 0) -> None:
        serve = scripts.register(redis, "listed", "using", "counting", "reading", "serve")
        self._serve = serve.together()
        self._calls_limit = calls_limit

    async def read(
        self, claimed: Claimed, part: Range, *, now_ms: int, scope: str = TIMELINE_READ, calls: int = 1
    ) -> Slice | OutOfScope | OutOfCalls | None:
        """
        Read part of a timeline, in one round trip; None when the session does not hold.

        Shape: it counts for so many `calls`: 0 for what goes on with a read.
        """
        account_id = claimed.account_id
        oldest = "-" if part.since is None else f"({keys.padded(part.since)}"
        newest = "+" if part.until is None else f"({keys.padded(part.until)}"
        ends = (oldest, newest, "") if part.oldest_first else (newest, oldest, "REV")
        own = [key(account_id) for key in (keys.account, keys.timeline, keys.withheld, keys.sessions)]
        terms: list[Word] = [now_ms, scope, calls, self._calls_limit]
        asked: list[Word] = [account_id, *ends, part.limit + 1, *terms, *accounts.FIELDS]
        due = keys.due(shard_of(account_id))
        answer = await self._serve(([claimed.session_key, *own, due], asked))
        if answer == 0:
            return OutOfScope()
        if not answer:
            return None
        window = read_calls(self._calls_limit, *answer[:2])
        if len(answer) == 2:
            return OutOfCalls(window)
        fields, tweets, members, withheld, wanted = answer[2:]
        kept = accounts.read(account_id, fields, tweets)
        if kept is None:
            return None
        ids = [TweetId(int(member)) for member in members[: part.limit]]
        newest_first = reversed(ids) if part.oldest_first else ids
        hidden = frozenset(map(TweetId, map(int, withheld)))
        hurried = wanted.decode() if wanted else None
        return Slice(kept, tuple(newest_first), len(members) > part.limit, hidden, window, hurried)
