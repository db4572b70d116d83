"""
People of the simulated X, and their apps.

`People` is what X knows of them, asked over the simulator's control surface; `Apps`
is what their apps get from the gateway, and only over HTTP.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import httpx2

from tests.e2e.truth import Served

#: Requests in hand at once: enough to keep two processors busy, not so many that one waits long.
TOGETHER = 16
#: Answers may be slow while everything else on this machine is busy too.
PATIENCE_SECONDS = 60
ATTEMPTS = 20


class Site:
    """One program's HTTP, asked for JSON; an answer that is no success is an error."""

    def __init__(self, url: str) -> None:
        self._client = httpx2.AsyncClient(base_url=url, timeout=PATIENCE_SECONDS)
        self._places = asyncio.Semaphore(TOGETHER)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def ask(self, method: str, path: str, **request: Any) -> httpx2.Response:
        """Send one request, and again while it is answered 503 (try again); the answer is a success."""
        for _ in range(ATTEMPTS):
            async with self._places:
                answer = await self._client.request(method, path, **request)
            if answer.status_code != 503:
                break
            await asyncio.sleep(0.5)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer


@dataclass(frozen=True)
class Person:
    """Somebody whom X knows, and what X gave them to entrust to an app."""

    id: str
    credential: dict[str, Any]
    bearer: str


class People(Site):
    """The simulated X, seen from behind."""

    async def add(self, count: int, **world: object) -> list[Person]:
        """Add so many people; every other one signs in the older way."""
        return await asyncio.gather(*(self._add(number, world) for number in range(count)))

    async def _add(self, number: int, world: dict[str, object]) -> Person:
        made = (await self.ask("POST", "/_sim/users", json=world)).json()
        generation = ("oauth1", "oauth2")[number % 2]
        return Person(made["id"], {generation: made[generation]}, made["oauth2"]["access_token"])

    async def tweet(self, person: Person, tweet_id: int) -> None:
        """Show a tweet of this id in a person's timeline, from now on."""
        tweets = [{"id": str(tweet_id), "text": f"This is tweet {tweet_id}."}]
        await self.ask("POST", f"/_sim/users/{person.id}/tweets", json={"tweets": tweets})

    async def tweets(self, person: Person, count: int) -> list[int]:
        """Show so many new tweets in a person's timeline, all at once; tell their ids."""
        made = await self.ask("POST", f"/_sim/users/{person.id}/tweets", json={"count": count})
        return [int(each) for each in made.json()["ids"]]

    async def limit(self, people: Iterable[Person], *, limit: int, window_seconds: int) -> None:
        """Give these people another window."""
        body = {"limit": limit, "window_seconds": window_seconds}
        await asyncio.gather(*(self.ask("PUT", f"/_sim/users/{each.id}/limit", json=body) for each in people))

    async def fault(self, **fault: object) -> None:
        """Have some of X's answers go wrong."""
        await self.ask("POST", "/_sim/faults", json=fault)

    async def mend(self) -> None:
        """End all faults."""
        await self.ask("DELETE", "/_sim/faults")

    async def truth(self, person: Person) -> list[int]:
        """Name every tweet that X shows in this person's timeline by now, newest first."""
        answer = await self.ask("GET", f"/_sim/users/{person.id}/timeline")
        return [int(each) for each in answer.json()["ids"]]

    async def replaced(self, by: Sequence[int]) -> set[int]:
        """Name the older versions of these tweets: X shows them no longer."""
        older: set[int] = set()
        # Somebody new looks them up: the tokens of those who live here have been refreshed meanwhile.
        (viewer,) = await self.add(1, deletes=False)
        headers = {"authorization": f"Bearer {viewer.bearer}"}
        for start in range(0, len(by), 100):
            params = {
                "ids": ",".join(map(str, by[start : start + 100])),
                "tweet.fields": "edit_history_tweet_ids",
            }
            page = (await self.ask("GET", "/2/tweets", params=params, headers=headers)).json()
            older |= {int(each) for tweet in page["data"] for each in tweet["edit_history_tweet_ids"]}
        return older.difference(by)

    async def stats(self) -> dict[str, Any]:
        """Tell what X has counted."""
        return (await self.ask("GET", "/_sim/stats")).json()


class Apps(Site):
    """The gateway, as everybody's own apps see it."""

    async def register(self, people: Sequence[Person]) -> list[str]:
        """Register everybody; each gets a token of the gateway."""
        return await asyncio.gather(*map(self._register, people))

    async def _register(self, person: Person) -> str:
        answer = await self.ask("POST", "/v1/registrations", json=person.credential)
        return answer.json()["token"]

    async def as_of_ms(self, token: str) -> int:
        """Tell when X was last asked for a timeline, and answered; 0 for never."""
        headers = {"authorization": f"Bearer {token}"}
        return _as_of_ms(await self.ask("GET", "/v1/timeline", params={"max_results": "5"}, headers=headers))

    async def read(self, token: str) -> Served:
        """Read a timeline page by page to its end."""
        ids: list[int] = []
        gaps: set[tuple[int, int]] = set()
        headers = {"authorization": f"Bearer {token}"}
        params = {"max_results": "800"}
        first = answer = await self.ask("GET", "/v1/timeline", params=params, headers=headers)
        while True:
            page = answer.json()
            ids += [int(each["id"]) for each in page.get("data", ())]
            gaps |= {(int(gap["older_id"]), int(gap["newer_id"])) for gap in page["gaps"]}
            if "next_token" not in page["meta"]:
                return Served(ids, sorted(gaps, reverse=True), _as_of_ms(first))
            params["pagination_token"] = page["meta"]["next_token"]
            answer = await self.ask("GET", "/v1/timeline", params=params, headers=headers)


def _as_of_ms(answer: httpx2.Response) -> int:
    """Read as of when an answer is true; one of a timeline that was never polled does not say."""
    as_of = answer.headers.get("roost-as-of")
    return int(datetime.fromisoformat(as_of).timestamp() * 1000) if as_of else 0
