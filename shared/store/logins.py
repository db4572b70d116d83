"""
Sign-ins under way: what is remembered from sending a browser to X until it is back.

It is kept under the hash of the state that X hands back, and locked by a secret that
only the browser holds: so it belongs to that browser, is good once and for ten
minutes, and whoever reads Redis reads nothing.

Keys: login
"""

import hashlib

import msgspec

from shared.sealing import CannotOpenError, lock, unlock
from shared.store import keys
from shared.store.connection import Connection

#: Long enough for a password and a second factor at X.
LOGIN_MS = 10 * 60_000


class Login(msgspec.Struct, frozen=True):
    """What is remembered: which way to X was taken, its secrets, and where the person wanted to go."""

    oauth: str  # "1.0a" or "2.0"
    callback: str
    secret: str
    key: str
    return_to: str

    def __repr__(self) -> str:
        return f"Login({self.oauth!r}, ***)"


class Logins:
    """The sign-ins under way."""

    def __init__(self, redis: Connection) -> None:
        self._redis = redis

    async def keep(self, state: str, browser: str, login: Login) -> None:
        """Remember a sign-in for whoever comes back with this state and this browser's secret."""
        await self._redis.set(_key(state), lock(browser, msgspec.json.encode(login)), px=LOGIN_MS)

    async def take(self, state: str, browser: str) -> Login | None:
        """Take up a sign-in; None when there is none, it was taken before, or began in another browser."""
        locked = await self._redis.getdel(_key(state))
        if not isinstance(locked, bytes):
            return None
        try:
            return msgspec.json.decode(unlock(browser, locked), type=Login)
        except CannotOpenError:
            return None


def _key(state: str) -> str:
    return keys.login(hashlib.sha256(state.encode()).hexdigest())
