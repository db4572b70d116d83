"""
A lean page server: X as far as one poll needs it, and no slower than it must be.

The simulator checks signatures, keeps windows and plays a world; it would be the
bottleneck of a measurement of the fetcher. This one answers every request with a
page of the simulator's that is made fresh (its tweets get new ids), after X's
latency, with the headers of a wide window. `GET /count` tells how many it gave.

    python -m bench.pages PORT LATENCY_MS TWEETS
"""

import asyncio
import sys
import time
from itertools import count, cycle, islice
from typing import cast

import msgspec
import uvloop

from bench.samples import Samples
from simulator.ids import snowflake

_TEMPLATES = 200
_LIMIT = 900_000


class Template:
    """A page cut at the ids of its own tweets, so that new ones can be put in."""

    def __init__(self, page: bytes) -> None:
        answer = msgspec.json.decode(page)
        self.tweets = len(answer["data"])
        numbers = {each["id"].encode(): number for number, each in enumerate(answer["data"])}
        self._parts: list[bytes | int] = [page]
        for tweet_id, number in numbers.items():
            self._parts = [piece for part in self._parts for piece in _split(part, tweet_id, number)]

    def fill(self, ids: list[bytes]) -> bytes:
        """Make a page with these ids."""
        return b"".join([part if isinstance(part, bytes) else ids[part] for part in self._parts])


def _split(part: bytes | int, tweet_id: bytes, number: int) -> list[bytes | int]:
    if isinstance(part, int):
        return [part]
    pieces: list[bytes | int] = []
    for piece in part.split(tweet_id):
        pieces += [piece, number]
    return pieces[:-1]


class Pages:
    """Makes answers."""

    def __init__(self, tweets: int) -> None:
        pages = islice(Samples(people=20).pages(tweets), _TEMPLATES)
        self._templates = cycle([Template(page) for page in pages])
        self._low_bits = count()
        self.given = 0

    def answer(self) -> bytes:
        """Make one fresh page, newest tweet first, with its headers."""
        template, now_ms = next(self._templates), time.time_ns() // 1_000_000
        first = next(self._low_bits) * template.tweets
        ids = [snowflake(now_ms, (first + each) % 2**22) for each in range(template.tweets)]
        body = template.fill([b"%d" % each for each in sorted(ids, reverse=True)])
        self.given += 1
        window = (_LIMIT, _LIMIT - 1, now_ms // 1000 + 900)
        return (
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\n"
            b"x-rate-limit-limit: %d\r\nx-rate-limit-remaining: %d\r\nx-rate-limit-reset: %d\r\n"
            % window
            + b"content-length: %d\r\n\r\n" % len(body)
            + body
        )


class Connection(asyncio.Protocol):
    """One client, which asks again only when it has been answered."""

    def __init__(self, pages: Pages, latency_seconds: float) -> None:
        self._pages = pages
        self._latency_seconds = latency_seconds
        self._asked = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        """Answer a request once its headers are whole."""
        self._asked += data
        if not self._asked.endswith(b"\r\n\r\n"):
            return
        counting, self._asked = self._asked.startswith(b"GET /count"), b""
        if counting:
            given = b"%d" % self._pages.given
            self._write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(given), given))
        else:
            asyncio.get_running_loop().call_later(self._latency_seconds, self._answer)

    def _answer(self) -> None:
        self._write(self._pages.answer())

    def _write(self, answer: bytes) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.write(answer)


async def serve(port: int, latency_ms: int, tweets: int) -> None:
    """Serve until killed."""
    pages = Pages(tweets)
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(pages, latency_ms / 1000), "127.0.0.1", port
    )
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(*map(int, sys.argv[1:4])))
