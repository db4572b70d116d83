"""
What stays of a tweet that is deleted at X, so that nothing brings it back.

Whoever writes a body looks for its tombstone after it; whoever sets a tombstone removes the
body after it. So whichever comes first, no body stays.

Keys: gone, tweet
"""

from collections.abc import Iterable, Sequence

from shared.domain.tweet import TweetId
from shared.store import keys
from shared.store.commands import Command
from shared.store.connection import Connection


async def keep(redis: Connection, writes: Iterable[Command], ids: Sequence[TweetId]) -> frozenset[TweetId]:
    """
    Write bodies, those of the tweets `ids` among them, but of no tweet that is gone; name those that are.

    One round trip, and another in the rare case that some are gone.
    """
    if not ids:
        await redis.ask_all(writes)
        return frozenset()
    found = await redis.get_all([keys.gone(each) for each in ids], after=writes)
    gone = frozenset(each for each, tombstone in zip(ids, found, strict=True) if tombstone is not None)
    await redis.ask_all(map(take_back, gone))
    return gone


async def gone_of(redis: Connection, ids: Sequence[TweetId]) -> frozenset[TweetId]:
    """Name those of these tweets that are known to be deleted; one round trip, none for no ids."""
    return await keep(redis, (), ids)


def take_back(tweet_id: TweetId) -> Command:
    """Make the command that removes a body."""
    return "UNLINK", f"tweet:{tweet_id}"
