"""
`roost recover`: after a backup was put back, or after everybody has waited for long.

What may have happened since the backup is supposed to have happened, who was forgotten since
is forgotten once more, and who read last is made due first. It is run by hand once Redis is
there and before schedulers start; run again it does no harm.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from math import ceil

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from roost.fault import Fault
from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.credential import Credential
from shared.domain.money import Spent, allowance
from shared.domain.price import Price
from shared.domain.recovery import SPREAD_MS, Lost, billed
from shared.parts import make_budget, make_data_keys
from shared.sealing import UnknownKeyError
from shared.settings import RecoverSettings
from shared.store.accounts import Accounts
from shared.store.breaker import Breaker
from shared.store.climate import Climates
from shared.store.connection import Connection, StoreError, connect
from shared.store.credentials import Credentials
from shared.store.datakeys import DataKeys, ElsewhereError
from shared.store.ledger import Ledger
from shared.store.recovery import Recovery


@dataclass(frozen=True, slots=True)
class Told:
    """What the operator knows: whether anything was lost, when, and what X has billed by now."""

    nothing_lost: bool = False
    lost_at: datetime | None = None
    billed_today_dollars: Decimal | None = None
    billed_month_dollars: Decimal | None = None


def run(settings: RecoverSettings, told: Told) -> int:
    """
    Recover, and show how far it is.

    Shape: the exit status.
    """
    try:
        asyncio.run(_recover(settings, told))
    except (Fault, UnknownKeyError, ElsewhereError, StoreError) as fault:
        Console(stderr=True).print(f"Not recovered: {fault}. What was done does no harm; run it again.")
        return 1
    return 0


async def _recover(settings: RecoverSettings, told: Told) -> None:
    redis = connect(settings.redis_url.get_secret_value(), connections=4)
    data_keys, keys_redis = make_data_keys(settings, redis)
    now_ms = Clock(settings.clock_speed, settings.clock_origin_at_ms).now_ms()
    try:
        if not told.nothing_lost:
            await data_keys.check(redis)
        work = _Recovering(redis, data_keys, settings, told, now_ms)
        with Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        ) as progress:
            bar = progress.add_task("Accounts", total=await work.recovery.count())
            await work.begin()
            async for ids in work.recovery.all_ids():
                await work.take(ids)
                progress.advance(bar, len(ids))
        await work.end()
    finally:
        await redis.aclose()
        await keys_redis.aclose()


class _Recovering:
    """One run of it, and what it has found."""

    def __init__(
        self, redis: Connection, data_keys: DataKeys, settings: RecoverSettings, told: Told, now_ms: int
    ) -> None:
        self.recovery = Recovery(redis)
        self._data_keys = data_keys
        self._credentials = Credentials(redis, data_keys)
        self._accounts, self._climates, self._breaker = Accounts(redis), Climates(redis), Breaker(redis)
        self._budget = make_budget(settings)
        self._ledger = Ledger(redis, self._budget)
        self._told, self._now_ms = told, now_ms
        self._lost: Lost | None = None
        self._price: Price | None = None
        self._requests = 0
        self._day: int | None = None
        self._month: int | None = None
        self._billed: list[int | None] = [None, None]
        self._unknown: int | None = None
        self._money_at_ms = 0
        self._due = self._used = self._shut = self._forgotten = 0

    async def begin(self) -> None:
        """
        Find out what is not known, and what it may have cost.

        Errors: Fault when the backup knows of a time after Redis was lost.
        """
        if self._told.nothing_lost:
            return
        self._price, requests = await self.recovery.known_until(now_ms=self._now_ms)
        until_ms = self._lost_at_ms()
        since_ms = self._price.adjusted_at_ms if self._price else 0
        if not since_ms <= until_ms <= self._now_ms:
            raise Fault(f"--lost-at: is to be between {_written(since_ms)}, which is known of, and now")
        self._lost = lost = Lost(since_ms, until_ms)
        known = await self._ledger.spent(now_ms=self._now_ms)
        day, month = billed(self._budget, known, lost, self._now_ms)
        dollars = (self._told.billed_today_dollars, self._told.billed_month_dollars)
        self._billed = [None if each is None else self._posts(each) for each in dollars]
        self._day, self._month = (
            supposed if told is None else told
            for told, supposed in zip(self._billed, (day, month), strict=True)
        )
        # Who is polled before there is money loses their place to chance.
        self._money_at_ms = allowance(
            self._budget, Spent(self._day or 0, self._month or 0), self._now_ms
        ).until_ms
        self._unknown = None if self._day is None else max(0, self._day - known.day)
        self._requests = lost.requests(self._price, requests, self._now_ms) if self._price else 0

    def _lost_at_ms(self) -> int:
        """Name the last instant at which Redis may have been there: what is told of it is a whole second."""
        if self._told.lost_at is None:
            return self._now_ms
        second = int(self._told.lost_at.replace(tzinfo=UTC).timestamp())
        return self._now_ms if second == self._now_ms // 1000 else second * 1000 + 999

    async def take(self, ids: Sequence[AccountId]) -> None:
        """See to some accounts."""
        first_at_ms = self._now_ms - SPREAD_MS
        before_ms: int | None = self._now_ms
        if self._lost is not None:
            ids = await self._distrust(ids, self._lost)
            first_at_ms = max(first_at_ms, self._lost.windows_anew_at_ms, self._money_at_ms)
            before_ms = None  # whoever waits for the money of a month, too: it may be known better now
        self._due += await self.recovery.reorder(ids, first_at_ms, before_ms=before_ms, now_ms=self._now_ms)

    async def end(self) -> None:
        """Hold back what may have been spent, note that it is done, and say what was found."""
        say = Console().print
        say(f"{self._due} accounts are due in the order in which they were last read.")
        if self._lost is None:
            return
        await self.recovery.hold_back_posts(self._day, self._month, now_ms=self._now_ms)
        await self.recovery.believe_posts(*self._billed, now_ms=self._now_ms)
        if self._price is not None:
            await self.recovery.hold_back_requests(self._requests, self._lost, now_ms=self._now_ms)
        say(self._known(self._lost))
        say(f"X is asked again from {_written(self._lost.windows_anew_at_ms)} on: then all windows are new.")
        if self._money_at_ms:
            say(
                f"There is money from {_written(self._money_at_ms)} on; sooner, if you say what X has billed."
            )
        say(f"{self._used} may have had a new refresh token since, and sign in again when X says so.")
        if self._shut:
            say(f"{self._shut} have a credential that nothing opens, and sign in again.")
        if self._forgotten:
            say(f"{self._forgotten} had been forgotten since, and are again.")

    async def _distrust(self, ids: Sequence[AccountId], lost: Lost) -> list[AccountId]:
        """Suppose the worst of some accounts; tell whose are still to be kept."""
        sealed = dict(zip(ids, await self.recovery.sealed(ids), strict=True))
        found = await self._opened({each: text for each, (text, _) in sealed.items()})
        shut = [each for each, credential in found.items() if credential is None]
        for each in await self._data_keys.were_forgotten(shut):
            await self._forget(each)
            del found[each]
        used = {
            each: lost.may_have_used(credential, is_polled=sealed[each][1])
            for each, credential in found.items()
        }
        self._used += sum(used.values())
        self._shut += sum(credential is None for credential in found.values())
        await self.recovery.distrust(used, lost, now_ms=self._now_ms)
        limit = self._budget.limits()[2]
        if limit is not None and self._unknown != 0:
            await self.recovery.hold_back_accounts(list(found), limit, self._unknown, now_ms=self._now_ms)
        return list(found)

    async def _opened(self, sealed: dict[AccountId, bytes]) -> dict[AccountId, Credential | None]:
        opening = (self._credentials.open(each, text, now_ms=self._now_ms) for each, text in sealed.items())
        return dict(zip(sealed, await asyncio.gather(*opening), strict=True))

    async def _forget(self, account_id: AccountId) -> None:
        """Forget an account once more; X has taken its credential back, and its data key is destroyed."""
        await self._accounts.forget(account_id, now_ms=self._now_ms)
        await self._climates.forget(account_id)
        await self._breaker.forget(account_id)
        await self._ledger.forget(account_id, now_ms=self._now_ms)
        self._forgotten += 1

    def _known(self, lost: Lost) -> str:
        if self._price is None:
            return "Redis knows of no time before: it is empty, or no scheduler ever ran on it."
        return f"What Redis knows ends at {_written(lost.since_ms)}."

    def _posts(self, dollars: Decimal) -> int:
        """Count the posts that so much money was, rounded up."""
        return ceil(dollars * 1_000_000 / self._budget.price)


def _written(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
