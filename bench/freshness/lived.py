"""One made-up world lived through by the whole system: who reads, what they were served, what it took."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import httpx2
from pydantic import SecretStr

from bench.freshness.figures import Figures
from bench.freshness.made_up_x import MadeUpX
from bench.freshness.people import BEGINS_AT_MS, DAY_MINUTES, DAY_MS, World
from bench.freshness.policies import Learning
from bench.freshness.run import SAMPLE
from services.api.app import create_app
from services.api.gateway import Gateway
from services.api.reads import Reads
from services.fetcher.poll import Polled
from shared.domain.interest import write
from shared.domain.mode import Mode
from shared.settings import ApiSettings
from shared.store import keys
from shared.store.connection import Connection, connect
from shared.store.sessions import SCOPES, Kind, Sessions, Terms
from tests.integration.fetching import Fetcher, fetching
from tests.integration.serving import serving
from tests.servers.programs import SECRET_KEYS
from tests.warped.deployment import Deployment, Pace

#: Nobody sleeps: the policy alone knows of no sleepers either.
_RULES = {"mode": Mode.FRESH, "pages": 10, "page_size": 100, "dormant_ms": 1000 * DAY_MS}
_MEASURED_FROM_MS = BEGINS_AT_MS + DAY_MS


@dataclass(slots=True)
class Hands:
    """A clock that is moved by hand."""

    at_ms: int

    def now_ms(self) -> int:
        """Tell the instant."""
        return self.at_ms

    async def sleep_ms(self, duration_ms: float) -> None:
        """Let that much time pass at once."""
        self.at_ms += int(duration_ms)


class Lived:
    """Everybody of one world, followed by one deployment."""

    def __init__(self, world: World, x: MadeUpX, redis: Connection, wait_seconds: int) -> None:
        self.world, self.x, self.clock, self.redis = world, x, x.clock, redis
        self.wait_seconds = wait_seconds
        self.held = [0] * len(world.people)
        self.requests_before = 0
        self.figures = Figures(person_days=len(world.people) * (world.days - 1))

    @classmethod
    async def through(
        cls, world: World, url: str, *, budget: float, limit: int, wait_seconds: int
    ) -> Figures:
        """Live through a world with a part of "everyone every 60 s", and tell what it came to."""
        clock = Hands(BEGINS_AT_MS)
        x = MadeUpX(world, limit, clock)
        redis = connect(url)
        lived = cls(world, x, redis, wait_seconds)
        daily = round(budget * len(world.people) * DAY_MINUTES)
        try:
            async with (
                serving(x.app) as x_url,
                fetching(url, x_url, clock=clock, **_RULES) as fetcher,
            ):
                deployment = Deployment(redis, fetcher, Pace(daily=daily))
                deployment.follow(range(1, len(world.people) + 1))
                tokens = await lived._register(fetcher)
                async with _gateway(url, clock) as gateway:
                    await lived._live(deployment, gateway, tokens)
                deployment.close()
        finally:
            await redis.aclose()
        return lived._close(daily)

    async def _register(self, fetcher: Fetcher) -> list[str]:
        """Register everybody, with what would be known of their reads by now; give a token for each."""
        tokens = []
        interests, sessions = Learning(self.world).interests, Sessions(self.redis)
        for number, interest in enumerate(interests):
            person = {
                "id": number + 1,
                "oauth2": {"access_token": f"t{number}", "refresh_token": None, "scope": ""},
            }
            account_id = await fetcher.register(person, lasts_ms=1000 * DAY_MS)
            await self.redis.hset(keys.account(account_id), "interest", write(interest))
            terms = Terms(Kind.KEY, frozenset(SCOPES), "bench", 0)
            tokens.append((await sessions.begin(account_id, terms, now_ms=self.clock.at_ms)).token)
        return tokens

    async def _live(self, deployment: Deployment, gateway: httpx2.AsyncClient, tokens: list[str]) -> None:
        for at_ms, number in self.world.reads():
            await deployment.live_until(at_ms, self._count)
            await self._read(deployment, gateway, (number, tokens[number]))
        await deployment.live_until(self.world.ends_at_ms, self._count)

    async def _read(self, deployment: Deployment, gateway: httpx2.AsyncClient, who: tuple[int, str]) -> None:
        """Read as an app does; while the gateway waits for a poll, polls go on."""
        number, token = who
        headers = {"authorization": f"Bearer {token}", "prefer": f"wait={self.wait_seconds}"}
        reading = asyncio.create_task(gateway.get("/v1/timeline?max_results=1", headers=headers))
        while not reading.done():
            await asyncio.sleep(0.002)
            await self._count(await deployment.step())
        newest = int((await reading).json()["meta"].get("newest_id", 0))
        if self.clock.at_ms >= _MEASURED_FROM_MS:
            self.figures.behind_s.append(self._behind_s(number, bisect_right(self.x.ids[number], newest)))

    def _behind_s(self, number: int, held: int) -> float:
        """Say how long the oldest tweet that was not served had been there."""
        tweets = self.world.people[number].tweets
        return max(0, self.clock.at_ms - tweets[held]) / 1000 if held < len(tweets) else 0.0

    async def _count(self, polled: list[Polled]) -> None:
        """Count what polls have just brought."""
        for account_id in {each.lease.account_id for each in polled}:
            number = account_id - 1
            newest = int(await self.redis.hget(keys.account(account_id), "newest") or 0)
            held, before = bisect_right(self.x.ids[number], newest), self.held[number]
            self.held[number] = held
            if self.clock.at_ms < _MEASURED_FROM_MS:
                self.requests_before = self.x.requests
                continue
            self.figures.polls += 1
            self.figures.empty += held == before
            self.figures.posts += held - before
            self._delay(number, before, held)

    def _delay(self, number: int, before: int, held: int) -> None:
        """Count how long the tweets had been there; the sample is of the timeline, however polls cut it."""
        delays = [(self.clock.at_ms - each) / 1000 for each in self.world.people[number].tweets[before:held]]
        self.figures.delayed += len(delays)
        self.figures.delay_sum_s += sum(delays)
        self.figures.delays_s += delays[-before % SAMPLE :: SAMPLE]

    def _close(self, daily: int) -> Figures:
        self.figures.requests = self.x.requests - self.requests_before
        self.figures.refusals_by_x = sum(each.refusals for each in self.x.windows)
        self.figures.overdrawn = max(0, self.figures.requests - daily * (self.world.days - 1))
        return self.figures


@asynccontextmanager
async def _gateway(url: str, clock: Hands) -> AsyncIterator[httpx2.AsyncClient]:
    """Give a client of the gateway's application, which reads the same clock."""
    settings = ApiSettings(redis_url=SecretStr(url), secret_keys=SecretStr(SECRET_KEYS))
    app = create_app(settings)
    opened = Gateway.open(settings, app.state.listeners, app.state.counts)
    gateway = app.state.gateway = replace(opened, clock=clock)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(Reads(app)), base_url="http://roost.test"
    ) as client:
        yield client
    await gateway.close()
