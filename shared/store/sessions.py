"""
Who speaks: the bearer tokens that the gateway gave out, kept only as hashes.

A token is `roost_`, 43 characters of randomness and a checksum of eight, so that a
scanner for leaked secrets can tell one from chance, and a mistyped one is refused
before Redis is asked.

Keys: session, sessions
"""

import hashlib
import secrets
import zlib

from redis.asyncio import Redis

from shared.domain.account import AccountId
from shared.store import keys

PREFIX = "roost_"
_RANDOM_BYTES = 32
_CHECKSUM_LENGTH = 8


class Sessions:
    """The sessions of all accounts."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def begin(self, account_id: AccountId, *, now_ms: int, lasts_ms: int) -> str:
        """Give out a token for this account; it is shown this once and good for `lasts_ms`."""
        secret = secrets.token_urlsafe(_RANDOM_BYTES)
        token = f"{PREFIX}{secret}{_checksum(secret)}"
        pipe = self._redis.pipeline(transaction=False)
        # Listed first: a session that forgetting could not find would outlive its account.
        pipe.zadd(keys.sessions(account_id), {_hashed(token): now_ms + lasts_ms})
        pipe.zremrangebyscore(keys.sessions(account_id), "-inf", now_ms)
        pipe.set(keys.session(_hashed(token)), str(account_id), px=lasts_ms)
        await pipe.execute()
        return token

    async def owner(self, token: str) -> AccountId | None:
        """Say whose token this is; None for one that was never given out, has expired or was ended."""
        secret, checksum = token[len(PREFIX) : -_CHECKSUM_LENGTH], token[-_CHECKSUM_LENGTH:]
        if not token.startswith(PREFIX) or _checksum(secret) != checksum:
            return None
        account_id = await self._redis.get(keys.session(_hashed(token)))
        return AccountId(int(account_id)) if account_id else None


def _hashed(token: str) -> str:
    # The token is 256 bits of chance: a plain hash cannot be guessed back.
    return hashlib.sha256(token.encode()).hexdigest()


def _checksum(secret: str) -> str:
    return f"{zlib.crc32(secret.encode()):08x}"
