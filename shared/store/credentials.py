"""
Credentials at rest: sealed under the data key of their account, and swapped once.

    seal, open     between a credential and the bytes that Redis keeps of it
    mark           before X is asked for a new one: from here on the refresh token may be used up
    unmark         X surely did nothing: the token is as good as before
    swap           the new credential in place of the old, and the mark off, in one script

Each step compares before it writes, so of many who refresh one credential one is
let through; and what is marked or swapped is on disk before anybody goes on, where
the server can say so. A crash between mark and swap leaves the mark: the refresh
token is never shown to X again.

Keys: account, due, leases
"""

from collections import OrderedDict
from collections.abc import Callable

from shared.domain.account import AccountId, shard_of
from shared.domain.credential import Credential
from shared.domain.lease import Lease
from shared.sealing import CannotOpenError, seal, unseal
from shared.store import keys, scripts, wire
from shared.store.commands import Word
from shared.store.connection import Connection
from shared.store.datakeys import DataKeys

#: Credentials that this process has opened and goes on using; as many accounts as one fetcher has in turn.
_OPENED_KEPT = 10_000
#: After so long one is opened anew: of an account whose data key was destroyed it is used no longer.
_OPENED_KEPT_MS = 15 * 60_000
#: Redis flushes its file every second; if it has not within this, it cannot now.
_FLUSHED_WITHIN_MS = 3_000


class NotFlushedError(Exception):
    """Redis took what was written, but did not say in time that it is on disk."""


class Credentials:
    """The credentials of all accounts."""

    def __init__(self, redis: Connection, data_keys: DataKeys) -> None:
        self._data_keys = data_keys
        self._mark = scripts.register(redis, "lease", "mark")
        self._unmark = scripts.register(redis, "unmark")
        self._swap = scripts.register(redis, "lease", "swap")
        self._opened: OrderedDict[tuple[AccountId, bytes], tuple[Credential, int]] = OrderedDict()

    async def seal(self, account_id: AccountId, credential: Credential) -> bytes:
        """Seal a credential for its account, which is given a data key if it has none."""
        data_key = await self._data_keys.find_or_make(account_id)
        return seal(data_key, account_id, wire.write_credential(credential))

    async def sealer(self, account_id: AccountId) -> Callable[[Credential], bytes] | None:
        """Get ready to seal the next credential, which must not wait then; None without a data key."""
        data_key = await self._data_keys.find(account_id)
        if data_key is None:
            return None
        return lambda credential: seal(data_key, account_id, wire.write_credential(credential))

    async def open(self, account_id: AccountId, sealed: bytes, *, now_ms: int) -> Credential | None:
        """
        Open an account's credential; None when its data key is gone or did not seal this.

        Errors: UnknownKeyError, ElsewhereError when the operator's keys, or their Redis, are the wrong ones.
        """
        opened, until_ms = self._opened.get((account_id, sealed), (None, 0))
        if opened is None or now_ms > until_ms:
            opened = await self._open(account_id, sealed)
            if opened is None:
                self._opened.pop((account_id, sealed), None)
                return None
            self._opened[account_id, sealed] = opened, now_ms + _OPENED_KEPT_MS
            if len(self._opened) > _OPENED_KEPT:
                self._opened.popitem(last=False)
        return opened

    async def has_key(self, account_id: AccountId) -> bool:
        """Tell whether an account has a data key."""
        return await self._data_keys.find(account_id) is not None

    async def destroy(self, account_id: AccountId) -> None:
        """Make an account's credential, and every copy of it, unreadable for good."""
        await self._data_keys.destroy(account_id)
        for opened in [each for each in self._opened if each[0] == account_id]:
            del self._opened[opened]

    async def mark(self, lease: Lease, sealed: bytes) -> bool:
        """
        Say that this credential is about to be refreshed; False when it is no longer ours to do.

        False: the lease or the credential has changed, or it was marked before.
        Errors: RedisError; NotFlushedError, then it may be marked.
        """
        shard = shard_of(lease.account_id)
        return await self._durably(
            self._mark,
            [keys.leases(shard), keys.account(lease.account_id)],
            [lease.account_id, lease.number, sealed],
        )

    async def unmark(self, lease: Lease) -> None:
        """Take back the mark made under this lease."""
        await self._unmark(keys=[keys.account(lease.account_id)], args=[lease.number])

    async def swap(self, lease: Lease, old: bytes, new: bytes, *, now_ms: int) -> bool:
        """
        Put the refreshed credential in place of the one that was marked under this lease.

        The lease itself may have run out: whoever holds it now finds the mark, and waits for this.
        False: another credential has been registered meanwhile, which is newer than this.
        Errors: RedisError; NotFlushedError, then it is swapped.
        """
        shard = shard_of(lease.account_id)
        own = [keys.due(shard), keys.leases(shard), keys.account(lease.account_id)]
        return await self._durably(self._swap, own, [lease.account_id, lease.number, old, new, now_ms])

    async def _open(self, account_id: AccountId, sealed: bytes) -> Credential | None:
        data_key = await self._data_keys.find(account_id)
        if data_key is None:
            return None
        try:
            return wire.read_credential(unseal(data_key, account_id, sealed))
        except CannotOpenError:
            return None

    async def _durably(self, script: scripts.Script, own: list[str], args: list[Word]) -> bool:
        """Call a script and wait until what it wrote is on disk, in one round trip."""
        done, flushed = await script.call_and_flush((own, args), within_ms=_FLUSHED_WITHIN_MS)
        if done and not flushed:
            raise NotFlushedError(f"Redis did not flush its append-only file within {_FLUSHED_WITHIN_MS} ms")
        return bool(done)
