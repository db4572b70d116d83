"""
Server-Sent Events, as bytes: what arrived in a timeline, in the order in which it did.

    id: 1795349000123-0.2      the arrivals' entry, and the place in it
    event: tweet
    data: {"data":{…},"includes":{…}}

Each change has its place in its entry whether it can still be shown or not, so that an id
says exactly what a listener has been told.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from services.api.page import INCLUDES, describe_gap
from shared.domain.mode import Reach
from shared.domain.tweet import Body, TweetId
from shared.store.arrivals import Arrival, is_entry
from shared.store.bodies import Shown

_encode = msgspec.json.Encoder().encode
#: A line of nothing, by which both sides know that the other is there.
HEARTBEAT = b":\n\n"
_ID = re.compile(r"(?P<entry>[^.]{1,40})(\.(?P<index>[0-9]{1,6}))?", re.ASCII)
#: The place after all of an entry: no commit changes so many things.
WHOLE = 10**6


@dataclass(frozen=True, slots=True)
class Place:
    """Where a listener is: everything of this entry before `index` has been told."""

    entry: str
    index: int = 0

    def written(self) -> bytes:
        """Write the id that says so; alone, EventSource keeps it and tells nobody of it."""
        return b"id: %b.%d\n" % (self.entry.encode(), self.index - 1)


@dataclass(frozen=True, slots=True)
class Event:
    """One event with its place, and the tweet it shows if it shows one."""

    place: Place
    name: str
    data: bytes
    tweet_id: TweetId | None = None

    def written(self) -> bytes:
        """Write it as it goes over the wire."""
        after = Place(self.place.entry, self.place.index + 1)
        # Only between X's words can there be an end of a line; here it would be the end of the data.
        data = self.data.translate(None, b"\r\n")
        return after.written() + b"event: %b\ndata: %b\n\n" % (self.name.encode(), data)


class _Edited(msgspec.Struct):
    edit_history_tweet_ids: list[str] = []


_edited = msgspec.json.Decoder(_Edited).decode


def read_place(text: str) -> Place | None:
    """Read where somebody is whose last event had this id; None for what is none."""
    match = _ID.fullmatch(text)
    if match is None or not is_entry(match["entry"]):
        return None
    return Place(match["entry"], int(match["index"]) + 1 if match["index"] else 0)


def write_retry(after_ms: int) -> bytes:
    """Say after how many milliseconds a listener who was cut off is to come again."""
    return b"retry: %d\n\n" % after_ms


def write_state(told: Mapping[str, object]) -> bytes:
    """Write how an account stands; it has no place."""
    return b"event: state\ndata: %b\n\n" % _encode(told)


def events_of(
    arrival: Arrival, reach: Reach | None, shown: Shown, withheld: Collection[TweetId]
) -> Iterator[Event]:
    """
    Tell what a commit changed: tweets from the oldest on, then what is gone, then the gaps.

    Shape: the gaps only where `reach`, which tells what becomes of them, is given.
    """
    tweets = {body.key: body for body in shown.tweets}
    beside = {body.key: body for bodies in shown.includes.values() for body in bodies}
    changes = [*arrival.added, *arrival.replaced, *arrival.deleted]
    gone = set(arrival.replaced) | set(arrival.deleted)
    for index, tweet_id in enumerate(changes):
        place, body = Place(arrival.entry, index), tweets.get(f"tweet:{tweet_id}")
        if index >= len(arrival.added):
            if tweet_id in gone:
                yield Event(place, "delete", b'{"id":"%d"}' % tweet_id)
        elif body is not None:
            replaced = _replaced_by(body, arrival)
            gone -= set(replaced)
            refs = _refs(body, beside, is_withheld=tweet_id in withheld)
            data = _tweet(body, [beside[ref] for ref in refs], replaced)
            yield Event(place, "edit" if replaced else "tweet", data, tweet_id)
    if reach is not None and arrival.gaps is not None:
        told = {"gaps": [describe_gap(gap, reach) for gap in arrival.gaps]}
        yield Event(Place(arrival.entry, len(changes)), "gap", _encode(told))


def _replaced_by(body: Body, arrival: Arrival) -> list[TweetId]:
    """Name what a tweet is a newer version of, of what went with the same commit."""
    if not arrival.replaced:
        return []
    history = _edited(body.raw).edit_history_tweet_ids
    return [each for each in arrival.replaced if str(each) in history]


def _refs(body: Body, beside: Mapping[str, Body], *, is_withheld: bool) -> list[str]:
    """Name what is shown with one tweet, of what is shown with all."""
    refs = dict.fromkeys(each for each in body.refs if not (is_withheld and each.startswith("tweet:")))
    for ref in tuple(refs):
        if ref in beside and ref.startswith("tweet:"):
            refs |= dict.fromkeys(each for each in beside[ref].refs if not each.startswith("tweet:"))
    return [ref for ref in refs if ref in beside]


def _tweet(body: Body, beside: list[Body], replaced: list[TweetId]) -> bytes:
    pieces = [b'{"data":', body.raw]
    if beside:
        pieces += [b',"includes":{', b",".join(_includes(beside)), b"}"]
    if replaced:
        pieces += [b',"replaces":', _encode([str(each) for each in replaced])]
    return b"".join([*pieces, b"}"])


def _includes(beside: list[Body]) -> Iterator[bytes]:
    for kind, name in INCLUDES.items():
        if found := [body.raw for body in beside if body.key.startswith(f"{kind}:")]:
            yield b'"%b":[%b]' % (name, b",".join(found))
