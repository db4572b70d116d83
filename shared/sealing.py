"""
How what people entrust to us is shut: AES-256-GCM, a data key per account, wrapped by the operator's.

    credential --sealed by--> data key of its account --wrapped by--> first master key

The account's id is bound to both as associated data, so what was sealed for one
account does not open for another. A wrapped data key begins with the id of the
master key that wrapped it: the first of the operator's keys wraps, all unwrap, and
changing the first means wrapping 32 bytes an account anew, never a credential.
"""

import hashlib
import hmac
import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12
_KEY_ID_BYTES = 4
#: What is sealed, so that nothing sealed for one purpose opens for another; the number is the format's.
_CREDENTIAL, _DATA_KEY, _LOGIN = "roost credential 1", "roost data key 1", "roost login 1"


class CannotOpenError(Exception):
    """Sealed bytes are not what this key sealed for this account."""


class UnknownKeyError(Exception):
    """A data key was wrapped by a master key that the operator does not give us (any more)."""


class MasterKeys:
    """The operator's keys; the first wraps, all unwrap."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._by_id = {_id_of(key): key for key in keys}
        self.first_id = _id_of(keys[0]).hex()

    @classmethod
    def read(cls, text: str) -> Self:
        """
        Read keys as an operator writes them: 43 or 44 characters of base64 each, between commas or spaces.

        Errors: ValueError, which repeats nothing of what was given.
        """
        written = [each for each in re.split(r"[\s,]+", text) if each]
        if not written:
            raise ValueError("missing; `roost keys new` makes one")
        return cls([_read_key(each, number) for number, each in enumerate(written, 1)])

    def __repr__(self) -> str:
        return f"MasterKeys(first={self.first_id})"

    def wrap(self, account_id: int, data_key: bytes) -> bytes:
        """Wrap a data key for its account, by the first key."""
        key_id = bytes.fromhex(self.first_id)
        return key_id + _shut(self._by_id[key_id], data_key, _bound(_DATA_KEY, account_id))

    def unwrap(self, account_id: int, wrapped: bytes) -> bytes:
        """
        Unwrap a data key.

        Errors: UnknownKeyError when it is wrapped by no key of ours; CannotOpenError when for someone else.
        """
        key_id = wrapped[:_KEY_ID_BYTES]
        if key_id not in self._by_id:
            raise UnknownKeyError(
                f"wrapped by master key {key_id.hex()}, which is not among ROOST_SECRET_KEYS "
                f"({', '.join(each.hex() for each in self._by_id)})"
            )
        return _opened(self._by_id[key_id], wrapped[_KEY_ID_BYTES:], _bound(_DATA_KEY, account_id))

    def is_by_first(self, wrapped: bytes) -> bool:
        """Tell whether the first key wrapped it."""
        return wrapped[:_KEY_ID_BYTES].hex() == self.first_id


def new_key() -> bytes:
    """Make a key of chance."""
    return os.urandom(KEY_BYTES)


def write_key(key: bytes) -> str:
    """Write a master key as an operator keeps it."""
    return urlsafe_b64encode(key).decode()


def seal(data_key: bytes, account_id: int, plain: bytes) -> bytes:
    """Seal a credential for its account."""
    return _shut(data_key, plain, _bound(_CREDENTIAL, account_id))


def unseal(data_key: bytes, account_id: int, sealed: bytes) -> bytes:
    """
    Open what `seal` shut.

    Errors: CannotOpenError when it was sealed by another key, for another account, or was changed.
    """
    return _opened(data_key, sealed, _bound(_CREDENTIAL, account_id))


def derive(data_key: bytes, purpose: str, name: str) -> str:
    """Make a secret of a data key: the same each time, and by nobody who has not the key."""
    made = hmac.new(data_key, f"roost {purpose} {name}".encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(made).decode().rstrip("=")


def lock(secret: str, plain: bytes) -> bytes:
    """Shut what only whoever holds `secret`, 256 bits of chance, is to open for as long as it is kept."""
    return _shut(_key_of(secret), plain, _LOGIN.encode())


def unlock(secret: str, locked: bytes) -> bytes:
    """
    Open what `lock` shut.

    Errors: CannotOpenError when it was locked with another secret.
    """
    return _opened(_key_of(secret), locked, _LOGIN.encode())


def _key_of(secret: str) -> bytes:
    return hashlib.sha256(f"{_LOGIN}: {secret}".encode()).digest()


def _shut(key: bytes, plain: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def _opened(key: bytes, shut: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(shut[:_NONCE_BYTES], shut[_NONCE_BYTES:], bound)
    except (InvalidTag, ValueError):  # ValueError: it is too short to be anything
        raise CannotOpenError("it does not open with this key for this account") from None


def _bound(purpose: str, account_id: int) -> bytes:
    return f"{purpose}: {account_id}".encode()


def _id_of(key: bytes) -> bytes:
    return hashlib.sha256(b"roost master key: " + key).digest()[:_KEY_ID_BYTES]


def _read_key(written: str, number: int) -> bytes:
    try:
        key = urlsafe_b64decode(written.replace("+", "-").replace("/", "_") + "=" * (-len(written) % 4))
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"key {number} is not 32 bytes in base64; `roost keys new` makes one")
    return key
