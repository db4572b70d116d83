"""
A life: many accounts polled for minutes while much goes wrong, and what must be true after it.

`begin` registers everybody, `must_be_true` reads what each of their apps is served;
what goes wrong in between is the test's.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.e2e.deployment import Deployment
from tests.e2e.people import Apps, People, Person
from tests.e2e.truth import Differences, Served, compare, unknown

MINUTE_MS = 60_000

#: Tweets that are read back at a registration: three pages, so that polls can be cut between pages.
DEPTH = 250
#: What is edited away meanwhile counts as read.
EDITED_AWAY = 20

#: An account whose first answer never arrives waits a whole window, for nobody can say what is left of it;
#: it says that it knows nothing. More than so many must know something, or the rest shows little.
READ_SHARE = 0.5
#: Some are never read again meanwhile, such as one whose sign-in ended.
MOST = 0.7

#: A lease outlives the time-out, which is in real seconds; so few polls at once that the simulator keeps up.
SETTINGS = {
    "backfill_tweets": DEPTH + EDITED_AWAY,
    "x_timeout_seconds": 3,
    "lease_seconds": 120,
    "fetcher_concurrency": 16,
    "mode": "archive",  # everything is to be there at the end
}
#: What everybody sees: some authors of the simulated world, none of whose tweets is deleted.
WORLD = {"follow": 20, "deletes": False}
#: X gives most the least window it has been seen to give, and every fifth one that ends now and then.
SHORT_WINDOW = {"limit": 5, "window_seconds": 150}


@dataclass(frozen=True)
class Lived:
    """What one person was served at the end, and how that differs from the truth."""

    person: Person
    served: Served
    differences: Differences


@dataclass(frozen=True)
class Life:
    """Everybody in it, and both sides that are compared."""

    roost: Deployment
    people: People
    apps: Apps
    everybody: list[Person]
    tokens: list[str]

    async def go_on(self, minutes: float) -> None:
        """Let so many minutes of this life go by."""
        await self.roost.clock.sleep_ms(minutes * MINUTE_MS)

    async def until_read(self, *, since_ms: int) -> None:
        """Wait until most timelines were read since an instant; half an hour of this life at most."""
        ends_at_ms = self.roost.clock.now_ms() + 30 * MINUTE_MS
        while self.roost.clock.now_ms() < ends_at_ms:
            read = await asyncio.gather(*map(self.apps.as_of_ms, self.tokens))
            if sum(each > since_ms for each in read) > MOST * len(read):
                return
            await self.go_on(minutes=1)

    async def look_at(self, person: Person, token: str) -> Lived:
        """
        Read one timeline, and then the truth: X shows by now all that it showed to the last poll.

        But for what was edited since.
        """
        served = await self.apps.read(token)
        truth = await self.people.truth(person)
        differences = compare(served, truth, depth=DEPTH)
        if differences.foreign:
            replaced = await self.people.replaced(by=unknown(served, truth))
            differences = compare(served, sorted({*truth, *replaced}, reverse=True), depth=DEPTH)
        return Lived(person, served, differences)


@asynccontextmanager
async def begin(roost: Deployment, accounts: int) -> AsyncIterator[Life]:
    """Register so many accounts with a deployment."""
    async with People(roost.simulator_url) as people, Apps(roost.gateway_url) as apps:
        everybody = await people.add(accounts, **WORLD)
        await people.limit(everybody[::5], **SHORT_WINDOW)
        # The simulator makes up a world when it is first looked at; no fetcher shall have to wait for that.
        await asyncio.gather(*map(people.truth, everybody))
        yield Life(roost, people, apps, everybody, await apps.register(everybody))


async def must_be_true(life: Life, *, read_since_ms: int = 0) -> str:
    """
    Read every timeline and compare it with the truth; tell in one line how it was.

    Errors: AssertionError when one differs other than as it says itself, when X counted a request
            above a window, or when too few were read (since an instant) for either to say much.
    """
    lived = await asyncio.gather(*map(life.look_at, life.everybody, life.tokens))
    stats = await life.people.stats()
    wrong = {each.person.id: each.differences for each in lived if each.differences}
    assert not wrong, f"{len(wrong)} timelines are not true, such as {list(wrong.items())[:3]}"
    read = sum(each.served.as_of_ms > read_since_ms for each in lived)
    assert read > READ_SHARE * len(lived), f"only {read} timelines were read"
    assert stats["refused_by_window"] == 0, "X had to refuse a request"
    return _told(lived, read, stats)


def _told(lived: list[Lived], read: int, stats: dict[str, Any]) -> str:
    tweets = sum(len(each.served.ids) for each in lived)
    whole = sum(not each.served.gaps for each in lived)
    return f"{len(lived)} timelines, {read} read, {whole} without a gap; {tweets} tweets; X counted {stats}"
