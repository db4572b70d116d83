"""
One design in one world, on a virtual clock: a heap of due times beside the list of reads.

What is served comes from what polls brought. X answers at once and without a fault: an answer
takes it some tenths of a second, which whoever waits for it waits in any design.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from random import Random
from time import process_time
from typing import Literal

from bench.freshness.figures import Figures
from bench.freshness.people import BEGINS_AT_MS, DAY_MS, MINUTE_MS, World
from bench.freshness.policies import Policy
from bench.freshness.purse import Purse
from bench.freshness.upstream import DEPTH, PAGE, Upstream

#: What a read does about a copy older than 20 seconds: nothing, or refresh it behind or before the answer.
Mode = Literal["none", "behind", "before"]
#: Source: the study of freshness, section 5, note 3.
_STALE_MS = 20_000
#: One tweet in so many has its delay kept, for the percentile.
SAMPLE = 20
_MEASURED_FROM_MS = BEGINS_AT_MS + DAY_MS


@dataclass(frozen=True, slots=True)
class Terms:
    """What reads do, what X's window holds, and how many pages a poll may read: just one is lazy."""

    mode: Mode
    limit: int
    pages: int


@dataclass(slots=True)
class Copy:
    """What is held of one timeline: the first so many tweets, but for gaps, which later polls fill."""

    held: int = 0
    polled_at_ms: int = 0
    due_at_ms: int = 0
    gaps: list[tuple[int, int]] = field(default_factory=list)


class Run:
    """One design, from the beginning of the world to its end."""

    def __init__(self, world: World, policy: Policy, purse: Purse, terms: Terms) -> None:
        self.world, self.policy, self.purse, self.terms = world, policy, purse, terms
        self.lazy = terms.pages == 1
        self.x = [Upstream(person, terms.limit) for person in world.people]
        self.copies = [Copy() for _ in world.people]
        self.figures = Figures(person_days=len(world.people) * (world.days - 1))
        self.tick_at_ms = BEGINS_AT_MS + MINUTE_MS
        self.heap: list[tuple[int, int]] = []

    def go(self) -> Figures:
        """Live through the world, and tell what it came to."""
        began = process_time()
        chance = Random(self.world.seed)  # noqa: S311 (nothing is secret here)
        for number, copy in enumerate(self.copies):
            copy.due_at_ms = BEGINS_AT_MS + chance.randrange(MINUTE_MS)
            self.heap.append((copy.due_at_ms, number))
        heapify(self.heap)
        for at_ms, number in self.world.reads():
            self._poll_until(at_ms)
            self._read(number, at_ms)
        self._poll_until(self.world.ends_at_ms)
        self._close()
        self.figures.took_s = process_time() - began
        return self.figures

    def _poll_until(self, until_ms: int) -> None:
        heap, copies = self.heap, self.copies
        while heap and heap[0][0] <= until_ms:
            at_ms, number = heappop(heap)
            if at_ms == copies[number].due_at_ms:
                self._tick_until(at_ms)
                self._due(number, at_ms)
        self._tick_until(until_ms)

    def _tick_until(self, now_ms: int) -> None:
        while self.tick_at_ms <= now_ms:
            self.purse.tick(self.tick_at_ms)
            self.tick_at_ms += MINUTE_MS

    def _due(self, number: int, now_ms: int) -> None:
        """Poll the account, or find out when it is due by now."""
        window = self.x[number].window(now_ms)
        due_at_ms = self.policy.due_at_ms(number, window, now_ms)
        if due_at_ms <= now_ms:
            if window.left <= self.policy.kept(number, window, now_ms):
                due_at_ms = window.resets_at_ms
            elif not self.purse.may_poll():
                due_at_ms = now_ms + MINUTE_MS
            else:
                self._poll(number, now_ms)
                due_at_ms = self.policy.due_at_ms(number, self.x[number].window(now_ms), now_ms)
        self._schedule(number, max(due_at_ms, now_ms + 1))

    def _schedule(self, number: int, due_at_ms: int) -> None:
        copy = self.copies[number]
        if due_at_ms != copy.due_at_ms and due_at_ms < self.world.ends_at_ms:
            heappush(self.heap, (due_at_ms, number))
        copy.due_at_ms = due_at_ms

    def _read(self, number: int, now_ms: int) -> None:
        """Serve the timeline, and refresh it before or after, as the mode has it."""
        self.policy.read(number, now_ms)
        copy = self.copies[number]
        stale = self.terms.mode != "none" and now_ms - copy.polled_at_ms > _STALE_MS
        if stale and self.terms.mode == "before":
            self._refresh(number, now_ms)
        if now_ms >= _MEASURED_FROM_MS:
            self.figures.behind_s.append(self._behind_s(number, now_ms))
        if stale and self.terms.mode == "behind":
            self._refresh(number, now_ms)
        due_at_ms = self.policy.due_at_ms(number, self.x[number].window(now_ms), now_ms)
        self._schedule(number, max(due_at_ms, now_ms + 1))

    def _behind_s(self, number: int, now_ms: int) -> float:
        """Say how long the oldest tweet that is not served has been there."""
        tweets, held = self.world.people[number].tweets, self.copies[number].held
        return max(0, now_ms - tweets[held]) / 1000 if held < len(tweets) else 0.0

    def _refresh(self, number: int, now_ms: int) -> None:
        allowed = self.x[number].window(now_ms).left >= 1 and self.purse.may_read()
        if now_ms >= _MEASURED_FROM_MS:
            self.figures.wanted += 1
            self.figures.refused += not allowed
        if allowed:
            self._poll(number, now_ms)

    def _poll(self, number: int, now_ms: int) -> None:
        """Read down from the newest tweet to what is held, and then into gaps."""
        copy, x = self.copies[number], self.x[number]
        newest = x.newest(now_ms)
        new = newest - copy.held
        if self.lazy:
            copy.gaps.clear()
        copy.gaps.append((copy.held, newest))
        self._lose(number, newest - DEPTH, now_ms)
        pages, room = 1, min(x.window(now_ms).left, self.terms.pages)
        self._page(number, now_ms)
        while copy.gaps and pages < room and self.purse.may_read():
            self._page(number, now_ms)
            pages += 1
        if now_ms >= _MEASURED_FROM_MS:
            self.figures.polls += 1
            self.figures.empty += not new
        copy.held, copy.polled_at_ms = newest, now_ms
        self.policy.polled(number, new, now_ms)

    def _page(self, number: int, now_ms: int) -> None:
        """Make one request, for the newest page that is not held."""
        gaps = self.copies[number].gaps
        begins, ends = gaps.pop()
        starts = max(begins, ends - PAGE)
        if starts > begins:
            gaps.append((begins, starts))
        self.purse.spend(now_ms)
        if self.x[number].ask(now_ms) and now_ms >= _MEASURED_FROM_MS:
            self.figures.requests += 1
            self.figures.posts += ends - starts
            self._delay(number, (starts, ends), now_ms)

    def _lose(self, number: int, floor: int, now_ms: int) -> None:
        """Give up what X no longer shows; whoever reads lazily never meant to have it."""
        gaps = self.copies[number].gaps
        while gaps[0][0] < floor:
            begins, ends = gaps.pop(0)
            beyond = min(ends, floor)
            if ends > beyond:
                gaps.insert(0, (beyond, ends))
            if now_ms >= _MEASURED_FROM_MS and not self.lazy:
                self.figures.lost += beyond - begins
                self._delay(number, (begins, beyond), now_ms)

    def _delay(self, number: int, span: tuple[int, int], now_ms: int) -> None:
        """Count how long these tweets had been there."""
        begins, ends = span
        person, figures = self.world.people[number], self.figures
        since_ms = now_ms - BEGINS_AT_MS
        figures.delayed += ends - begins
        figures.delay_sum_s += ((ends - begins) * since_ms - (person.sums[ends] - person.sums[begins])) / 1000
        for each in range(-(-begins // SAMPLE) * SAMPLE, ends, SAMPLE):
            figures.delays_s.append((now_ms - person.tweets[each]) / 1000)

    def _close(self) -> None:
        """Count what never came as if it came at the end, and what there was in all."""
        now_ms, figures = self.world.ends_at_ms, self.figures
        for number, copy in enumerate(self.copies):
            tweets = self.world.people[number].tweets
            figures.tweets += len(tweets) - bisect_left(tweets, _MEASURED_FROM_MS)
            if not self.lazy:
                self._delay(number, (copy.held, len(tweets)), now_ms)
        figures.refusals_by_x = sum(each.refusals for each in self.x)
        figures.overdrawn = self.purse.overdrawn()
        figures.spent = [self.purse.days.get(day, 0) for day in range(1, self.world.days)]
