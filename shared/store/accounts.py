"""
Who is registered, and what they entrusted to us.

Keys: account, and with it the account's place in due and leases; on forgetting,
      everything of the account.
"""

from dataclasses import dataclass, field

from shared.domain.account import Account, AccountId, Standing, shard_of
from shared.domain.budget import Window
from shared.domain.freshness import Polling
from shared.domain.mode import Mode, Reach
from shared.domain.timeline import Held
from shared.store import keys, scripts, wire
from shared.store.connection import Connection

FIELDS = (
    "username", "name", "standing", "registered_at_ms", "newest", "floor", "gaps", "as_of_ms",
    "outcome", "failures", "parked", "mode", "asleep", "unhurried", "owed",
    "window_limit", "window_left", "window_resets_at_ms",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """An account together with the state its polls left behind; `mode` is its own, if it has one."""

    account: Account
    held: Held
    polling: Polling
    failures: int
    window: Window | None
    mode: Mode | None = None
    reach: Reach = field(default_factory=Reach)


class Accounts:
    """The registered accounts."""

    def __init__(self, redis: Connection) -> None:
        self._redis = redis
        self._register = scripts.register(redis, "register")
        self._stand = scripts.register(redis, "standing")
        self._spend = scripts.register(redis, "mode")
        self._forget = scripts.register(redis, "forget")

    async def register(
        self, account_id: AccountId, names: tuple[str, str], sealed: bytes, *, now_ms: int
    ) -> bool:
        """
        Keep an account (`names` are its username and its name, `sealed` its credential) and make it due now.

        Shape: whether it is new; one registered before keeps its timeline and takes the new credential.
        """
        shard = shard_of(account_id)
        new = await self._register(
            keys=[*_lists(shard), keys.account(account_id), keys.spent(account_id)],
            args=[
                account_id,
                now_ms,
                *names,
                sealed,
                wire.write_gaps(Held().gaps),
            ],
        )
        return bool(new)

    async def find(self, account_id: AccountId) -> Kept | None:
        """Find an account; None when it is not registered."""
        own = ("HMGET", keys.account(account_id), *FIELDS), ("ZCARD", keys.timeline(account_id))
        return read(account_id, *await self._redis.ask_all(own))

    async def find_sealed(self, account_id: AccountId) -> bytes | None:
        """Find an account's sealed credential; None when it is not registered."""
        sealed = await self._redis.hget(keys.account(account_id), "credential")
        return sealed if isinstance(sealed, bytes) else None

    async def stand(self, account_id: AccountId, standing: Standing, *, now_ms: int) -> bool:
        """Pause or resume polling an account; False when it is not registered."""
        shard = shard_of(account_id)
        known = await self._stand(
            keys=[keys.due(shard), keys.leases(shard), keys.account(account_id)],
            args=[account_id, standing, now_ms],
        )
        return bool(known)

    async def spend(self, account_id: AccountId, mode: Mode | None, *, now_ms: int) -> bool:
        """Choose an account's mode, None for the deployment's; False when it is not registered."""
        shard = shard_of(account_id)
        known = await self._spend(
            keys=[keys.due(shard), keys.leases(shard), keys.account(account_id)],
            args=[account_id, mode or "", now_ms],
        )
        return bool(known)

    async def forget(self, account_id: AccountId, *, now_ms: int) -> bool:
        """Remove everything kept for an account, its sessions too; False when it was not registered."""
        shard = shard_of(account_id)
        own = (keys.account, keys.sessions, keys.spent, keys.timeline, keys.arrivals, keys.withheld)
        known = await self._forget(
            keys=[*_lists(shard), *(key(account_id) for key in own)],
            args=[account_id, now_ms, keys.session(account_id)],
        )
        return bool(known)


def _lists(shard: int) -> list[str]:
    return [keys.due(shard), keys.leases(shard), keys.accounts(shard)]


def read(account_id: AccountId, fields: list[bytes | None], tweets: int) -> Kept | None:
    """Read an account from its fields; None when there are none."""
    username, name, standing, registered, newest, floor, gaps, as_of, *others = fields
    outcome, failures, parked, mode, asleep, unhurried, owed, *window = others
    if username is None or name is None or standing is None or registered is None:
        return None
    return Kept(
        account=Account(
            account_id,
            username.decode(),
            name.decode(),
            Standing(standing.decode()),
            int(registered),
            parked=(parked or b"").decode(),
        ),
        held=wire.read_held(newest, floor, gaps, as_of, tweets),
        polling=Polling((outcome or b"").decode(), asleep == b"1", bool(owed)),
        failures=int(failures or 0),
        window=wire.read_window(window),
        mode=wire.read_mode(mode),
        reach=wire.read_reach(unhurried, owed),
    )
