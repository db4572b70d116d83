"""
What becomes of a page: its bodies, what it cost, its tweets and gaps, and when the account is due again.

Bodies come first, so that no id is ever without its body; then everything of the account in one commit.
"""

import asyncio
from dataclasses import dataclass

from services.fetcher.overlap import Overlap
from services.fetcher.progress import Progress
from services.fetcher.purse import Purse
from services.fetcher.rules import Rules
from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.budget import Window
from shared.domain.cadence import Plan, due_after_page
from shared.domain.deletion import check_at_ms, without
from shared.domain.mode import is_checked
from shared.domain.money import Spent, anew_at_ms, stretch
from shared.domain.overlap import count_late
from shared.domain.timeline import Held, Page, Want
from shared.domain.worth import reserve
from shared.store.bodies import Bodies
from shared.store.breaker import Breaker
from shared.store.climate import Climates
from shared.store.ledger import Ledger, Reservation
from shared.store.polls import Learned, Polls, Step
from shared.store.removals import Removals
from shared.store.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Answered:
    """One page that X gave: what was wanted, for what was reserved, and the window after it."""

    want: Want
    page: Page
    window: Window | None
    reserved: Reservation


@dataclass(frozen=True, slots=True)
class Stores:
    """All that a poll reads and writes."""

    polls: Polls
    bodies: Bodies
    schedule: Schedule
    climates: Climates
    breaker: Breaker
    ledger: Ledger
    removals: Removals


class Keeper:
    """Keeps pages."""

    def __init__(self, stores: Stores, shared: tuple[Purse, Overlap], clock: Clock, rules: Rules) -> None:
        self._stores = stores
        self._purse, self._overlap = shared
        self._clock = clock
        self._rules = rules

    async def keep(
        self, progress: Progress, held_before: Held, answered: Answered, *, may_go_on: bool
    ) -> bool:
        """
        Keep a page; say whether the poll goes on.

        Errors: RedisError; the lease runs out, and what was not committed is asked for again.
        """
        page, window = answered.page, answered.window
        spent, gone = await asyncio.gather(
            self._stores.ledger.note(answered.reserved, page.ids), self._stores.bodies.write(page.bodies)
        )
        now_ms, lease = self._clock.now_ms(), progress.begun.lease
        await self._stores.climates.note_accepted(lease.account_id, now_ms=now_ms)
        learned = progress.learned(now_ms, self._rules.dormant_ms)
        lease_ms = self._rules.lease_ms if may_go_on and self._may_ask(progress, window, now_ms) else None
        due_at_ms = self._due_at_ms(progress, learned, window, spent)
        step = Step(without(page, gone), progress.held, window, lease_ms, learned)
        committed = await self._stores.polls.commit(lease, step, due_at_ms=due_at_ms, now_ms=now_ms)
        if committed.forgotten:
            await self.forget(lease.account_id, now_ms)
        self._overlap.note(count_late(held_before, answered.want, page, committed.surfaced))
        return committed.goes_on

    async def forget(self, account_id: AccountId, now_ms: int) -> None:
        """Leave no trace of an account that was forgotten while it was polled."""
        await self._stores.ledger.forget(account_id, now_ms=now_ms)
        await self._stores.climates.forget(account_id)
        await self._stores.breaker.forget(account_id)

    def _may_ask(self, progress: Progress, window: Window | None, now_ms: int) -> bool:
        """Say whether another request is left; those kept for readers are for who reads."""
        if progress.want is None or window is None:
            return progress.want is not None
        interest = progress.begun.learned.interest
        return window.left > (0 if progress.for_reader else reserve(interest, window, now_ms))

    def _due_at_ms(
        self, progress: Progress, learned: Learned, window: Window | None, spent: Spent
    ) -> int | None:
        now_ms, begun, mode = self._clock.now_ms(), progress.begun, progress.mode
        plan = Plan(
            mode,
            learned.interest,
            self._rules.cadence_ms,
            price=self._purse.price,
            asleep=learned.asleep,
            filling=progress.is_filling(),
            slower=stretch(self._rules.budget, spent, now_ms),
            anew_at_ms=anew_at_ms(self._rules.budget, now_ms),
        )
        due_at_ms = due_after_page(plan, window, now_ms)
        if not is_checked(mode, learned.interest, now_ms, self._rules.dormant_ms):
            return due_at_ms
        check_ms = check_at_ms(begun.lease.account_id, begun.checked_at_ms, now_ms=now_ms)
        # A check that could not be made is tried again, but not at once.
        check_ms = max(check_ms, begun.recheck_at_ms, now_ms + self._rules.cadence_ms)
        return check_ms if due_at_ms is None else min(due_at_ms, check_ms)
