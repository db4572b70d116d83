"""
Tweets, and the users, media, polls and places shown with them: kept once for all accounts.

A body is what X answered, byte for byte, and is served so. Whose timeline a tweet
is in is not known here: bodies are reachable only through a timeline that holds
their ids. A body lives for the retention by age after it was last read from X, a
little longer than the id in any timeline, so nothing needs counting.

Keys: tweet, user, media, poll, place
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from shared.domain.tweet import Body, TweetId
from shared.store import tombstones
from shared.store.codec import Codec
from shared.store.commands import Command
from shared.store.connection import Connection
from shared.store.shelf import Shelf
from shared.store.together import Together

#: A body outlives the ids that point to it by this much.
_GRACE_MS = 24 * 3600 * 1000

#: Who asks again within a minute for a page that has not changed is shown it as it was put together;
#: a page is a list of bodies that are on the shelf anyway, 10 MB at most in all their ids.
_PAGES_KEPT = 4096
_PAGES_IDS_KEPT = 200_000


@dataclass(frozen=True, slots=True)
class Shown:
    """
    The bodies of some tweets, and of what is shown with them, each once.

    Shape: `tweets` in the order asked for, without those in `missing`, whose bodies are lost; those that
           are deleted at X are in neither; `includes` by kind (`user`, `tweet`, `media`, `poll`,
           `place`), in order of first use.
    """

    tweets: list[Body] = field(default_factory=list)
    includes: dict[str, list[Body]] = field(default_factory=dict)
    missing: list[TweetId] = field(default_factory=list)


class Bodies:
    """All bodies; those lately read are kept in this process, up to `shelf_bytes`."""

    def __init__(self, redis: Connection, *, age_ms: int, shelf_bytes: int = 0) -> None:
        self._redis = redis
        self._codec = Codec()
        self._lives_ms = age_ms + _GRACE_MS
        self._write = Together(self._write_pages)
        self._shelf = Shelf(shelf_bytes)
        self._keeps_pages = shelf_bytes > 0
        self._pages: dict[tuple[tuple[TweetId, ...], frozenset[TweetId]], Shown] = {}
        self._pages_ids = 0

    async def write(self, bodies: Iterable[Body]) -> frozenset[TweetId]:
        """
        Keep these bodies, in one round trip; the newest version of each is kept.

        Shape: the tweets among them that are deleted at X, of which none is kept.
        """
        return await self._write(
            [("SET", body.key, self._codec.write(body), "PX", self._lives_ms) for body in bodies]
        )

    async def read(self, ids: Sequence[TweetId], *, withheld: Collection[TweetId] = (), now_ms: int) -> Shown:
        """
        Read the bodies of these tweets and of what is shown with them, in at most three round trips.

        A fourth when some are missing, which may be deleted.

        Of tweets that are `withheld`, what they refer to is not shown: X did not show it to this viewer,
        though it may have shown it to others.
        """
        is_full = len(self._pages) >= _PAGES_KEPT or self._pages_ids >= _PAGES_IDS_KEPT
        if self._shelf.turn(now_ms) or is_full:
            self._pages, self._pages_ids = {}, 0
        page = (tuple(ids), frozenset(withheld))
        shown = self._pages.get(page)
        if shown is None:
            shown = await self._read(ids, withheld)
            if self._keeps_pages and not shown.missing:
                self._pages[page] = shown
                self._pages_ids += len(ids)
        return shown

    async def find(self, names: list[str]) -> list[Body | None]:
        """Find bodies by their keys: on the shelf, and in one round trip those that are not there."""
        found = self._shelf.find(names)
        if not all(found):
            places = [place for place, body in enumerate(found) if body is None]
            written = await self._redis.get_all([names[place] for place in places])
            for place, each in zip(places, written, strict=True):
                found[place] = self._take(names[place], each)
        return found

    async def _read(self, ids: Sequence[TweetId], withheld: Collection[TweetId]) -> Shown:
        found = await self.find([f"tweet:{each}" for each in ids])
        missing = [each for each, body in zip(ids, found, strict=True) if body is None]
        gone = await tombstones.gone_of(self._redis, missing)
        missing = [each for each in missing if each not in gone]
        refs: dict[str, None] = {}
        for tweet_id, body in zip(ids, found, strict=True):
            if body is not None:
                refs |= dict.fromkeys(_without_tweets(body.refs) if tweet_id in withheld else body.refs)
        shown = [body for body in await self.find(list(refs)) if body is not None]
        beyond = dict.fromkeys(
            ref for body in shown if body.refs for ref in _without_tweets(body.refs) if ref not in refs
        )
        shown += [body for body in await self.find(list(beyond)) if body is not None]
        includes: dict[str, list[Body]] = defaultdict(list)
        for body in shown:
            includes[body.key.partition(":")[0]].append(body)
        return Shown([body for body in found if body is not None], includes, missing)

    async def _write_pages(self, pages: list[list[Command]]) -> list[frozenset[TweetId]]:
        writes = list(chain.from_iterable(pages))
        gone = await tombstones.keep(self._redis, writes, list(dict.fromkeys(_tweets_of(writes))))
        return [gone.intersection(_tweets_of(page)) if gone else gone for page in pages]

    def _take(self, name: str, written: bytes | None) -> Body | None:
        if written is None:
            return None
        body = self._codec.read(name, written)
        self._shelf.put(body)
        return body


def _without_tweets(refs: Iterable[str]) -> list[str]:
    return [ref for ref in refs if not ref.startswith("tweet:")]


def _tweets_of(writes: Iterable[Command]) -> list[TweetId]:
    names = (str(name) for _, name, *_ in writes)
    return [TweetId(int(name[6:])) for name in names if name.startswith("tweet:")]
