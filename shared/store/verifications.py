"""
How often X may still be asked whose a credential is.

The window of `users/me` is known by the credential alone, for whose it is is what
is asked. It is reserved before asking and corrected by X's headers after, as a
poll's is; of a credential never seen one request is let through.

Keys: asked
"""

import hashlib
from typing import assert_never

from shared.domain.budget import ASSUMED_WINDOW_MS, Window
from shared.domain.credential import Credential, OAuth1Credential, OAuth2Credential
from shared.store import keys, scripts
from shared.store.connection import Connection


class Verifications:
    """The windows of `users/me`, one for each credential lately asked about."""

    def __init__(self, redis: Connection) -> None:
        self._redis = redis
        self._ask = scripts.register(redis, "window", "ask")
        self._told = scripts.register(redis, "window", "told")

    async def reserve(self, credential: Credential, *, now_ms: int) -> int | None:
        """Reserve one request; None when there is one, else the instant at which the window resets."""
        resets_at_ms = int(await self._ask(keys=[_key(credential)], args=[now_ms, ASSUMED_WINDOW_MS]))
        return resets_at_ms or None

    async def settle(self, credential: Credential, window: Window | None, *, now_ms: int) -> None:
        """Correct the window by what X said; without headers it stays as reserved."""
        if window is not None:
            args = [now_ms, window.limit, window.left, window.resets_at_ms]
            await self._told(keys=[_key(credential)], args=args)

    async def release(self, credential: Credential) -> None:
        """Keep nothing of a credential that X does not know: it has no window there."""
        await self._redis.delete(_key(credential))


def _key(credential: Credential) -> str:
    match credential:
        case OAuth1Credential():
            token = credential.token
        case OAuth2Credential():
            token = credential.access_token
        case _:
            assert_never(credential)
    return keys.asked(hashlib.sha256(token.encode()).hexdigest())
