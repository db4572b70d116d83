"""
What arrived in timelines, in the order of the commits, for whoever listens.

Each commit that changes a timeline adds an entry to its account's stream, in the same
script: what was added, replaced and deleted, and the gaps as they then stand. The entry's
id says where a listener is; one who was away reads on from there, as long as the entry is
kept. Session, account and stream lie in one slot: whether the listener may still listen,
what is new and how fresh it is, is one script and one round trip, which many listeners share.

Keys: session, sessions, account, arrivals, timeline, withheld
"""

import re
from dataclasses import dataclass

from shared.domain.timeline import Gap
from shared.domain.tweet import TweetId
from shared.store import accounts, keys, scripts, wire
from shared.store.accounts import Kept
from shared.store.commands import Word
from shared.store.connection import Connection
from shared.store.sessions import TIMELINE_READ, Claimed, OutOfScope

#: Entries that are read at once; a page of X's makes one.
_AT_ONCE = 20

#: As Redis writes it: another way to write its 0-0 is an error to it, and to all who share the trip.
_ENTRY = re.compile(r"(0|[1-9][0-9]{0,14})-(0|[1-9][0-9]{0,14})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Arrival:
    """
    What one commit changed: ids ascending, and all gaps as they stood after it.

    `gaps` is None where the commit did not tell of them.
    """

    entry: str
    added: tuple[TweetId, ...]
    replaced: tuple[TweetId, ...]
    deleted: tuple[TweetId, ...]
    gaps: tuple[Gap, ...] | None


@dataclass(frozen=True, slots=True)
class News:
    """
    What a listener is told: the account's state, and what arrived.

    Shape: `arrivals` begin with the entry that was asked from, if it is kept; `missed` when some that
           came after it may be kept no more; `more` when there are others after these; `newest` is the
           last of all; `gone` are those that were added and that the timeline holds no longer.
    """

    kept: Kept
    newest: str
    arrivals: list[Arrival]
    missed: bool
    more: bool
    withheld: frozenset[TweetId]
    gone: frozenset[TweetId]


class Arrivals:
    """The streams of all accounts."""

    def __init__(self, redis: Connection) -> None:
        self._listen = scripts.register(redis, "listed", "using", "reading", "listen").together()

    async def read(self, claimed: Claimed, after: str | None, *, now_ms: int) -> News | OutOfScope | None:
        """Read what arrived from an entry on, or from now; None when the session does not hold."""
        account_id = claimed.account_id
        own = (keys.sessions, keys.account, keys.arrivals, keys.timeline, keys.withheld)
        asked: list[Word] = [account_id, now_ms, TIMELINE_READ, after or "", _AT_ONCE, *accounts.FIELDS]
        answer = await self._listen(([claimed.session_key, *(key(account_id) for key in own)], asked))
        if answer == 0:
            return OutOfScope()
        kept = accounts.read(account_id, answer[0], answer[1]) if answer else None
        if kept is None:
            return None
        _, _, newest, is_trimmed, entries, withheld, gone = answer
        return News(
            kept=kept,
            newest=newest.decode(),
            arrivals=[_read(entry.decode(), fields) for entry, fields in entries[:_AT_ONCE]],
            missed=is_trimmed == 1,
            more=len(entries) > _AT_ONCE,
            withheld=frozenset(TweetId(int(each)) for each in withheld),
            gone=frozenset(TweetId(int(each)) for each in gone),
        )


#: Where one is who listens to a stream that has no entry.
NOTHING_YET = "0-0"


def is_entry(text: str) -> bool:
    """Tell whether this may name an entry."""
    return _ENTRY.fullmatch(text) is not None


def _read(entry: str, fields: list[bytes]) -> Arrival:
    told = dict(zip(fields[::2], fields[1::2], strict=True))
    return Arrival(
        entry,
        added=_ids(told.get(b"added")),
        replaced=_ids(told.get(b"replaced")),
        deleted=_ids(told.get(b"deleted")),
        gaps=wire.read_gaps(told[b"gaps"]) if b"gaps" in told else None,
    )


def _ids(written: bytes | None) -> tuple[TweetId, ...]:
    return tuple(sorted(TweetId(int(each)) for each in (written or b"").split()))
