"""
Who speaks, and what they may do: the tokens that the gateway gave out, kept only as hashes.

    roost_<account id>_<43 characters of chance><8 of checksum>

The account's id stands in the token so that its session lies in the account's own
slot, and one script can check the one and read the other. It proves nothing: the
session says whose it is. The prefix and the checksum let a scanner for leaked
secrets tell a token from chance, and a mistyped one is refused before Redis is asked.

A session ends by idleness: each use puts its end off. An API key ends when it is revoked.

Keys: session, sessions, account
"""

import hashlib
import hmac
import re
import secrets
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from shared.domain.account import AccountId
from shared.domain.budget import Window
from shared.store import keys, scripts
from shared.store.connection import Connection

#: An account has at most so many sessions; the one that would expire first goes.
SESSIONS_KEPT = 50
#: An account has at most so many API keys; one more is refused.
KEYS_KEPT = 50

#: The window in which the calls of a session are counted; `counting.lua` has it too.
CALLS_WINDOW_MS = 15 * 60 * 1000

TIMELINE_READ: Final = "timeline:read"
ACCOUNT_WRITE: Final = "account:write"
#: What a private link to a feed may do, and nothing else may.
FEED_READ: Final = "feed:read"
SCOPES = frozenset({TIMELINE_READ, ACCOUNT_WRITE})

_RANDOM_BYTES = 32
_ID_DIGITS = 16
_TOKEN = re.compile(r"roost_([0-9]{1,19})_([A-Za-z0-9_-]{43})([0-9a-f]{8})", re.ASCII)


class Kind(StrEnum):
    """How somebody came by a session: in a browser, by registering, by making an API key or a feed link."""

    BROWSER = "browser"
    APP = "app"
    KEY = "key"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class Terms:
    """
    What a session is begun with.

    Units: after `idle_ms` without use it is over; an API key with 0 never is.
    """

    kind: Kind
    scopes: frozenset[str]
    name: str
    idle_ms: int

    @classmethod
    def app(cls, idle_ms: int) -> Self:
        """Make the terms of an app that has registered its person."""
        return cls(Kind.APP, SCOPES, "", idle_ms)


@dataclass(frozen=True, slots=True)
class Given:
    """What is shown once: the token, and the id by which its session is known afterwards."""

    token: str
    id: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a token says of itself; it holds once Redis has confirmed that `session_key` is this account's."""

    account_id: AccountId
    session_key: str


@dataclass(frozen=True, slots=True)
class Session:
    """A session that holds."""

    account_id: AccountId
    id: str
    kind: Kind
    scopes: frozenset[str]
    made_at_ms: int
    calls: Window


@dataclass(frozen=True, slots=True)
class OutOfScope:
    """A session holds, and may not do what was asked."""


@dataclass(frozen=True, slots=True)
class OutOfCalls:
    """A session holds, and has asked as often as it may until its window ends."""

    calls: Window


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key as its owner sees it; `used_at_ms` is exact to a minute, 0 for never."""

    id: str
    name: str
    scopes: frozenset[str]
    made_at_ms: int
    used_at_ms: int


class TooManyKeysError(Exception):
    """The account has as many API keys as it may."""


class NoSuchAccountError(Exception):
    """The account was forgotten meanwhile."""


class Sessions:
    """The sessions of all accounts."""

    def __init__(self, redis: Connection, calls_limit: int = 0) -> None:
        self._redis = redis
        self._calls_limit = calls_limit
        self._begin = scripts.register(redis, "listed", "session")
        self._confirm = scripts.register(redis, "listed", "using", "counting", "confirm")
        self._end_all = scripts.register(redis, "endall")
        self._list_keys = scripts.register(redis, "apikeys")
        self._revoke_key = scripts.register(redis, "revokekey")

    async def begin(
        self, account_id: AccountId, terms: Terms, *, now_ms: int, token: str | None = None
    ) -> Given:
        """
        Give out a token for this account, shown this once: a new one, or one that was made for it.

        Errors: TooManyKeysError, for an API key; NoSuchAccountError.
        """
        if token is None:
            secret = secrets.token_urlsafe(_RANDOM_BYTES)
            token = f"roost_{account_id}_{secret}{_checksum(secret)}"
        hashed = _hashed(token)
        scopes = " ".join(sorted(terms.scopes))
        begun = await self._begin(
            keys=[keys.account(account_id), keys.sessions(account_id), keys.session(account_id, hashed)],
            args=[
                *(account_id, hashed, now_ms, terms.kind, scopes, terms.name, terms.idle_ms),
                *(SESSIONS_KEPT, KEYS_KEPT, keys.session(account_id)),
            ],
        )
        if begun < 0:
            raise TooManyKeysError
        if begun == 0:
            raise NoSuchAccountError(account_id)
        return Given(token, hashed[:_ID_DIGITS])

    async def confirm(self, claimed: Claimed, *, now_ms: int) -> Session | None:
        """
        Say what a session may do, put its end off, and count this call of it.

        Shape: None when it is over, or not this account's; one that has asked too often has -1 calls left.
        """
        account_id = claimed.account_id
        held = await self._confirm(
            keys=[claimed.session_key, keys.sessions(account_id)],
            args=[account_id, now_ms, self._calls_limit],
        )
        if held is None:
            return None
        kind, scopes, made_at_ms = (each.decode() for each in held[1:4])
        session_id = _hash_of(claimed)[:_ID_DIGITS]
        calls = read_calls(self._calls_limit, *held[4:])
        return Session(account_id, session_id, Kind(kind), frozenset(scopes.split()), int(made_at_ms), calls)

    async def end(self, claimed: Claimed) -> None:
        """End one session."""
        account_id = claimed.account_id
        await self._redis.ask_all(
            [
                ("DEL", claimed.session_key),
                ("ZREM", keys.sessions(account_id), _hash_of(claimed)),
                ("PUBLISH", keys.settled(account_id), ""),  # who listens with it is to look
            ]
        )

    async def end_all(self, account_id: AccountId, kinds: Iterable[Kind] = (Kind.BROWSER, Kind.APP)) -> None:
        """End every session of these kinds: one who signs out everywhere keeps the API keys."""
        await self._end_all(keys=[keys.sessions(account_id)], args=[keys.session(account_id), *kinds])

    async def list_keys(self, account_id: AccountId, kind: Kind = Kind.KEY) -> list[ApiKey]:
        """List the API keys of an account, or its feed links, newest first."""
        args = [keys.session(account_id), kind]
        found = await self._list_keys(keys=[keys.sessions(account_id)], args=args)
        return sorted(map(_read_key, found), key=lambda key: (key.made_at_ms, key.id), reverse=True)

    async def revoke_key(self, account_id: AccountId, key_id: str, kind: Kind = Kind.KEY) -> bool:
        """End an API key, or a feed link; False when the account has none of this id."""
        revoked = await self._revoke_key(
            keys=[keys.sessions(account_id)], args=[keys.session(account_id), key_id, _ID_DIGITS, kind]
        )
        return bool(revoked)


def read_calls(limit: int, left: int, resets_at_ms: bytes) -> Window:
    """Read what scripts tell of a session's own window; -1 is left when there were too many calls."""
    return Window(limit, left, int(resets_at_ms))


def read_token(token: str) -> Claimed | None:
    """Read what a token says of itself; None for one that the gateway cannot have given out."""
    match = _TOKEN.fullmatch(token)
    if match is None or not hmac.compare_digest(_checksum(match[2]), match[3]):
        return None
    account_id = AccountId(int(match[1]))
    return Claimed(account_id, keys.session(account_id, _hashed(token)))


def _read_key(fields: list[bytes]) -> ApiKey:
    hashed, name, scopes, made_at_ms, used_at_ms = (each.decode() for each in fields)
    return ApiKey(hashed[:_ID_DIGITS], name, frozenset(scopes.split()), int(made_at_ms), int(used_at_ms))


def _hash_of(claimed: Claimed) -> str:
    return claimed.session_key.rpartition(":")[2]


def _hashed(token: str) -> str:
    # The token is 256 bits of chance: a plain hash cannot be guessed back.
    return hashlib.sha256(token.encode()).hexdigest()


def _checksum(secret: str) -> str:
    return f"{zlib.crc32(secret.encode()):08x}"
