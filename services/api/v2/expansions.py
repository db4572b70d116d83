"""
What is shown with the tweets of a page, of what they point to: as their expansions say, each thing once.

What a tweet points to and is not held is told as X tells it: as an error beside the data.
Bodies are read with what their tweets refer to, as Roost asks X for it. Whom a tweet mentions,
and what it was before it was edited, is read only for those who ask for it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

import msgspec

from services.api.page import INCLUDES, Content, missing
from services.api.v2.selection import Selection
from shared.domain.tweet import Body
from shared.store.bodies import Shown


class _Attachments(msgspec.Struct):
    media_keys: list[str] = []
    media_source_tweet_id: list[str] = []
    poll_ids: list[str] = []


class _Mention(msgspec.Struct):
    id: str = ""
    username: str = ""


class _Entities(msgspec.Struct):
    mentions: list[_Mention] = []


class _Geo(msgspec.Struct):
    place_id: str = ""


class _Referenced(msgspec.Struct):
    id: str = ""


class _Tweet(msgspec.Struct):
    author_id: str = ""
    in_reply_to_user_id: str = ""
    attachments: _Attachments = msgspec.field(default_factory=_Attachments)
    entities: _Entities = msgspec.field(default_factory=_Entities)
    geo: _Geo = msgspec.field(default_factory=_Geo)
    referenced_tweets: list[_Referenced] = []
    edit_history_tweet_ids: list[str] = []


_decode = msgspec.json.Decoder(_Tweet).decode

#: What an expansion of a tweet points to: the kind, and the ids.
_OWN: dict[str, tuple[str, Callable[[_Tweet], Iterable[str]]]] = {
    "author_id": ("user", lambda tweet: [tweet.author_id]),
    "username": ("user", lambda tweet: [tweet.author_id]),
    "in_reply_to_user_id": ("user", lambda tweet: [tweet.in_reply_to_user_id]),
    "entities.mentions.username": ("user", lambda tweet: [each.id for each in tweet.entities.mentions]),
    "attachments.media_keys": ("media", lambda tweet: tweet.attachments.media_keys),
    "attachments.media_source_tweet": ("tweet", lambda tweet: tweet.attachments.media_source_tweet_id),
    "attachments.poll_ids": ("poll", lambda tweet: tweet.attachments.poll_ids),
    "geo.place_id": ("place", lambda tweet: [tweet.geo.place_id]),
    "edit_history_tweet_ids": ("tweet", lambda tweet: tweet.edit_history_tweet_ids),
    "referenced_tweets.id": ("tweet", lambda tweet: [each.id for each in tweet.referenced_tweets]),
}
#: What an expansion of the tweets that a tweet refers to points to.
_THEIRS = {
    "referenced_tweets.id.author_id": "author_id",
    "referenced_tweets.id.attachments.media_keys": "attachments.media_keys",
}


#: What is read only when it is asked for: open to all who see the tweet, and not among its `refs`.
_ON_REQUEST = frozenset({"entities.mentions.username", "edit_history_tweet_ids"})


@dataclass(frozen=True, slots=True)
class Pointer:
    """
    That a tweet points to something: by which expansion, to which kind of thing, and its id.

    `tweet` is the one that does.
    """

    expansion: str
    kind: str
    id: str
    tweet: _Tweet

    @property
    def key(self) -> str:
        """Name the body that it points to."""
        return f"{self.kind}:{self.id}"


def unread(selection: Selection, shown: Shown) -> list[str]:
    """Name the bodies, none twice, that are wanted besides those that are read with the tweets."""
    wanted = selection.expansions & _ON_REQUEST
    if not wanted:
        return []
    held = _held(shown, ())
    pointers = _pointers(wanted, shown.tweets, held)
    return list(dict.fromkeys(each.key for each in pointers if each.key not in held))


def select(selection: Selection, shown: Shown, besides: Iterable[Body | None] = ()) -> Content:
    """Show of these tweets, and with them, what was selected; `besides` are bodies that were `unread`."""
    held = _held(shown, besides)
    found: dict[str, dict[str, bytes]] = {kind: {} for kind in INCLUDES}
    lost: dict[str, Pointer] = {}
    for pointer in _pointers(selection.expansions, shown.tweets, held):
        body = held.get(pointer.key)
        if body is None:
            lost.setdefault(pointer.key, pointer)
        elif pointer.key not in found[pointer.kind]:
            found[pointer.kind][pointer.key] = selection.cut(pointer.kind, body.raw)
    includes = [(_named(selection, kind), list(things.values())) for kind, things in found.items() if things]
    errors = [missing(each) for each in shown.missing] + [
        _not_found(selection, each) for each in lost.values()
    ]
    return Content([selection.cut("tweet", body.raw) for body in shown.tweets], includes, errors)


def _held(shown: Shown, besides: Iterable[Body | None]) -> dict[str, Body]:
    bodies = chain(shown.tweets, besides, *shown.includes.values())
    return {body.key: body for body in bodies if body is not None}


def _pointers(
    expansions: Collection[str], tweets: Iterable[Body], held: Mapping[str, Body]
) -> Iterator[Pointer]:
    """List what the expansions point to, in the order of the tweets."""
    own = [(each, *_OWN[each]) for each in _OWN if each in expansions]
    theirs = [(each, *_OWN[_THEIRS[each]]) for each in _THEIRS if each in expansions]
    if not own and not theirs:
        return
    for body in tweets:
        tweet = _decode(body.raw)
        yield from _follow(own, tweet)
        for each in tweet.referenced_tweets if theirs else ():
            referenced = held.get(f"tweet:{each.id}")
            # One that X has withheld from this viewer is not among what its tweet refers to.
            if referenced is not None and f"tweet:{each.id}" in body.refs:
                yield from _follow(theirs, _decode(referenced.raw))


def _follow(
    ways: Iterable[tuple[str, str, Callable[[_Tweet], Iterable[str]]]], tweet: _Tweet
) -> Iterator[Pointer]:
    for expansion, kind, ids_of in ways:
        yield from (Pointer(expansion, kind, each, tweet) for each in ids_of(tweet) if each)


def _named(selection: Selection, kind: str) -> bytes:
    return b"posts" if kind == "tweet" and selection.newer else INCLUDES[kind]


def _not_found(selection: Selection, pointer: Pointer) -> dict[str, str]:
    """Tell, as X does, of what a tweet points to and is not held."""
    parameter, value = selection.asked_as(pointer.expansion), _value(pointer)
    return {
        "resource_type": pointer.kind,
        "resource_id": value,
        "parameter": parameter,
        "value": value,
        "title": "Not Found Error",
        "detail": f"Could not find {pointer.kind} with {parameter}: [{value}].",
        "type": "https://api.x.com/2/problems/resource-not-found",
    }


def _value(pointer: Pointer) -> str:
    """Write what was looked for as X does: somebody who is mentioned by their handle, all else by its id."""
    if pointer.expansion != "entities.mentions.username":
        return pointer.id
    return next(each.username for each in pointer.tweet.entities.mentions if each.id == pointer.id)
