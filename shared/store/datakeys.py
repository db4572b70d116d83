"""
The key of each account, which opens its credential; wrapped by the operator's.

Data keys may be kept on another Redis than everything else (ROOST_KEYS_URL), out of
its backups: to forget an account is to delete 60 bytes there, and no copy of the
credential, however old, opens any more. A backup of the accounts has the rest of it: so it is
noted there whom `roost recover` is to forget once more.

Keys: data_key, forgotten, app:keycheck, app:keymark
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from secrets import token_hex

from redis.exceptions import ResponseError

from shared.domain.account import AccountId
from shared.sealing import CannotOpenError, MasterKeys, UnknownKeyError, new_key
from shared.store import keys, scripts
from shared.store.connection import Connection
from shared.store.together import Together

#: Under this id, which is nobody's, the operator's key wraps what tells whether it is the right one.
_NOBODY = AccountId(0)
_PER_SCAN = 500
#: So long it is noted who was forgotten; no backup is to be kept longer (docs/recovery.md).
FORGOTTEN_KEPT_MS = 90 * 24 * 3600 * 1000


class ElsewhereError(Exception):
    """The data keys of these accounts are kept in another Redis."""


class DataKeys:
    """The data keys of all accounts; `apart` says that nothing else is kept in their Redis."""

    def __init__(self, redis: Connection, master: MasterKeys, *, apart: bool = False) -> None:
        self._redis = redis
        self._master = master
        self._apart = apart
        self._rewrap = scripts.register(redis, "rewrap")
        self._read: Together[AccountId, bytes | None] = Together(
            self._read_all, lambda account_id: redis.lane_of(keys.data_key(account_id))
        )

    async def find(self, account_id: AccountId) -> bytes | None:
        """
        Find the data key of an account; None when it has none (any more), or it is damaged.

        Errors: UnknownKeyError when none of the operator's keys wrapped it; ElsewhereError when there is none
                because this Redis has lost them all.
        """
        wrapped = await self._read(account_id)
        if wrapped is None:
            if not await self._redis.exists(keys.KEY_MARK):
                raise ElsewhereError("has lost the data keys")
            return None
        try:
            return self._master.unwrap(account_id, wrapped)
        except CannotOpenError:
            return None

    async def find_or_make(self, account_id: AccountId) -> bytes:
        """
        Find the data key of an account, or make it one; of two made at once, one stays.

        One that cannot be unwrapped is replaced: whoever asks brings a new credential.
        """
        key, wrapped = keys.data_key(account_id), self._master.wrap(account_id, new_key())
        found = await _find_or_set(self._redis, key, wrapped)
        try:
            return self._master.unwrap(account_id, found)
        except (CannotOpenError, UnknownKeyError):
            await self._rewrap(keys=[key], args=[found, wrapped])
            return self._master.unwrap(account_id, await _find_or_set(self._redis, key, wrapped))

    async def destroy(self, account_id: AccountId) -> None:
        """
        Destroy the data key of an account: what it sealed opens nowhere any more.

        Where data keys are kept apart the append-only file is written anew, for the old one still has it, and
        it is noted for who puts a backup back.
        """
        destroy = ("DEL", keys.data_key(account_id))
        if not self._apart:
            await self._redis.ask_all([destroy])
        else:
            note = ("SET", keys.forgotten(account_id), "", "PX", FORGOTTEN_KEPT_MS)
            await self._redis.ask_all([note, destroy])
            # One may be under way, or this server lets nobody ask: then it is written anew some other time.
            with suppress(ResponseError):
                await self._redis.rewrite_file()

    async def were_forgotten(self, account_ids: Sequence[AccountId]) -> set[AccountId]:
        """Name those of these accounts that were forgotten lately; none where data keys do not lie apart."""
        noted = await self._redis.get_all([keys.forgotten(each) for each in account_ids])
        return {each for each, note in zip(account_ids, noted, strict=True) if note is not None}

    async def check(self, accounts: Connection) -> None:
        """
        See that the operator's keys are those that everything is sealed with, and that they are kept here.

        A Redis that is not the one where the data keys of these `accounts` are would let everybody seem to
        have none: so both keep the same mark, made at the first start.

        Errors: UnknownKeyError when they are not, ElsewhereError when this is not their Redis.
        """
        mark = await _find_or_set(self._redis, keys.KEY_MARK, token_hex(16).encode())
        if await _find_or_set(accounts, keys.KEY_MARK, mark) != mark:
            raise ElsewhereError("is not the Redis that has the data keys of these accounts")
        self._must_open(
            await _find_or_set(self._redis, keys.KEY_CHECK, self._master.wrap(_NOBODY, new_key()))
        )

    async def all_ids(self) -> AsyncIterator[list[AccountId]]:
        """Name the accounts of all data keys, some hundreds at a time."""
        ids: list[AccountId] = []
        async for key in self._redis.scan_iter(match="*:datakey:*", count=_PER_SCAN):
            ids.append(AccountId(int(key.rpartition(b":")[2])))
            if len(ids) == _PER_SCAN:
                yield ids
                ids = []
        yield ids

    async def rewrap(self, account_ids: list[AccountId]) -> tuple[int, int]:
        """
        Wrap by the first master key what another one wrapped.

        Shape: how many were wrapped anew, and how many none of the operator's keys unwraps. A key that was
               destroyed meanwhile stays so.
        """
        calls: list[scripts.Call] = []
        lost = 0
        for account_id, old in zip(account_ids, await self._read_all(account_ids), strict=True):
            if old is None or self._master.is_by_first(old):
                continue
            try:
                calls.append(([keys.data_key(account_id)], [old, self._wrap_anew(account_id, old)]))
            except (UnknownKeyError, CannotOpenError):
                lost += 1
        return sum(await self._rewrap.call_all(calls)), lost

    async def rewrap_check(self) -> None:
        """Let the first master key, by which everything is wrapped now, be the right one from now on."""
        await self._redis.set(keys.KEY_CHECK, self._master.wrap(_NOBODY, new_key()))

    async def _read_all(self, account_ids: list[AccountId]) -> Sequence[bytes | None]:
        return await self._redis.get_all([keys.data_key(account_id) for account_id in account_ids])

    def _wrap_anew(self, account_id: AccountId, wrapped: bytes) -> bytes:
        return self._master.wrap(account_id, self._master.unwrap(account_id, wrapped))

    def _must_open(self, wrapped: bytes) -> None:
        try:
            self._master.unwrap(_NOBODY, wrapped)
        except CannotOpenError:  # a master key's id is four bytes: another may have the same by chance
            raise UnknownKeyError("is not the key that everything is sealed with") from None


async def _find_or_set(redis: Connection, key: str, value: bytes) -> bytes:
    found: bytes = (await redis.ask_all([("SET", key, value, "NX"), ("GET", key)]))[1]
    return found
