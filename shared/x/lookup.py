"""
Ask X which of some tweets are still there.

Source: GET /2/tweets, OpenAPI 2.166, read 2026-11-22: at most 100 ids; what is not shown stands
        in `errors`, with status 200. Problem types and titles: answers recorded in public.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

import msgspec

from shared.clock import Clock
from shared.domain.budget import Window
from shared.domain.credential import Credential
from shared.domain.deletion import Told
from shared.domain.outcome import Failure, Malformed, Unavailable
from shared.domain.tweet import TweetId
from shared.x.refusal import read_refusal
from shared.x.upstream import Broken, Reply, Upstream
from shared.x.window import read_window

_NOT_FOUND = "resource-not-found"
#: X says "not found" of a suspended author's tweets too, under this title; they may come back.
_SUSPENDED = "Forbidden"
_UNSEEN = {"not-authorized-for-resource", "disallowed-resource", "resource-unavailable"}


@dataclass(frozen=True, slots=True)
class Looked:
    """What X said when asked about tweets, and the window of that endpoint."""

    outcome: Told | Failure
    window: Window | None


class _Tweet(msgspec.Struct):
    id: str


class _Error(msgspec.Struct):
    type: str = ""
    title: str = ""
    value: str = ""

    def kind(self) -> str:
        return self.type.rpartition("/")[2]


class _Answer(msgspec.Struct):
    data: list[_Tweet] = []
    errors: list[_Error] = []


_answers = msgspec.json.Decoder(_Answer)


class Lookup:
    """X's word on whether tweets are there."""

    def __init__(self, upstream: Upstream, clock: Clock) -> None:
        self._upstream = upstream
        self._clock = clock

    async def fetch(self, ids: Sequence[TweetId], credential: Credential) -> Looked:
        """
        Ask about up to 100 tweets in the name of a person: one request, whose every end is a value.

        Nothing but ids is asked for. X bills the tweets that are there, those of them only that it
        has not billed on this UTC day.
        """
        reply = await self._upstream.ask("/2/tweets", {"ids": ",".join(map(str, ids))}, credential)
        match reply:
            case Unavailable():
                return Looked(reply, None)
            case Broken(headers):
                return Looked(Malformed("truncated"), read_window(headers, now_ms=self._clock.now_ms()))
            case Reply(status=200):
                return Looked(
                    read_told(reply.body, ids), read_window(reply.headers, now_ms=self._clock.now_ms())
                )
            case Reply():
                return Looked(*read_refusal(reply, now_ms=self._clock.now_ms()))
            case _:
                assert_never(reply)


def read_told(body: bytes, ids: Sequence[TweetId]) -> Told | Malformed:
    """Read what an answer says of the tweets that were asked about."""
    asked = {str(each): each for each in ids}
    try:
        answer = _answers.decode(body)
    except (ValueError, RecursionError) as fault:  # msgspec's errors are ValueErrors
        return Malformed(str(fault)[:80])
    about = [error for error in answer.errors if error.value in asked]
    return Told(
        there=frozenset(asked[tweet.id] for tweet in answer.data if tweet.id in asked),
        gone=frozenset(asked[error.value] for error in about if _says_gone(error)),
        unseen=frozenset(asked[error.value] for error in about if _says_unseen(error)),
    )


def _says_gone(error: _Error) -> bool:
    return error.kind() == _NOT_FOUND and error.title != _SUSPENDED


def _says_unseen(error: _Error) -> bool:
    return error.kind() in _UNSEEN or (error.kind() == _NOT_FOUND and error.title == _SUSPENDED)
