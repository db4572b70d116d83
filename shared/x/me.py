"""
Ask X whose credential this is.

Source: GET /2/users/me, OpenAPI 2.166, read 2026-11-22.
"""

from dataclasses import dataclass
from typing import assert_never

import msgspec

from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.budget import Window
from shared.domain.credential import Credential
from shared.domain.outcome import Failure, Malformed, Unavailable
from shared.x.refusal import read_refusal
from shared.x.upstream import Broken, Reply, Upstream
from shared.x.window import read_window


@dataclass(frozen=True, slots=True)
class Person:
    """Whom X names as the owner of a credential."""

    account_id: AccountId
    username: str
    name: str


@dataclass(frozen=True, slots=True)
class Named:
    """What X said when asked whose a credential is, and the window of that endpoint."""

    person: Person | Failure
    window: Window | None


class _User(msgspec.Struct):
    id: str
    username: str
    name: str


class _Me(msgspec.Struct):
    data: _User


class Me:
    """X's word on whose a credential is."""

    def __init__(self, upstream: Upstream, clock: Clock) -> None:
        self._upstream = upstream
        self._clock = clock

    async def whose(self, credential: Credential) -> Named:
        """Ask X whose credential this is: one request, whose every end is a value."""
        reply = await self._upstream.ask("/2/users/me", {}, credential)
        match reply:
            case Unavailable():
                return Named(reply, None)
            case Broken(headers):
                return Named(Malformed("truncated"), read_window(headers, now_ms=self._clock.now_ms()))
            case Reply(status=200):
                return Named(_read(reply.body), read_window(reply.headers, now_ms=self._clock.now_ms()))
            case Reply():
                return Named(*read_refusal(reply, now_ms=self._clock.now_ms()))
            case _:
                assert_never(reply)


def _read(body: bytes) -> Person | Malformed:
    try:
        user = msgspec.json.decode(body, type=_Me).data
        return Person(AccountId(int(user.id)), user.username, user.name)
    except (ValueError, RecursionError) as fault:
        return Malformed(str(fault)[:80])
