"""
A page of a timeline as X writes it, joined from bytes: no body is parsed or written anew.

    {"data": [...], "includes": {...}, "errors": [...], "meta": {...}}

Empty members are left out, as X leaves them out. `/v1` adds `gaps`: where, within
the range that was asked for, tweets may be missing.
"""

import msgspec

from services.api.parameters import write_token
from shared.domain.mode import Reach
from shared.domain.timeline import Gap
from shared.domain.tweet import MAX_ID, TweetId
from shared.store.bodies import Shown
from shared.store.timelines import Range, Slice

_encode = msgspec.json.Encoder().encode

#: Kinds of bodies and what X calls a list of them.
_INCLUDES = {"user": b"users", "tweet": b"tweets", "media": b"media", "poll": b"polls", "place": b"places"}


def write_page(asked: Range, part: Slice, shown: Shown, reach: Reach | None) -> bytes:
    """Write the answer to a request for part of a timeline, with its gaps if `reach` tells of them."""
    pieces = [b"{"]
    if shown.tweets:
        pieces += (b'"data":[', b",".join([body.raw for body in shown.tweets]), b"],")
    if shown.includes:
        pieces += (b'"includes":{', b",".join(_list_includes(shown)), b"},")
    if shown.missing:
        pieces += (b'"errors":', _encode([_missing(each) for each in shown.missing]), b",")
    if reach is not None:
        pieces += (b'"gaps":', _encode(_gaps(asked, part, reach)), b",")
    pieces += (b'"meta":', _encode(_meta(asked, part, len(shown.tweets))), b"}")
    return b"".join(pieces)


def gaps_in(asked: Range, part: Slice) -> list[Gap]:
    """List the gaps that touch what this page covers, newest first."""
    oldest = part.ids[-1] if part.ids and (part.more or asked.oldest_first) else asked.since or TweetId(0)
    newest = part.ids[0] if part.ids and asked.oldest_first and part.more else asked.until or TweetId(MAX_ID)
    return [gap for gap in part.kept.held.gaps if gap.newer > oldest and gap.older < newest]


def _list_includes(shown: Shown) -> list[bytes]:
    return [
        b'"%b":[%b]' % (name, b",".join([body.raw for body in shown.includes[kind]]))
        for kind, name in _INCLUDES.items()
        if kind in shown.includes
    ]


def _meta(asked: Range, part: Slice, count: int) -> dict[str, object]:
    meta: dict[str, object] = {"result_count": count}
    if not part.ids:
        return meta
    meta |= {"newest_id": str(part.ids[0]), "oldest_id": str(part.ids[-1])}
    # A page that was read upwards began at an id that is there: there is always more below it.
    if asked.oldest_first or part.more:
        meta["next_token"] = write_token(part.ids[-1], newer=False)
    if part.more if asked.oldest_first else part.ids[0] < part.kept.held.newest:
        meta["previous_token"] = write_token(part.ids[0], newer=True)
    return meta


def _gaps(asked: Range, part: Slice, reach: Reach) -> list[dict[str, str]]:
    return [
        {
            "older_id": str(gap.older),
            # The end of an unread timeline lies beyond the largest id; on the wire every id is one.
            "newer_id": str(min(gap.newer, MAX_ID)),
            "reason": "unfillable" if gap.unfillable else "filling" if reach.fills(gap) else "when-read",
        }
        for gap in gaps_in(asked, part)
    ]


def _missing(tweet_id: TweetId) -> dict[str, str]:
    return {
        "resource_type": "tweet",
        "resource_id": str(tweet_id),
        "parameter": "id",
        "value": str(tweet_id),
        "title": "Not Found Error",
        "detail": f"The tweet {tweet_id} is in the timeline, but its text is no longer kept.",
        "type": "https://api.x.com/2/problems/resource-not-found",
    }
