"""
The daily look for tweets that are deleted at X, under the lease of a poll, before it reads on.

    held -> re-read the day, page by page -> suspects -> ask X about them by id -> remove

Re-reading costs requests and hardly any money, for X bills a post once a UTC day; what has
surfaced since is billed, so a page is reserved, and without money all of the day is asked
about by id. That is free, as is all that X has billed today, to whomever. Questions about
the rest of days before are paid for like posts, newest first, as far as the money goes.
What X did not answer is asked again half an hour later.
"""

import asyncio
from dataclasses import dataclass, field, replace

from services.fetcher.keep import Stores
from services.fetcher.purse import Purse
from services.fetcher.rules import Rules
from shared.clock import Clock
from shared.domain.budget import Window
from shared.domain.credential import Credential
from shared.domain.deletion import (
    Question,
    Told,
    among_themselves,
    judge,
    of_days_before,
    of_today,
    questions,
    reread,
    reread_rest,
    suspects,
    without,
)
from shared.domain.outcome import Failure, may_have_cost
from shared.domain.timeline import Page
from shared.domain.tweet import MAX_ID, TweetId
from shared.store.ledger import Exhausted, Reservation
from shared.store.polls import Begun, Committed, Late, Step
from shared.x.home import Home
from shared.x.lookup import Lookup

#: So many questions to X are under way at once.
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Checked:
    """
    How far a check came.

    Shape: `goes_on` says that the lease still holds, with a request left for the poll itself; `forgotten` is
           the account; `failure` is what X said instead of a page; `ended` that all was compared.
    """

    goes_on: bool = True
    forgotten: bool = False
    ended: bool = False
    removed: int = 0
    pages: int = 0
    failure: Failure | None = None
    window: Window | None = None


@dataclass(slots=True)
class _Look:
    """What one check has found so far."""

    begun: Begun
    credential: Credential
    held_ids: tuple[TweetId, ...]
    suspected: list[TweetId] = field(default_factory=list)
    shown: list[TweetId] = field(default_factory=list)
    answers: list[tuple[Question, Told]] = field(default_factory=list)
    ends_at_ms: int = 0
    told: Window | None = None
    pages: int = 0


class Checker:
    """Checks accounts for deleted tweets."""

    def __init__(
        self, x: tuple[Home, Lookup], stores: Stores, purse: Purse, clock: Clock, rules: Rules
    ) -> None:
        self._home, self._lookup = x
        self._stores = stores
        self._purse = purse
        self._clock = clock
        self._rules = rules

    async def check(self, begun: Begun, credential: Credential) -> Checked:
        """
        Look for deleted tweets of an account whose poll has begun.

        Errors: RedisError; what was found till then is removed, the rest by the next check.
        """
        held_ids = await self._stores.removals.held(begun.lease.account_id)
        look = _Look(begun, credential, held_ids)
        read = await self._reread(look)
        if not read.goes_on or read.failure is not None:
            return read
        asked_all = await self._ask_all(look)
        removal = judge(look.answers)
        known = await self._stores.removals.gone_of((*held_ids, *look.suspected))
        removal = replace(removal, gone=tuple(dict.fromkeys((*removal.gone, *known))))
        removed = await self._stores.removals.remove(
            begun.lease, removal, now_ms=self._clock.now_ms(), ended=asked_all
        )
        if isinstance(removed, Late):
            return replace(read, goes_on=False, forgotten=removed.forgotten)
        return replace(read, ended=asked_all, removed=removed)

    async def _reread(self, look: _Look) -> Checked:
        """Read the day once more, as far as half the window goes; suspect all that is held of the rest."""
        now_ms, begun = self._clock.now_ms(), look.begun
        want = reread(begun.held, now_ms=now_ms)
        pages = min(self._rules.pages, begun.window.left // 2 if begun.window else 0)
        while want is not None and look.pages < pages:
            reserved = await self._reserve_page(look)
            if reserved is None:
                break
            answer = await self._home.fetch(begun.lease.account_id, look.credential, want, reserved.posts)
            if not isinstance(answer.outcome, Page):
                if not may_have_cost(answer.outcome):
                    await self._stores.ledger.note(reserved, ())
                return Checked(pages=look.pages, failure=answer.outcome, window=answer.window)
            look.pages += 1
            look.suspected += suspects(look.held_ids, want, answer.outcome)
            look.shown += answer.outcome.ids
            committed = await self._keep(look, answer.outcome, answer.window, reserved)
            if not committed.goes_on:
                return Checked(goes_on=False, forgotten=committed.forgotten, pages=look.pages)
            want = reread_rest(want, answer.outcome)
            if want is None:
                return Checked(pages=look.pages)
        below = want.until if want is not None and want.until is not None else MAX_ID
        look.suspected += (each for each in of_today(look.held_ids, now_ms=now_ms) if each < below)
        return Checked(pages=look.pages)

    async def _reserve_page(self, look: _Look) -> Reservation | None:
        """Reserve a page of the re-read, and take its request out of the app's budget; None if one fails."""
        reserved = await self._reserve(look, self._rules.page_size)
        if reserved is None:
            return None
        if not await self._purse.take(for_reader=False, now_ms=reserved.at_ms):
            await self._stores.ledger.note(reserved, ())
            return None
        return reserved

    async def _keep(self, look: _Look, page: Page, window: Window | None, reserved: Reservation) -> Committed:
        """Keep what a page shows that was not known, and reserve the next request, if there is one."""
        begun, now_ms = look.begun, self._clock.now_ms()
        gone = await self._stores.bodies.write(page.bodies)
        await self._stores.ledger.note(reserved, page.ids)
        step = Step(without(page, gone), begun.held, window, self._rules.lease_ms)
        # If no request is left the poll ends here; the check is made again, a cadence later.
        due_at_ms = max(now_ms + self._rules.cadence_ms, window.resets_at_ms if window else 0)
        return await self._stores.polls.commit(begun.lease, step, due_at_ms=due_at_ms, now_ms=now_ms)

    async def _ask_all(self, look: _Look) -> bool:
        """Ask X about all that is suspected, and about days before; False if X did not answer all."""
        now_ms = self._clock.now_ms()
        known = await self._stores.removals.gone_of(look.suspected)
        before = of_days_before(look.held_ids, self._rules.check_days, now_ms=now_ms)
        asked = [*(each for each in look.suspected if each not in known), *before]
        billed = await self._stores.ledger.read_today((*asked, *look.shown, *look.held_ids), now_ms=now_ms)
        # Late in the lease nothing new is begun: what was found must be removed under it.
        look.ends_at_ms = now_ms + self._rules.lease_ms // 3
        if not await self._ask_about_billed(look, [each for each in asked if each in billed], billed):
            return False
        paid = [each for each in asked if each not in billed]
        return await self._ask_for_money(look, questions(paid, (*look.shown, *look.held_ids)))

    async def _ask_about_billed(self, look: _Look, ids: list[TweetId], billed: frozenset[TweetId]) -> bool:
        """Ask about what X has billed today; where no other witness can be paid, some of it bears witness."""
        others = (*look.shown, *(each for each in look.held_ids if each in billed), *look.held_ids)
        asked = questions(ids, others)
        costs = sum(each not in billed for each in asked[0].witnesses) if asked else 0
        if not costs:
            return await self._ask_freely(look, asked)
        reserved = await self._reserve(look, costs)
        if reserved is None:
            among = among_themselves(ids)
            return bool(among) and await self._ask_freely(look, among)
        return await self._ask(look, asked[0], reserved) and await self._ask_freely(look, asked[1:])

    async def _ask_freely(self, look: _Look, asked: list[Question]) -> bool:
        """Ask what costs nothing, several questions at once; False if X did not answer all."""
        unbilled = Reservation(look.begun.lease.account_id, 0, self._clock.now_ms(), by_check=True)
        while asked:
            # The first finds out what the window holds.
            size = _AT_ONCE if look.told else 1
            together, asked = asked[:size], asked[size:]
            if not all(await asyncio.gather(*(self._ask(look, each, unbilled) for each in together))):
                return False
        return True

    async def _ask_for_money(self, look: _Look, asked: list[Question]) -> bool:
        """Ask about the rest, as far as the money goes; one by one, for a reservation covers the next."""
        for question in asked:
            reserved = await self._reserve(look, len(question.ids()))
            if reserved is None:
                return True  # no further today
            if not await self._ask(look, question, reserved):
                return False
        return True

    async def _ask(self, look: _Look, question: Question, reserved: Reservation) -> bool:
        # Questions have a window of their own: the app's budget of requests is for timelines.
        now_ms = self._clock.now_ms()
        if now_ms >= look.ends_at_ms or not await self._stores.removals.may_ask(
            look.begun.lease, look.told, now_ms=now_ms
        ):
            await self._stores.ledger.note(reserved, ())
            return False
        looked = await self._lookup.fetch(question.ids(), look.credential)
        look.told = looked.window or look.told
        if not isinstance(looked.outcome, Told):
            # In doubt all of it is spent: what is asked next under this name may be something else.
            await self._stores.ledger.note(reserved, question.ids() if may_have_cost(looked.outcome) else ())
            return False
        await self._stores.ledger.note(reserved, tuple(looked.outcome.there))
        look.answers.append((question, looked.outcome))
        return True

    async def _reserve(self, look: _Look, posts: int) -> Reservation | None:
        """Reserve what X may bill for an answer; None when the money does not reach for all of it."""
        account_id, now_ms = look.begun.lease.account_id, self._clock.now_ms()
        reserved = await self._stores.ledger.reserve(account_id, posts, now_ms=now_ms, by_check=True)
        if isinstance(reserved, Exhausted):
            return None
        if reserved.posts < posts:
            await self._stores.ledger.note(reserved, ())
            return None
        return reserved
