"""
Who speaks: the bearer tokens that the gateway gave out, kept only as hashes.

    roost_<account id>_<43 characters of chance><8 of checksum>

The account's id stands in the token so that its session lies in the account's own
slot, and one script can check the one and read the other. It proves nothing: the
session says whose it is. The prefix and the checksum let a scanner for leaked
secrets tell a token from chance, and a mistyped one is refused before Redis is asked.

Keys: session, sessions, account
"""

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass

from redis.asyncio import Redis

from shared.domain.account import AccountId
from shared.store import keys, scripts

#: An account has at most so many sessions; the one that would expire first goes.
SESSIONS_KEPT = 50
_RANDOM_BYTES = 32
_TOKEN = re.compile(r"roost_([0-9]{1,19})_([A-Za-z0-9_-]{43})([0-9a-f]{8})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a token says of itself; it holds once Redis has confirmed that `session_key` is this account's."""

    account_id: AccountId
    session_key: str


class Sessions:
    """The sessions of all accounts."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._begin = scripts.register(redis, "session")

    async def begin(self, account_id: AccountId, *, now_ms: int, lasts_ms: int) -> str:
        """Give out a token for this account; it is shown this once and good for `lasts_ms`."""
        secret = secrets.token_urlsafe(_RANDOM_BYTES)
        token = f"roost_{account_id}_{secret}{_checksum(secret)}"
        hashed = _hashed(token)
        await self._begin(
            keys=[keys.account(account_id), keys.sessions(account_id), keys.session(account_id, hashed)],
            args=[account_id, hashed, now_ms, lasts_ms, SESSIONS_KEPT, keys.session(account_id)],
        )
        return token

    async def confirm(self, claimed: Claimed) -> bool:
        """Say whether a session is this account's, and has neither expired nor been ended."""
        return await self._redis.get(claimed.session_key) == str(claimed.account_id).encode()


def read_token(token: str) -> Claimed | None:
    """Read what a token says of itself; None for one that the gateway cannot have given out."""
    match = _TOKEN.fullmatch(token)
    if match is None or _checksum(match[2]) != match[3]:
        return None
    account_id = AccountId(int(match[1]))
    return Claimed(account_id, keys.session(account_id, _hashed(token)))


def _hashed(token: str) -> str:
    # The token is 256 bits of chance: a plain hash cannot be guessed back.
    return hashlib.sha256(token.encode()).hexdigest()


def _checksum(secret: str) -> str:
    return f"{zlib.crc32(secret.encode()):08x}"
