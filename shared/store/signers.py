"""
Keys that programs sign their requests with, as OAuth 1.0a has it, and what was signed already.

    <account id>-<43 characters of chance>      the token, in the form that X's have

The two secrets that go with a token are made of it and of the data key of its account: they are kept
nowhere, and to forget an account is to make them worth nothing. The session that the token names says
what it may do, as for any other token; without a signature the token opens nothing.

Keys: data_key, nonce
"""

import hashlib
import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field

from shared.domain.account import AccountId
from shared.sealing import derive
from shared.store import keys
from shared.store.connection import Connection
from shared.store.datakeys import DataKeys
from shared.store.sessions import Claimed

#: A signature is good for as long before and after the instant that it names; then its nonce is forgotten.
SIGNED_MS = 5 * 60_000
#: Data keys are opened anew after so long: one that was destroyed is used no longer.
_OPENED_MS = 60_000
_OPENED_KEPT = 10_000
_RANDOM_BYTES = 32
_TOKEN = re.compile(r"([0-9]{1,19})-[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Signer:
    """What a program signs with: a key and a secret for itself, and for its person."""

    consumer_key: str
    token: str
    consumer_secret: str = field(repr=False)
    token_secret: str = field(repr=False)


class Signers:
    """The keys that this gateway gave out."""

    def __init__(self, redis: Connection, data_keys: DataKeys) -> None:
        self._redis = redis
        self._data_keys = data_keys
        self._opened: OrderedDict[AccountId, tuple[bytes, int]] = OrderedDict()

    async def find(self, token: str, *, now_ms: int) -> Signer | None:
        """Make what a token is signed with; None for one that this gateway cannot have given out."""
        account_id = owner_of(token)
        data_key = await self._data_key(account_id, now_ms) if account_id is not None else None
        if data_key is None:
            return None
        return Signer(
            consumer_key=f"roost-{_hashed(token)[:16]}",
            token=token,
            consumer_secret=derive(data_key, "consumer", token),
            token_secret=derive(data_key, "token", token),
        )

    async def is_new(self, claim: Claimed, nonce: str) -> bool:
        """Note that something was signed with this nonce; False when it was before."""
        key = keys.nonce(claim.account_id, _hashed(f"{claim.session_key} {nonce}"))
        return bool(await self._redis.set(key, b"", nx=True, px=2 * SIGNED_MS))

    async def _data_key(self, account_id: AccountId, now_ms: int) -> bytes | None:
        found, until_ms = self._opened.get(account_id, (None, 0))
        if found is None or now_ms > until_ms:
            found = await self._data_keys.find(account_id)
            self._opened.pop(account_id, None)
            if found is not None:
                self._opened[account_id] = found, now_ms + _OPENED_MS
            if len(self._opened) > _OPENED_KEPT:
                self._opened.popitem(last=False)
        return found


def new_token(account_id: AccountId) -> str:
    """Make a token to sign with."""
    return f"{account_id}-{secrets.token_urlsafe(_RANDOM_BYTES)}"


def owner_of(token: str) -> AccountId | None:
    """Read whose a token says it is; None for what is none."""
    match = _TOKEN.fullmatch(token)
    return AccountId(int(match[1])) if match else None


def claim_of(token: str) -> Claimed | None:
    """Read what a token says of itself, which holds only with a signature."""
    account_id = owner_of(token)
    return None if account_id is None else Claimed(account_id, keys.session(account_id, _hashed(token)))


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
