"""
Tweets, and the users, media, polls and places shown with them: kept once for all accounts.

A body is what X answered, byte for byte, and is served so. Whose timeline a tweet
is in is not known here: bodies are reachable only through a timeline that holds
their ids. A body lives for the retention by age after it was last read from X, a
little longer than the id in any timeline, so nothing needs counting.

Keys: tweet, user, media, poll, place
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

from redis.asyncio import Redis

from shared.domain.tweet import Body, TweetId
from shared.store.codec import Codec

#: A body outlives the ids that point to it by this much.
_GRACE_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Shown:
    """
    The bodies of some tweets, and of what is shown with them, each once.

    Shape: `tweets` in the order asked for, without those in `missing`, whose bodies are
           gone; `includes` by kind (`user`, `tweet`, `media`, `poll`, `place`), in order of first use.
    """

    tweets: list[Body] = field(default_factory=list)
    includes: dict[str, list[Body]] = field(default_factory=dict)
    missing: list[TweetId] = field(default_factory=list)


class Bodies:
    """All bodies."""

    def __init__(self, redis: Redis, *, age_ms: int) -> None:
        self._redis = redis
        self._codec = Codec()
        self._lives_ms = age_ms + _GRACE_MS

    async def write(self, bodies: Iterable[Body]) -> None:
        """Keep these bodies, in one round trip; the newest version of each is kept."""
        pipe = self._redis.pipeline(transaction=False)
        for body in bodies:
            pipe.set(body.key, self._codec.write(body), px=self._lives_ms)
        await pipe.execute()

    async def read(self, ids: Sequence[TweetId]) -> Shown:
        """Read the bodies of these tweets and of what is shown with them, in two round trips."""
        shown = Shown()
        found = await self._find([f"tweet:{tweet_id}" for tweet_id in ids])
        for tweet_id in ids:
            body = found.get(f"tweet:{tweet_id}")
            if body is None:
                shown.missing.append(tweet_id)
            else:
                shown.tweets.append(body)
        refs = dict.fromkeys(ref for body in shown.tweets for ref in body.refs)
        for key, body in (await self._find(list(refs))).items():
            shown.includes.setdefault(key.partition(":")[0], []).append(body)
        return shown

    async def _find(self, names: list[str]) -> dict[str, Body]:
        if not names:
            return {}
        found = cast(list[bytes | None], await self._redis.mget(names))  # this client does not decode
        return {
            name: self._codec.read(name, written)
            for name, written in zip(names, found, strict=True)
            if written is not None
        }
