"""The world's tweets as X answers them over HTTP: pages, `since_id`, windows; nothing else of X."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import count

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.freshness.people import Person, World
from bench.freshness.upstream import DEPTH, PAGE, Upstream
from shared.clock import Clock
from shared.domain.tweet import first_id_at

_AUTHOR = {"id": "12", "name": "jack", "username": "jack"}
_encode = msgspec.json.Encoder().encode


class MadeUpX:
    """One made-up world behind X's home timeline; an account's id is its person's number and 1."""

    def __init__(self, world: World, limit: int, clock: Clock) -> None:
        self.windows = [Upstream(person, limit) for person in world.people]
        self.ids = [_ids(person) for person in world.people]
        self.clock = clock
        self.requests = 0
        self.app = Starlette(routes=[Route("/2/users/{id}/timelines/reverse_chronological", self._home)])

    def newest(self, number: int, now_ms: int) -> int:
        """Count the tweets that there are of one person's timeline by now."""
        return self.windows[number].newest(now_ms)

    async def _home(self, request: Request) -> Response:
        number, now_ms = int(request.path_params["id"]) - 1, self.clock.now_ms()
        self.requests += 1
        granted = self.windows[number].ask(now_ms)
        window = self.windows[number].window(now_ms)
        headers = {
            "x-rate-limit-limit": str(window.limit),
            "x-rate-limit-remaining": str(window.left),
            "x-rate-limit-reset": str(-(-window.resets_at_ms // 1000)),
        }
        if not granted:
            return Response(b'{"title":"Too Many Requests","status":429}', 429, headers)
        body = self._page(number, dict(request.query_params), now_ms)
        return Response(body, headers=headers, media_type="application/json")

    def _page(self, number: int, asked: dict[str, str], now_ms: int) -> bytes:
        ids, newest = self.ids[number], self.newest(number, now_ms)
        ends = min(
            newest, bisect_left(ids, int(asked.get("pagination_token") or asked.get("until_id") or 2**63))
        )
        bottom = max(0, newest - DEPTH, bisect_right(ids, int(asked.get("since_id", 0))))
        starts = max(bottom, ends - min(PAGE, int(asked["max_results"])))
        shown = ids[starts:ends][::-1]
        meta: dict[str, object] = {"result_count": len(shown)}
        if shown and starts > bottom:
            meta["next_token"] = str(shown[-1])
        answer: dict[str, object] = {"meta": meta}
        if shown:
            answer |= {"data": [_tweet(each) for each in shown], "includes": {"users": [_AUTHOR]}}
        return _encode(answer)


def _ids(person: Person) -> Sequence[int]:
    """Give each tweet an id of its instant; those of one millisecond differ in their low bits."""
    numbers = count()
    return [first_id_at(at_ms) + next(numbers) % 2**22 for at_ms in person.tweets]


def _tweet(tweet_id: int) -> dict[str, object]:
    return {"id": str(tweet_id), "text": "…", "author_id": "12", "edit_history_tweet_ids": [str(tweet_id)]}
