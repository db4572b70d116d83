"""Somebody who listens to their timeline, and comes again whenever they are cut off."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field

import httpx2

from tests.integration.api.people import Person

STREAM = "/v1/timeline/stream"


@dataclass
class Heard:
    """One event."""

    name: str
    data: dict
    id: str | None


@dataclass
class Ear:
    """A client of the stream: keeps what it heard, and where it was."""

    url: str
    person: Person
    heard: list[Heard] = field(default_factory=list)
    place: str | None = None
    statuses: list[int] = field(default_factory=list)
    closed: int = 0
    beats: int = 0

    @property
    def tweets(self) -> list[int]:
        """List the ids of tweets in the order heard."""
        return [int(each.data["data"]["id"]) for each in self.named("tweet", "edit")]

    def named(self, *names: str) -> list[Heard]:
        """List the events of these names."""
        return [each for each in self.heard if each.name in names]

    async def follow(self) -> None:
        """Listen until cancelled, from where it was whenever it was cut off."""
        while True:
            with suppress(httpx2.HTTPError):
                await self.listen()
            await asyncio.sleep(0.1)

    async def listen(self) -> None:
        """Listen once, until the other side ends it."""
        place = {} if self.place is None else {"last-event-id": self.place}
        async with (
            httpx2.AsyncClient(base_url=self.url, timeout=30) as client,
            client.stream("GET", STREAM, headers={**self.person.headers, **place}) as answer,
        ):
            self.statuses.append(answer.status_code)
            if answer.status_code == 200:
                await self._hear(answer)
        self.closed += 1

    async def until(self, is_so, seconds: float = 20) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(seconds):
            while not is_so():
                await asyncio.sleep(0.02)

    async def _hear(self, answer: httpx2.Response) -> None:
        lines: dict[str, str] = {}
        async for line in answer.aiter_lines():
            name, _, value = line.partition(": ")
            self.beats += line == ":"
            if line and not line.startswith(":"):
                lines[name] = value
            else:  # an id alone is no event, and is kept like any other
                self.place = lines.get("id", self.place)
                if "event" in lines:
                    self.heard.append(Heard(lines["event"], json.loads(lines["data"]), lines.get("id")))
                lines = {}
