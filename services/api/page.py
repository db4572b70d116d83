"""
A page of a timeline as X writes it, joined from bytes: no body is parsed or written anew.

    {"data": [...], "includes": {...}, "errors": [...], "meta": {...}}

Empty members are left out, as X leaves them out. `/v1` adds `gaps`: where, within
the range that was asked for, tweets may be missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from services.api.parameters import write_token
from shared.domain.mode import Reach
from shared.domain.timeline import Gap
from shared.domain.tweet import MAX_ID, TweetId
from shared.store.bodies import Shown
from shared.store.timelines import Range, Slice

_encode = msgspec.json.Encoder().encode

#: Kinds of bodies and what X calls a list of them.
INCLUDES = {"user": b"users", "tweet": b"tweets", "media": b"media", "poll": b"polls", "place": b"places"}


@dataclass(frozen=True, slots=True)
class Content:
    """What a page shows, as JSON texts: tweets in their order, what is shown with them, what is missing."""

    tweets: list[bytes]
    includes: list[tuple[bytes, list[bytes]]]
    errors: list[dict[str, str]]


def whole(shown: Shown) -> Content:
    """Show everything that is kept of these bodies."""
    includes = [
        (name, [body.raw for body in shown.includes[kind]])
        for kind, name in INCLUDES.items()
        if kind in shown.includes
    ]
    return Content([body.raw for body in shown.tweets], includes, [missing(each) for each in shown.missing])


def write_page(content: Content, meta: Mapping[str, object], gaps: list[dict[str, str]] | None) -> bytes:
    """Write a page, with its gaps where they are told."""
    pieces = [b"{"]
    if content.tweets:
        pieces += (b'"data":[', b",".join(content.tweets), b"],")
    if content.includes:
        lists = [b'"%b":[%b]' % (name, b",".join(each)) for name, each in content.includes]
        pieces += (b'"includes":{', b",".join(lists), b"},")
    if content.errors:
        pieces += (b'"errors":', _encode(content.errors), b",")
    if gaps is not None:
        pieces += (b'"gaps":', _encode(gaps), b",")
    pieces += (b'"meta":', _encode(meta), b"}")
    return b"".join(pieces)


def write_meta(asked: Range, part: Slice, count: int, *, ascending: bool = False) -> dict[str, object]:
    """Tell what a page of `count` tweets covers, and the tokens of the pages before and after it."""
    meta: dict[str, object] = {"result_count": count}
    if part.ids:
        meta |= {"newest_id": str(part.ids[0]), "oldest_id": str(part.ids[-1])}
    older, newer = _ends(asked, part)
    tokens = (
        {"next_token": newer, "previous_token": older}
        if ascending
        else {"next_token": older, "previous_token": newer}
    )
    return meta | {name: token for name, token in tokens.items() if token is not None}


def describe_gap(gap: Gap, reach: Reach) -> dict[str, str]:
    """Tell of one gap."""
    return {
        "older_id": str(gap.older),
        # The end of an unread timeline lies beyond the largest id; on the wire every id is one.
        "newer_id": str(min(gap.newer, MAX_ID)),
        "reason": "unfillable" if gap.unfillable else "filling" if reach.fills(gap) else "when-read",
    }


def gaps_in(asked: Range, part: Slice, *, ascending: bool = False) -> list[Gap]:
    """
    List the gaps that touch what this page covers, newest first.

    One between two pages is told with the page that is read later.
    """
    oldest, newest = asked.since or TweetId(0), asked.until or TweetId(MAX_ID)
    if asked.oldest_first:
        oldest = part.ids[-1] if part.ids and not ascending else oldest
        newest = _far_end(asked, part) or newest
    else:
        oldest = _far_end(asked, part) or oldest
    return [gap for gap in part.kept.held.gaps if gap.newer > oldest and gap.older < newest]


def _far_end(asked: Range, part: Slice) -> TweetId | None:
    """Name the id up to which a page covers its range; None for all of it."""
    if part.edge is not None:
        return part.edge
    if not part.more or not part.ids:
        return None
    return part.ids[0] if asked.oldest_first else part.ids[-1]


def _ends(asked: Range, part: Slice) -> tuple[str | None, str | None]:
    """Write the tokens of the pages just older and just newer; None where there is none."""
    older = newer = None
    far = _far_end(asked, part)
    if asked.oldest_first:
        # A page that was read upwards from an id has more below it, as far as is known here.
        if part.ids and asked.since is not None:
            older = write_token(part.ids[-1], newer=False)
        newer = write_token(far, newer=True) if far is not None else None
    else:
        older = write_token(far, newer=False) if far is not None else None
        if part.ids and part.ids[0] < part.kept.held.newest:
            newer = write_token(part.ids[0], newer=True)
    return older, newer


def missing(tweet_id: TweetId) -> dict[str, str]:
    """Tell, as X does of what it does not find, of a tweet whose text is no longer kept."""
    return {
        "resource_type": "tweet",
        "resource_id": str(tweet_id),
        "parameter": "id",
        "value": str(tweet_id),
        "title": "Not Found Error",
        "detail": f"The tweet {tweet_id} is in the timeline, but its text is no longer kept.",
        "type": "https://api.x.com/2/problems/resource-not-found",
    }
