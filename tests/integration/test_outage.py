"""X's sign-in is down, or one person takes our access back: the one is waited out, the other parked."""

import asyncio
from dataclasses import dataclass

import httpx2
import pytest

from shared.domain.account import AccountId
from tests.integration.fetching import MINUTE_MS, fetching
from tests.servers.programs import Programs

PEOPLE = 200
LEASE_MS = 60_000


@pytest.fixture
async def x(tmp_path):
    programs = Programs(tmp_path)
    url = programs.start_simulator(simulator_users=PEOPLE, simulator_window_limit=9000)
    async with httpx2.AsyncClient(base_url=url, timeout=30) as client:
        yield client
    programs.end()


@pytest.fixture
async def crowd(redis_db, x):
    async with fetching(redis_db, str(x.base_url).rstrip("/")) as fetcher:
        people = (await x.get("/_sim/users")).json()["users"]
        ids = [await fetcher.register(each, lasts_ms=120 * MINUTE_MS) for each in people]
        yield Crowd(fetcher, ids)


@dataclass
class Crowd:
    """Everybody, and a scheduler's work for them, minute by minute."""

    fetcher: object
    ids: list[AccountId]
    minute: int = 0

    async def live(self, minutes: int) -> None:
        """Let so many minutes pass, and poll whoever falls due in them."""
        for _ in range(minutes):
            await self.go_to(self.minute + 1)

    async def go_to(self, minute: int) -> list[str]:
        """Go to a minute, and poll whoever is due then; tell what came of it."""
        self.minute = minute
        clock, schedule = self.fetcher.clock, self.fetcher.schedule
        object.__setattr__(clock, "by_ms", minute * MINUTE_MS)
        leases = await schedule.claim(now_ms=clock.now_ms(), lease_ms=LEASE_MS, per_shard=100)
        polled = []
        for start in range(0, len(leases), 50):
            polled += await asyncio.gather(*(self.fetcher.poll(each) for each in leases[start : start + 50]))
        return [each.outcome for each in polled]

    async def parked(self) -> dict[AccountId, str]:
        """Name the accounts that are parked, and why."""
        kept = [await self.fetcher.accounts.find(each) for each in self.ids]
        return {each.account.id: each.account.parked for each in kept if each.account.parked}

    async def fresh_since(self, minute: int) -> int:
        """Count the accounts whose timeline was read since that minute."""
        since_ms = self.fetcher.clock.now_ms() - (self.minute - minute) * MINUTE_MS
        kept = [await self.fetcher.accounts.find(each) for each in self.ids]
        return sum(each.held.as_of_ms >= since_ms for each in kept)


async def test_an_outage_of_twenty_minutes_parks_nobody_and_a_day_later_all_are_polled(crowd, x):
    await crowd.live(3)
    assert await crowd.fresh_since(1) == PEOPLE

    await x.post("/_sim/faults", json={"status": 401})
    await crowd.live(20)
    assert await crowd.fresh_since(4) == 0
    assert await crowd.parked() == {}
    assert (await crowd.fetcher.climates.now(now_ms=crowd.fetcher.clock.now_ms())).is_outage()

    await x.delete("/_sim/faults")
    await crowd.live(8)
    assert await crowd.fresh_since(24) == PEOPLE, "all are back within minutes, not hours"
    await crowd.go_to(24 * 60)
    assert await crowd.fresh_since(24 * 60 - 1) == PEOPLE
    assert await crowd.parked() == {}


async def test_one_who_takes_our_access_back_is_parked_within_two_polls_and_alone(crowd, x):
    await crowd.live(2)
    revoked = crowd.ids[7]
    await x.post(f"/_sim/users/{revoked}/revoke")

    outcomes = []
    for _ in range(10):
        outcomes += await crowd.go_to(crowd.minute + 1)

    assert await crowd.parked() == {revoked: "sign-in-needed"}
    assert outcomes.count("sign-in-needed") == 2


@pytest.mark.parametrize(("body", "reason"), [("user-locked", "locked"), ("user-suspended", "suspended")])
async def test_one_whom_x_shuts_out_is_parked_at_once_and_comes_back_by_itself(crowd, x, body, reason):
    await crowd.live(1)
    shut_out = crowd.ids[3]
    await x.post("/_sim/faults", json={"status": 403, "body": body, "user": shut_out})
    await crowd.live(3)
    assert await crowd.parked() == {shut_out: reason}
    requests = (await x.get("/_sim/requests", params={"user": str(shut_out)})).json()["requests"]
    assert sum(each["status"] == 403 for each in requests) == 1

    await x.delete("/_sim/faults")
    await crowd.go_to(19 * 60)

    assert await crowd.parked() == {}
    kept = await crowd.fetcher.accounts.find(shut_out)
    assert kept.polling.outcome == "page"
