"""
One who listens to a timeline: reads on whenever there is word that something may be new.

Nothing is kept for a listener but where they are: what they have not been told lies in the
account's stream until they take it, so a slow one costs no more than a quick one, and one
who was cut off, by whatever, goes on where they were.
"""

import random
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from services.api.freshen import wanted_now
from services.api.gateway import Gateway
from services.api.stream.events import HEARTBEAT, WHOLE, Place, events_of, write_retry, write_state
from services.api.timelines import freshness_headers
from shared.domain.timeline import Gap
from shared.domain.tweet import TweetId
from shared.store.arrivals import Arrival, News
from shared.store.connection import StoreError
from shared.store.notices import Wait
from shared.store.sessions import Claimed

#: Those who are cut off all at once come again one after another.
_RETRY_MS = (1000, 5000)
#: How long to leave a store alone that does not answer, at first and at most.
_AWAY_SECONDS = (0.2, 5.0)
#: A Redis that has crashed may have forgotten its last second: those tweets are read and told once more.
_REMEMBERED = 200
#: An account that is polled only for its readers is polled so often for one who listens.
_ASLEEP_FRESH_MS = 60_000


class _EndedError(Exception):
    """The session with which somebody listened is over."""


@dataclass(slots=True)
class Listener:
    """A listener, where they are, and what they were told last."""

    gateway: Gateway
    claim: Claimed
    place: Place | None = None
    gaps: tuple[Gap, ...] | None = None
    told: dict[str, object] = field(default_factory=dict)
    recent: deque[TweetId] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    async def listen(self) -> AsyncGenerator[bytes]:
        """Give what is new as it comes, until the session, the lifetime or the process ends."""
        yield write_retry(random.randint(*_RETRY_MS))  # noqa: S311 (to spread, not to hide)
        ends_at_ms = self.gateway.clock.now_ms() + int(_about(self.gateway.rules.stream_ms))
        away_seconds, longest = _AWAY_SECONDS
        while not self._is_over(ends_at_ms):
            try:
                async for each in self._follow(ends_at_ms):
                    yield each
                    away_seconds = _AWAY_SECONDS[0]
            except (StoreError, TimeoutError) as fault:
                structlog.get_logger().debug("a listener waits for the store", fault=type(fault).__name__)
                yield HEARTBEAT
                await self.gateway.listeners.rest(_about(away_seconds))
                away_seconds = min(2 * away_seconds, longest)
            except _EndedError:
                return  # whoever comes again is told that the session has ended
        yield write_state({**self.told, "missed": False, "reconnect": True})

    async def _follow(self, ends_at_ms: int) -> AsyncGenerator[bytes]:
        """
        Give what is new for as long as notices are heard.

        Errors: StoreError, TimeoutError; _EndedError when the session has ended.
        """
        async with self.gateway.notices.settled(self.claim.account_id) as wait:
            while not wait.is_lost and not self._is_over(ends_at_ms):
                news = await self._read(wait)
                await self._hasten(news)
                async for each in self._tell(news):
                    yield each
                heartbeat = _about(self.gateway.rules.heartbeat_seconds)
                if not news.more and not await self.gateway.listeners.wait(wait, heartbeat):
                    yield HEARTBEAT

    async def _read(self, wait: Wait) -> News:
        wait.is_settled.clear()  # before it is read: what comes after that is heard
        now_ms = self.gateway.clock.now_ms()
        after = self.place.entry if self.place else None
        news = await self.gateway.arrivals.read(self.claim, after, now_ms=now_ms)
        if not isinstance(news, News):
            raise _EndedError
        return news

    async def _hasten(self, news: News) -> None:
        """Have the account polled as for any read: for one who comes, and while nothing else makes it be."""
        has_just_come = not self.told
        if not has_just_come and not news.kept.polling.asleep:
            return
        fresh_ms = self.gateway.rules.fresh_ms if has_just_come else _ASLEEP_FRESH_MS
        now_ms = self.gateway.clock.now_ms()
        wanted = wanted_now(news.kept, (), now_ms=now_ms, fresh_ms=fresh_ms)
        if wanted is not None:
            await self.gateway.schedule.hasten(self.claim.account_id, now_ms=now_ms, wanted=str(wanted))

    async def _tell(self, news: News) -> AsyncGenerator[bytes]:
        """Tell how the account stands, if that has changed, and what arrived."""
        is_first = self.place is None
        standing = self._standing(news, missed=news.missed and not is_first)
        if standing != self.told:
            yield write_state(standing)
            self.told = {**standing, "missed": False}
        if is_first or news.missed:
            self.place, self.gaps = Place(news.newest, WHOLE), news.kept.held.gaps
            yield self.place.written() + b"\n"  # one who is cut off before anything comes goes on here
            return
        for arrival in news.arrivals:
            for event in await self._changes(arrival, news):
                yield event

    async def _changes(self, arrival: Arrival, news: News) -> list[bytes]:
        """Write what of a commit has not been told."""
        assert self.place is not None  # noqa: S101 (it was set before anything is told)
        first = self.place.index if self.place.entry == arrival.entry else 0
        if first == WHOLE:
            return []
        # Commit by commit: what a slow one has not taken is not held for them.
        withheld, now_ms = news.withheld.intersection(arrival.added), self.gateway.clock.now_ms()
        held = [each for each in arrival.added if each not in news.gone]
        shown = await self.gateway.bodies.read(held, withheld=withheld, now_ms=now_ms)
        reach = news.kept.reach.under(news.kept.mode or self.gateway.rules.mode)
        events = events_of(arrival, reach if arrival.gaps != self.gaps else None, shown, withheld)
        new = [each for each in events if each.place.index >= first and each.tweet_id not in self.recent]
        self.recent.extend(each.tweet_id for each in new if each.tweet_id is not None)
        for each in arrival.deleted:  # should X show it again, it is told again
            with suppress(ValueError):
                self.recent.remove(each)
        self.gaps = self.gaps if arrival.gaps is None else arrival.gaps
        self.place = Place(arrival.entry, WHOLE)
        return [each.written() for each in new]

    def _standing(self, news: News, *, missed: bool) -> dict[str, object]:
        kept, now_ms = news.kept, self.gateway.clock.now_ms()
        told = freshness_headers(kept, now_ms=now_ms, stale_ms=self.gateway.rules.stale_ms)
        return {
            "as_of": told.get("roost-as-of"),
            "stale": told.get("roost-stale"),
            "standing": kept.account.standing.value,
            "asleep": kept.polling.asleep,
            "tweets": kept.held.tweets,
            "missed": missed,
            "reconnect": False,
        }

    def _is_over(self, ends_at_ms: int) -> bool:
        return self.gateway.clock.now_ms() >= ends_at_ms or self.gateway.listeners.is_stopping


def _about(amount: float) -> float:
    """Vary an amount by a tenth, so that what began together does not go on together."""
    return amount * random.uniform(0.9, 1.1)  # noqa: S311 (to spread, not to hide)
