"""
The story of one poll.

    begin (the lease is ours, a request is reserved)
      -> open the credential, refreshed if it expires shortly
      -> reserve its posts from the money budget, take the request from the app's budget -> fetch a page
      -> keep its bodies, note what it cost, commit its tweets and the gaps it leaves
      -> the next page, while there is one and requests are left
      -> settle: due again when the cadence says so

A poll never retries: what it could not read stays a gap or stays unread, and the
account falls due for it. One way in, one way out: whatever happens in between is
an outcome, and a fault of ours ends the poll with its lease.
"""

from dataclasses import dataclass, replace

from services.fetcher.check import Checked, Checker
from services.fetcher.keep import Answered, Keeper, Stores
from services.fetcher.overlap import Overlap
from services.fetcher.progress import Progress, add, start
from services.fetcher.purse import Purse
from services.fetcher.refresh import Refresher
from services.fetcher.rules import Rules
from shared.clock import Clock
from shared.domain.budget import Window
from shared.domain.cadence import STOPPED_MS, Since, due_next
from shared.domain.credential import Credential, OAuth1Credential
from shared.domain.deletion import check_at_ms
from shared.domain.lease import Lease
from shared.domain.mode import Mode, Reach, is_checked, sleeps
from shared.domain.money import catch_up_depth
from shared.domain.outcome import (
    Failure,
    Limited,
    Malformed,
    Refused,
    Stopped,
    Unaffordable,
    Unavailable,
    may_have_cost,
    word_for,
)
from shared.domain.parking import Judged, judge
from shared.domain.timeline import Page
from shared.store.ledger import Exhausted, Reservation
from shared.store.polls import Begun, Empty, Ended, Late
from shared.x.home import Home
from shared.x.lookup import Lookup

#: The budget of requests flows all the time: a poll that it could not bear comes again so soon.
_PURSE_EMPTY_MS = 60_000
#: A check gives way to somebody who is waiting, but not for longer: there are those who ask every minute.
_YIELDS_MS = 3 * 60_000


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll did, as its log line tells it."""

    lease: Lease
    outcome: str = ""
    pages: int = 0
    tweets: int = 0
    gaps: int = 0
    left: int | None = None
    parked: bool = False
    removed: int = 0


class Poller:
    """Polls leased accounts; told to `drain`, it begins no further page."""

    def __init__(
        self,
        x: tuple[Refresher, Home, Lookup],
        stores: Stores,
        shared: tuple[Purse, Overlap],
        clock: Clock,
        rules: Rules,
    ) -> None:
        self.refresher, self._home, lookup = x
        self._stores = stores
        self._purse, self._overlap = shared
        self._keeper = Keeper(stores, shared, clock, rules)
        self._checker = Checker((self._home, lookup), stores, self._purse, clock, rules)
        self._clock = clock
        self._rules = rules
        self.draining = False

    async def poll(self, lease: Lease) -> Polled:
        """
        Poll the leased account once and settle its lease.

        Errors: RedisError; the lease runs out and the account falls due again.
        """
        match await self._stores.polls.begin(
            lease, now_ms=self._clock.now_ms(), lease_ms=self._rules.lease_ms
        ):
            case Late():
                return Polled(lease, "late")
            case Empty():
                return Polled(lease, "limited")
            case Begun() as begun:
                return await self._poll(begun)

    async def let_go(self, lease: Lease) -> None:
        """Give up a lease that was not begun: the account is due now, for another fetcher."""
        await self._stores.schedule.release(lease, now_ms=self._clock.now_ms())

    async def _poll(self, begun: Begun) -> Polled:
        opened = await self.refresher.open(begun)
        match opened:
            case Limited() | Unaffordable() | Refused() | Stopped() | Unavailable() | Malformed():
                return await self._give_up(Polled(begun.lease), begun, _Ending(opened, unsent=True))
            case _:
                return await self._check_and_read(begun, opened)

    async def _check_and_read(self, begun: Begun, credential: Credential) -> Polled:
        """Read what is new; first, once a day, look for what was deleted."""
        checked = Checked()
        if self._is_check_due(begun):
            checked = await self._checker.check(begun, credential)
            if checked.failure is not None:
                await self._note(begun, credential, checked.failure)
                ending = _Ending(checked.failure, checked.window)
                return await self._give_up(Polled(begun.lease), begun, ending)
            if checked.ended:
                begun = replace(begun, checked_at_ms=self._clock.now_ms())
        if checked.forgotten:
            await self._keeper.forget(begun.lease.account_id, self._clock.now_ms())
        if not checked.goes_on:
            return Polled(begun.lease, "checked", checked.pages, removed=checked.removed)
        polled = await self._read_down(await self._start(begun), credential)
        return replace(polled, pages=polled.pages + checked.pages, removed=checked.removed)

    def _is_check_due(self, begun: Begun) -> bool:
        now_ms, mode = self._clock.now_ms(), begun.mode or self._rules.mode
        due_at_ms = check_at_ms(begun.lease.account_id, begun.checked_at_ms, now_ms=now_ms)
        waits_ms = 0 if begun.wanted is None else _YIELDS_MS
        if now_ms < max(begun.recheck_at_ms, due_at_ms) + waits_ms:
            return False
        return is_checked(mode, begun.learned.interest, now_ms, self._rules.dormant_ms)

    async def _start(self, begun: Begun) -> Progress:
        mode, now_ms = begun.mode or self._rules.mode, self._clock.now_ms()
        await self._overlap.refresh(now_ms)
        reach = begun.learned.reach.under(mode)
        if mode is Mode.FRESH and begun.learned.asleep:
            reach = Reach(reach.unhurried, await self._owed(begun, now_ms))
        overlap_ms = self._overlap.at(begun.held.as_of_ms, now_ms=now_ms)
        return start(begun, mode, reach, overlap_ms=overlap_ms, now_ms=now_ms)

    async def _owed(self, begun: Begun, now_ms: int) -> int:
        """Say how much to read back for somebody who has returned, before any of it is paid for."""
        spent = await self._stores.ledger.spent(begun.lease.account_id, now_ms=now_ms)
        return catch_up_depth(self._rules.budget, spent, self._rules.catch_up_tweets)

    async def _read_down(self, progress: Progress, credential: Credential) -> Polled:
        """Fetch and keep page after page until nothing is missing or no request is left."""
        polled = Polled(progress.begun.lease)
        while (want := progress.want) is not None:
            asked_at_ms = self._clock.now_ms()
            reserved = await self._reserve(progress, asked_at_ms)
            if isinstance(reserved, Unaffordable):
                return await self._give_up(polled, progress.begun, _Ending(reserved, unsent=True))
            answer = await self._home.fetch(progress.begun.lease.account_id, credential, want, reserved.posts)
            if not isinstance(answer.outcome, Page):
                await self._note(progress.begun, credential, answer.outcome)
                if not may_have_cost(answer.outcome):
                    await self._stores.ledger.note(reserved, ())
                return await self._give_up(polled, progress.begun, _Ending(answer.outcome, answer.window))
            answered = Answered(want, answer.outcome, answer.window, reserved)
            held = progress.held
            progress = add(progress, want, answer.outcome, asked_at_ms, self._rules.backfill_tweets)
            polled = _noted(polled, answered, progress)
            may_go_on = polled.pages < self._rules.pages and not self.draining
            if not await self._keeper.keep(progress, held, answered, may_go_on=may_go_on):
                return polled
            progress = progress.committed(self._clock.now_ms(), self._rules.dormant_ms)
        return polled

    async def _reserve(self, progress: Progress, now_ms: int) -> Reservation | Unaffordable:
        """Take a request's posts out of the money budget, and then the request out of the app's."""
        reserved = await self._stores.ledger.reserve(
            progress.begun.lease.account_id, self._rules.page_size, now_ms=now_ms
        )
        if isinstance(reserved, Exhausted):
            return Unaffordable(reserved.until_ms, "budget-spent")
        if not await self._purse.take(for_reader=progress.for_reader, now_ms=now_ms):
            await self._stores.ledger.note(reserved, ())
            return Unaffordable(now_ms + _PURSE_EMPTY_MS, "requests-spent")
        return reserved

    async def _note(self, begun: Begun, credential: Credential, failure: Failure) -> None:
        """Note what an answer without a page says of the whole app, and of X."""
        await self._strike(begun, credential, failure)
        if isinstance(failure, Unavailable | Malformed):
            await self._stores.breaker.note_fault(begun.lease.account_id, now_ms=self._clock.now_ms())

    async def _strike(self, begun: Begun, credential: Credential, failure: Failure) -> None:
        """Note that X refuses the whole app, if it said so of a credential that is surely ours."""
        # An OAuth 2.0 token may be another app's, whose credit is not ours; the older kind is ours.
        if isinstance(failure, Stopped) and isinstance(credential, OAuth1Credential):
            await self._stores.schedule.strike(begun.lease.account_id, failure.reason, for_ms=STOPPED_MS)

    async def _give_up(self, polled: Polled, begun: Begun, ending: "_Ending") -> Polled:
        """Settle a poll that brought no page, or no further one."""
        now_ms = self._clock.now_ms()
        judged = await self._judge(begun, ending, now_ms)
        outcome, word = judged.outcome, word_for(judged.outcome)
        is_parked = bool(judged.record.parked)
        since = Since(
            ending.window, begun.failures, begun.lease.spread(), is_parked, self._sleeps_on(begun, now_ms)
        )
        due_at_ms = due_next(outcome, since, now_ms=now_ms)
        unsent = ending.unsent or (isinstance(outcome, Unavailable) and outcome.is_unsent())
        # What we may not spend is no failure of X's, and says nothing of its next answer.
        failures = begun.failures + (not isinstance(outcome, Unaffordable))
        ended = Ended(word, failures, ending.window, unsent, judged.record)
        if not await self._stores.polls.settle(begun.lease, ended, due_at_ms=due_at_ms):
            await self._keeper.forget(begun.lease.account_id, now_ms)
        return replace(polled, outcome=word, parked=is_parked)

    def _sleeps_on(self, begun: Begun, now_ms: int) -> bool:
        """Tell whether the account slept, and would again: its mode may be another, and its reader back."""
        mode, learned = begun.mode or self._rules.mode, begun.learned
        return learned.asleep and sleeps(mode, learned.interest, now_ms, self._rules.dormant_ms)

    async def _judge(self, begun: Begun, ending: "_Ending", now_ms: int) -> Judged:
        failure = ending.failure
        if not isinstance(failure, Refused):
            return Judged(failure, begun.record)
        if begun.record.parked or failure.certain:  # it says nothing of how X treats others
            climate = await self._stores.climates.now(now_ms=now_ms)
        else:
            climate = await self._stores.climates.note_refused(
                begun.lease.account_id, now_ms=now_ms, to_refresh=ending.unsent
            )
        return judge(failure, begun.record, climate, now_ms=now_ms)


@dataclass(frozen=True, slots=True)
class _Ending:
    """Why a poll ended without a page; `unsent` says that it ended before the timeline was asked for."""

    failure: Failure
    window: Window | None = None
    unsent: bool = False


def _noted(polled: Polled, answered: Answered, progress: Progress) -> Polled:
    return replace(
        polled,
        outcome=word_for(answered.page),
        pages=polled.pages + 1,
        tweets=polled.tweets + len(answered.page.ids),
        gaps=len(progress.held.gaps),
        left=answered.window.left if answered.window else None,
    )
