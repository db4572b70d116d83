"""
The steps of one poll, each one script and one round trip.

    begin    the lease is still ours? reserve a request, and read what is held
    commit   add a page together with the gaps it leaves; settle, or reserve the next request
    settle   note a poll that brought no page

Polls that are at the same step at the same moment share its round trip.

Whoever holds an older lease number changes nothing in any of them. A request is
reserved before it is sent: a fetcher that dies has spent it, never sent it twice.

Keys: due, leases, account, timeline, arrivals
"""

from dataclasses import dataclass, field

from shared.domain.account import AccountId, shard_of
from shared.domain.budget import ASSUMED_WINDOW_MS, Window
from shared.domain.interest import Interest
from shared.domain.interest import write as write_interest
from shared.domain.lease import Lease
from shared.domain.mode import Mode, Reach
from shared.domain.parking import CLEAN, Record
from shared.domain.timeline import Held, Page
from shared.domain.tweet import TweetId, first_id_at
from shared.store import keys, scripts, wire
from shared.store.connection import Connection


@dataclass(frozen=True, slots=True)
class Late:
    """Somebody else holds the lease by now, or the account is `forgotten`; nothing is to be done."""

    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class Empty:
    """The window holds no request; the account is due again when it resets."""


@dataclass(frozen=True, slots=True)
class Learned:
    """
    What polls and reads have told of an account, and what its polls make of it.

    `reads` are those that `interest` has taken in and that are still noted apart.
    """

    interest: Interest
    reads: str = ""
    reach: Reach = field(default_factory=Reach)
    asleep: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """
    The poll may make one request.

    `sealed` is the account's credential; `refreshing` says that an earlier refresh of it was left unfinished.
    `learned` takes in all reads up to now; `mode` is the account's own, if it has one; `wanted` says what
    somebody is waiting for, if anybody is: `NEWEST`, or the newer end of a gap.
    """

    lease: Lease
    sealed: bytes
    held: Held
    failures: int
    learned: Learned
    record: Record = CLEAN
    refreshing: bool = False
    mode: Mode | None = None
    wanted: TweetId | None = None
    checked_at_ms: int = 0
    recheck_at_ms: int = 0
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Retention:
    """How much of a timeline is kept."""

    age_ms: int
    tweets: int


@dataclass(frozen=True, slots=True)
class Step:
    """
    One page, what is held with it and the window after it.

    `lease_ms` renews the lease and asks for another request; None ends the poll. `learned` is None where
    nothing was learned.
    """

    page: Page
    held: Held
    window: Window | None
    lease_ms: int | None
    learned: Learned | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """
    Whether the poll goes on; `forgotten` is the account.

    Of the tweets that were not held `added` is the count, `surfaced` are those older than some that were.
    """

    goes_on: bool
    added: int = 0
    surfaced: frozenset[TweetId] = frozenset()
    forgotten: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """
    How a poll ended without a page.

    `unsent` says that its last request never left; `record` is what stands against the account now.
    """

    outcome: str
    failures: int
    window: Window | None
    unsent: bool = False
    record: Record = CLEAN


class Polls:
    """The polls under way."""

    def __init__(self, redis: Connection, retention: Retention) -> None:
        self._retention = retention
        self._begin = scripts.register(redis, "lease", "window", "begin").together()
        self._commit = scripts.register(redis, "lease", "window", "commit").together()
        self._settle = scripts.register(redis, "lease", "window", "settle").together()

    async def begin(self, lease: Lease, *, now_ms: int, lease_ms: int) -> Begun | Empty | Late:
        """
        Begin a poll under a lease, which is renewed for `lease_ms`, and reserve one request.

        Errors: RedisError; the lease runs out and the account falls due again.
        """
        own = [*_schedule(lease.account_id), keys.timeline(lease.account_id)]
        answer = await self._begin(
            (own, [lease.account_id, lease.number, now_ms, lease_ms, ASSUMED_WINDOW_MS])
        )
        match answer:
            case [b"begun", number, tweets, fields]:
                return _begun(Lease(lease.account_id, number), tweets, fields)
            case [b"empty"]:
                return Empty()
            case _:
                return Late()

    async def commit(self, lease: Lease, step: Step, *, due_at_ms: int | None, now_ms: int) -> Committed:
        """
        Add a page and its gaps; say whether the poll goes on (another request is reserved).

        If it does not, it was settled and is due at `due_at_ms` (None for one that sleeps), or taken over by
        a newer lease.
        Errors: RedisError; nothing was written, or all of it.
        """
        page, held = step.page, step.held
        account_id = lease.account_id
        own = [
            *_schedule(account_id),
            *(key(account_id) for key in (keys.timeline, keys.arrivals, keys.withheld)),
        ]
        answer = await self._commit(
            (own, [
                account_id, lease.number, now_ms, _or_empty(due_at_ms), _or_empty(step.lease_ms),
                ASSUMED_WINDOW_MS,
                wire.write_cursor(held.newest), wire.write_cursor(held.floor), wire.write_gaps(held.gaps),
                held.as_of_ms, *_window(step.window),
                wire.write_cursor(first_id_at(now_ms - self._retention.age_ms)), self._retention.tweets,
                keys.ARRIVALS_KEPT, *_learned(step.learned), len(page.replaced), len(page.withheld),
                *map(keys.padded, page.replaced + page.withheld + page.ids),
            ])
        )  # fmt: skip
        word, added, *surfaced = (*answer, 0) if len(answer) == 1 else answer  # nothing was written
        return Committed(
            word == b"reserved",
            int(added),
            frozenset(TweetId(int(each)) for each in surfaced),
            forgotten=word == b"forgotten",
        )

    async def settle(self, lease: Lease, ended: Ended, *, due_at_ms: int | None) -> bool:
        """
        Note what a poll without a page came to, and when it is due again; False for one forgotten.

        Units: `due_at_ms` is None for one that sleeps.
        """
        window = _window(ended.window)
        answer = await self._settle(
            (_schedule(lease.account_id), [
                lease.account_id, lease.number, _or_empty(due_at_ms), ended.outcome, ended.failures, *window,
                int(ended.unsent), ended.record.strikes, ended.record.struck_at_ms, ended.record.parked,
            ])
        )  # fmt: skip
        return bool(answer != b"forgotten")


def _or_empty(ms: int | None) -> int | str:
    return "" if ms is None else ms


def _begun(lease: Lease, tweets: int, fields: list[bytes | None]) -> Begun:
    sealed, newest, floor, gaps, as_of_ms, failures, *others = fields
    strikes, struck_at_ms, parked, refreshing, registered_at_ms, *others = others
    interest, reads, wanted, mode, asleep, unhurried, owed, checked_at_ms, recheck_at_ms, *window = others
    return Begun(
        lease=lease,
        sealed=sealed or b"",
        held=wire.read_held(newest, floor, gaps, as_of_ms, tweets),
        failures=int(failures or 0),
        learned=Learned(
            wire.read_interest(interest, registered_at_ms, reads),
            reads=(reads or b"").decode(),
            reach=wire.read_reach(unhurried, owed),
            asleep=asleep == b"1",
        ),
        record=Record(int(strikes or 0), int(struck_at_ms or 0), (parked or b"").decode()),
        refreshing=refreshing is not None,
        mode=wire.read_mode(mode),
        wanted=None if wanted is None else TweetId(int(wanted)),
        checked_at_ms=int(checked_at_ms or 0),
        recheck_at_ms=int(recheck_at_ms or 0),
        window=wire.read_window(window),
    )


def _learned(learned: Learned | None) -> tuple[str, ...]:
    if learned is None:
        return ("",) * 5
    owed = learned.reach.owed
    return (
        write_interest(learned.interest),
        learned.reads,
        str(learned.reach.unhurried),
        "" if owed is None else str(owed),
        "1" if learned.asleep else "",
    )


def _schedule(account_id: AccountId) -> list[str]:
    shard = shard_of(account_id)
    return [keys.due(shard), keys.leases(shard), keys.account(account_id)]


def _window(window: Window | None) -> tuple[int | str, ...]:
    return (window.limit, window.left, window.resets_at_ms) if window else ("", "", "")
