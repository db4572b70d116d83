"""
Tags of answers, by which a reader asks whether anything has changed.

    "<state>-<content>"      with -zstd or -gzip after it for an answer that was compressed

`state` is made of what was asked and which ids, gaps and account stand behind the answer,
so whether it has changed is known before any body is read. `content` is made of what it
shows: two answers that differ never have the same tag, as a strong tag promises. Numbers
within a tweet (its likes, its author's picture) may change while the state does not; so
that they are told too, a state lasts no longer than an hour.
"""

from hashlib import blake2b

from starlette.requests import Request

from services.api.gateway import Gateway
from services.api.page import Content
from shared.store.timelines import Slice

_HOUR_MS = 3_600_000


def state_of(request: Request, part: Slice, *, now_ms: int) -> str:
    """Make the part of a tag that is known without bodies."""
    gateway: Gateway = request.app.state.gateway
    kept, held = part.kept, part.kept.held
    parts = (
        request.scope["path"],
        request.scope["query_string"],
        part.ids,
        part.more,
        part.edge,
        sorted(part.withheld),
        held.gaps,
        held.newest,
        kept.reach.under(kept.mode or gateway.rules.mode),
        now_ms // _HOUR_MS,
    )
    return blake2b(repr(parts).encode(), digest_size=12).hexdigest()


def tag_of(state: str, content: Content) -> str:
    """
    Make the tag of an answer.

    Python remembers the hash of a body that it has hashed before. Another process hashes otherwise:
    its tags of the same answer differ, which costs nothing, for only the state is compared.
    """
    shown = (tuple(content.tweets), tuple(tuple(each) for _, each in content.includes), len(content.errors))
    return f'"{state}-{hash(shown) & 0xFFFFFFFFFFFFFFFF:016x}"'


def unchanged(request: Request, state: str) -> str | None:
    """Find the tag, of those that a reader has, whose state still stands."""
    asked = request.headers.get("if-none-match")
    if asked is None:
        return None
    tags = (each.strip() for each in asked.split(","))
    return next((tag for tag in tags if tag.removeprefix("W/").startswith(f'"{state}-')), None)
