"""
A page of a home timeline: which ids are on it, and how its answer is written.

Pages may be short before the end, as X's are: a token, not a count, says that there
is more. Tokens are opaque; what they hold is the id where the next page begins.
"""

import base64
import random
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from simulator.outline import Kind
from simulator.people import Person
from simulator.query import InvalidError, Selection, read_count, read_id, read_list, read_selection, read_time
from simulator.render import Renderer
from simulator.world import World

MOST_RESULTS = 100


@dataclass(frozen=True, slots=True)
class Ask:
    """
    What is asked of a home timeline: ids in the open interval (`since`, `until`).

    `edge` is what a token holds: the page just older than it, or, `backwards`, just newer.
    """

    since: int
    until: int
    count: int
    exclude: frozenset[str]
    edge: int | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """One page: its ids, newest first, and whether there are older and newer ones in the range."""

    ids: list[int]
    older: int | None
    newer: int | None


def read_ask(params: Mapping[str, str]) -> Ask:
    """
    Read the range that a request asks for.

    Errors: InvalidError.
    """
    since, until = read_id(params, "since_id"), read_id(params, "until_id")
    start, end = read_time(params, "start_time"), read_time(params, "end_time")
    low = since if since is not None else (start - 1 if start is not None else 0)
    high = until if until is not None else (end if end is not None else 2**63)
    token = _read_token(params["pagination_token"]) if "pagination_token" in params else ()
    return Ask(low, high, read_count(params, MOST_RESULTS), read_list(params, "exclude"), *token)


def cut(world: World, person: Person, ask: Ask, now_ms: int) -> Cut:
    """Cut a page out of a person's timeline as it is now."""
    ids = world.at(person, now_ms).timeline.ids
    bottom = max(person.timeline.reachable(now_ms), bisect_right(ids, ask.since))
    top = bisect_left(ids, ask.until)
    first, last = bottom, top
    if ask.edge is not None and ask.backwards:
        first = max(bottom, bisect_right(ids, ask.edge))
    elif ask.edge is not None:
        last = min(top, bisect_left(ids, ask.edge))
    count = ask.count
    if last - first > count:
        count = _shortened(ask, f"{person.id}:{last}", world.short_share)
    if ask.backwards:
        last = min(last, first + count)
    else:
        first = max(first, last - count)
    chosen = ids[first:last][::-1]
    older = chosen[-1] if chosen and first > bottom else None
    newer = chosen[0] if chosen and last < top else None
    # X leaves tweets out after the cut, so a page that excludes is short as well.
    return Cut([each for each in chosen if not _excluded(world, each, ask.exclude)], older, newer)


def write_page(page: Cut, selection: Selection, renderer: Renderer, now_ms: int) -> bytes:
    """Write the answer."""
    meta: dict[str, object] = {"result_count": len(page.ids)}
    if page.ids:
        meta |= {"newest_id": str(page.ids[0]), "oldest_id": str(page.ids[-1])}
    if page.older is not None:
        meta["next_token"] = _write_token("n", page.older)
    if page.newer is not None:
        meta["previous_token"] = _write_token("p", page.newer)
    return write_answer(page.ids, selection, renderer, now_ms, meta)


def write_answer(
    ids: list[int], selection: Selection, renderer: Renderer, now_ms: int, meta: Mapping[str, object] | None
) -> bytes:
    """Write an answer about these tweets: data, includes, partial errors and meta, empty ones left out."""
    members = []
    if ids:
        members.append(b'"data":[' + b",".join(renderer.tweet(each, selection) for each in ids) + b"]")
    includes, errors = renderer.includes(ids, selection, now_ms)
    if includes:
        members.append(b'"includes":{' + includes + b"}")
    if errors:
        members.append(b'"errors":[' + errors + b"]")
    if meta is not None:
        members.append(b'"meta":' + msgspec.json.encode(meta))
    return b"{" + b",".join(members) + b"}"


def answer_home(
    world: World, renderer: Renderer, person: Person, params: Mapping[str, str], now_ms: int
) -> tuple[bytes, list[int]]:
    """
    Answer a request for a home timeline.

    Shape:  the body, and the ids of the tweets in its data.
    Errors: InvalidError.
    """
    page = cut(world, person, read_ask(params), now_ms)
    return write_page(page, read_selection(params), renderer, now_ms), page.ids


def _shortened(ask: Ask, place: str, share: float) -> int:
    """Tell how many tweets are on a page that has more behind it: mostly as many as asked for."""
    chance = random.Random(f"short:{place}:{ask}")  # noqa: S311 (repeatable, not secret)
    return chance.randint(max(1, ask.count // 2), ask.count) if chance.random() < share else ask.count


def _excluded(world: World, tweet_id: int, exclude: frozenset[str]) -> bool:
    if not exclude:
        return False
    refers = {each["type"] for each in (world.tweet(tweet_id) or {}).get("referenced_tweets", ())}
    return ("retweets" in exclude and Kind.RETWEET in refers) or (
        "replies" in exclude and Kind.REPLY in refers
    )


def _write_token(way: str, edge: int) -> str:
    return base64.b32encode(f"{way}{edge}".encode()).decode().rstrip("=").lower()


def _read_token(token: str) -> tuple[int, bool]:
    try:
        text = base64.b32decode(token.upper() + "=" * (-len(token) % 8)).decode()
        return int(text[1:]), {"p": True, "n": False}[text[:1]]
    except (ValueError, KeyError):
        raise InvalidError(
            "pagination_token", token, f"The `pagination_token` query parameter value [{token}] is not valid"
        ) from None
