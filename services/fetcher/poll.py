"""
The story of one poll.

    begin (the lease is ours, a request is reserved)
      -> open the credential, refreshed if it expires shortly
      -> reserve its posts from the money budget -> fetch a page
      -> keep its bodies, note what it cost, commit its tweets and the gaps it leaves
      -> the next page, while there is one and requests are left
      -> settle: due again when the cadence says so

A poll never retries: what it could not read stays a gap or stays unread, and the
account falls due for it. One way in, one way out: whatever happens in between is
an outcome, and a fault of ours ends the poll with its lease.
"""

import asyncio
from dataclasses import dataclass, replace

from services.fetcher.refresh import Refresher
from shared.clock import Clock
from shared.domain.budget import Window
from shared.domain.cadence import STOPPED_MS, Since, due_next
from shared.domain.credential import Credential, OAuth1Credential
from shared.domain.lease import Lease
from shared.domain.money import Budget, stretch
from shared.domain.outcome import (
    Failure,
    Limited,
    Malformed,
    Refused,
    Stopped,
    Unaffordable,
    Unavailable,
    word_for,
)
from shared.domain.parking import CLEAN, Judged, judge
from shared.domain.timeline import (
    Held,
    Page,
    Want,
    end_history,
    is_filling,
    join,
    lose,
    want_newest,
    want_next,
)
from shared.store.bodies import Bodies
from shared.store.climate import Climates
from shared.store.ledger import Exhausted, Ledger, Reservation
from shared.store.polls import Begun, Empty, Ended, Late, Polls, Step
from shared.store.schedule import Schedule
from shared.x.home import Home


@dataclass(frozen=True, slots=True)
class Rules:
    """How far one poll goes, and how soon the next is due."""

    lease_ms: int
    cadence_ms: int
    overlap_ms: int
    pages: int
    page_size: int
    backfill_tweets: int
    budget: Budget


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


class Poller:
    """Polls leased accounts; told to `drain`, it begins no further page."""

    def __init__(
        self,
        x: tuple[Refresher, Home],
        stores: tuple[Polls, Bodies, Schedule, Climates, Ledger],
        clock: Clock,
        rules: Rules,
    ) -> None:
        self.refresher, self._home = x
        self._polls, self._bodies, self._schedule, self._climates, self._ledger = stores
        self._clock = clock
        self._rules = rules
        self.draining = False

    async def poll(self, lease: Lease) -> Polled:
        """
        Poll the leased account once and settle its lease.

        Errors: RedisError; the lease runs out and the account falls due again.
        """
        match await self._polls.begin(lease, now_ms=self._clock.now_ms(), lease_ms=self._rules.lease_ms):
            case Late():
                return Polled(lease, "late")
            case Empty():
                return Polled(lease, "limited")
            case Begun() as begun:
                return await self._poll(begun)

    async def let_go(self, lease: Lease) -> None:
        """Give up a lease that was not begun: the account is due now, for another fetcher."""
        await self._schedule.release(lease, now_ms=self._clock.now_ms())

    async def _poll(self, begun: Begun) -> Polled:
        opened = await self.refresher.open(begun)
        match opened:
            case Limited() | Unaffordable() | Refused() | Stopped() | Unavailable() | Malformed():
                return await self._give_up(Polled(begun.lease), begun, _Ending(opened, unsent=True))
            case _:
                return await self._read_down(begun, opened)

    async def _read_down(self, begun: Begun, credential: Credential) -> Polled:
        """Fetch and commit page after page until nothing is missing or no request is left."""
        polled = Polled(begun.lease)
        held, want = begun.held, want_newest(begun.held, self._rules.overlap_ms)
        while True:
            asked_at_ms = self._clock.now_ms()
            reserved = await self._ledger.reserve(
                begun.lease.account_id, self._rules.page_size, now_ms=asked_at_ms
            )
            if isinstance(reserved, Exhausted):
                spent = Unaffordable(reserved.until_ms)
                return await self._give_up(polled, begun, _Ending(spent, unsent=True))
            answer = await self._home.fetch(begun.lease.account_id, credential, want, reserved.posts)
            if not isinstance(answer.outcome, Page):
                await self._strike(begun, credential, answer.outcome)
                if not _may_have_cost(answer.outcome):
                    await self._ledger.note(reserved, ())
                return await self._give_up(polled, begun, _Ending(answer.outcome, answer.window))
            begun = replace(begun, failures=0, record=CLEAN)
            held = self._join(held, want, answer.outcome, asked_at_ms)
            polled = _noted(polled, answer.outcome, answer.window, held)
            rest = want_next(held, want, answer.outcome)
            lease_ms = self._rules.lease_ms if self._goes_on(rest, polled) else None
            step = Step(answer.outcome, held, answer.window, lease_ms)
            if not await self._keep(begun.lease, step, reserved) or rest is None:
                return polled
            want = rest

    def _join(self, held: Held, want: Want, page: Page, asked_at_ms: int) -> Held:
        held = end_history(join(held, want, page), self._rules.backfill_tweets)
        held = lose(held, want, page, now_ms=asked_at_ms)
        return replace(held, as_of_ms=asked_at_ms) if want.until is None else held

    def _goes_on(self, rest: Want | None, polled: Polled) -> bool:
        return (
            rest is not None and polled.pages < self._rules.pages and polled.left != 0 and not self.draining
        )

    async def _keep(self, lease: Lease, step: Step, reserved: Reservation) -> bool:
        """Store a page, bodies first so that no id is ever without its body; say whether the poll goes on."""
        spent, _ = await asyncio.gather(
            self._ledger.note(reserved, step.page.ids), self._bodies.write(step.page.bodies)
        )
        now_ms = self._clock.now_ms()
        await self._climates.note_accepted(lease.account_id, now_ms=now_ms)
        # What is left of a timeline waits for its window only, not for the cadence.
        slower = stretch(self._rules.budget, spent, now_ms)
        cadence_ms = int((0 if is_filling(step.held) else self._rules.cadence_ms) * slower)
        due_at_ms = due_next(
            step.page, Since(step.window, 0, lease.spread()), now_ms=now_ms, cadence_ms=cadence_ms
        )
        return await self._polls.commit(lease, step, due_at_ms=due_at_ms, now_ms=now_ms)

    async def _strike(self, begun: Begun, credential: Credential, failure: Failure) -> None:
        """Note that X refuses the whole app, if it said so of a credential that is surely ours."""
        # An OAuth 2.0 token may be another app's, whose credit is not ours; the older kind is ours.
        if isinstance(failure, Stopped) and isinstance(credential, OAuth1Credential):
            await self._schedule.strike(begun.lease.account_id, failure.reason, for_ms=STOPPED_MS)

    async def _give_up(self, polled: Polled, begun: Begun, ending: "_Ending") -> Polled:
        """Settle a poll that brought no page, or no further one."""
        now_ms = self._clock.now_ms()
        judged = await self._judge(begun, ending, now_ms)
        outcome, word = judged.outcome, word_for(judged.outcome)
        is_parked = bool(judged.record.parked)
        since = Since(ending.window, begun.failures, begun.lease.spread(), is_parked)
        due_at_ms = due_next(outcome, since, now_ms=now_ms, cadence_ms=self._rules.cadence_ms)
        unsent = ending.unsent or (isinstance(outcome, Unavailable) and outcome.is_unsent())
        ended = Ended(word, begun.failures + 1, ending.window, unsent, judged.record)
        await self._polls.settle(begun.lease, ended, due_at_ms=due_at_ms)
        return replace(polled, outcome=word, parked=is_parked)

    async def _judge(self, begun: Begun, ending: "_Ending", now_ms: int) -> Judged:
        failure = ending.failure
        if not isinstance(failure, Refused):
            return Judged(failure, begun.record)
        if begun.record.parked or failure.certain:  # it says nothing of how X treats others
            climate = await self._climates.now(now_ms=now_ms)
        else:
            climate = await self._climates.note_refused(
                begun.lease.account_id, now_ms=now_ms, to_refresh=ending.unsent
            )
        return judge(failure, begun.record, climate, now_ms=now_ms)


@dataclass(frozen=True, slots=True)
class _Ending:
    """Why a poll ended without a page; `unsent` says that it ended before the timeline was asked for."""

    failure: Failure
    window: Window | None = None
    unsent: bool = False


def _may_have_cost(failure: Failure) -> bool:
    """Tell whether X may have billed an answer that never came whole."""
    return isinstance(failure, Malformed) or (isinstance(failure, Unavailable) and not failure.is_unsent())


def _noted(polled: Polled, page: Page, window: Window | None, held: Held) -> Polled:
    return replace(
        polled,
        outcome=word_for(page),
        pages=polled.pages + 1,
        tweets=polled.tweets + len(page.ids),
        gaps=len(held.gaps),
        left=window.left if window else None,
    )
