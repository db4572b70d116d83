"""
One way to ask X: a signed request whose every end is a value.

    Reply        X answered: status, headers and the whole body
    Broken       X began to answer, but its body never came whole; its headers count
    Unavailable  no answer: a time-out, a connection that failed, or none that could be made

One bounded set of connections serves the whole process. There is one retry, of a
connection that could not be made; everything else is the schedule's to retry.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Self, assert_never
from urllib.parse import quote

import httpx2

from shared.clock import Clock
from shared.domain.credential import Credential, OAuth1Credential, OAuth2Credential
from shared.domain.outcome import UNSENT, Unavailable
from shared.x.signature import sign

#: X's largest pages are under 1 MB; more than this is not an answer of X.
_BODY_LIMIT_BYTES = 16 * 1024 * 1024

_HEADERS = {"user-agent": "roost", "accept": "application/json", "accept-encoding": "gzip"}

#: Of a query most is long and always the same.
_escape = lru_cache(maxsize=256)(partial(quote, safe=","))

#: X compares signatures with its own time, also where ours is played faster.
_CLOCK = Clock()


@dataclass(frozen=True, slots=True)
class App:
    """
    X's addresses and what our app is known by there.

    `site_url` is where people's browsers meet X, empty for X's own pages; the consumer key and its
    secret are for OAuth 1.0a, the client id and its secret (empty for a public client) for OAuth 2.0.
    """

    api_url: str
    consumer_key: str = ""
    consumer_secret: str = ""
    client_id: str = ""
    client_secret: str = ""
    site_url: str = ""

    def __repr__(self) -> str:
        return f"App(api_url={self.api_url!r}, ***)"


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer of X."""

    status: int
    headers: httpx2.Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """An answer whose body did not come whole."""

    headers: httpx2.Headers


class Upstream:
    """X, asked over a bounded number of connections. To be closed after use."""

    def __init__(self, app: App, *, connections: int, timeout_seconds: float) -> None:
        self._app = app
        self._timeout_seconds = timeout_seconds
        self._site = httpx2.URL(app.api_url)
        certificates = httpx2.create_ssl_context()  # read once: each transport would read them again
        self._lanes = [_lane(certificates) for _ in range(connections)]
        self._free: asyncio.LifoQueue[httpx2.AsyncHTTPTransport] = asyncio.LifoQueue()
        for lane in self._lanes:
            self._free.put_nowait(lane)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        for lane in self._lanes:
            await lane.aclose()

    async def ask(
        self, path: str, params: dict[str, str], credential: Credential
    ) -> Reply | Broken | Unavailable:
        """
        GET a path of X's API in the name of the credential's person.

        Units:  the whole request, body included, has `timeout_seconds`.
        """
        authorization = self._authorization(path, params, credential)
        request = httpx2.Request(
            "GET",
            self._site,
            headers={**_HEADERS, "authorization": authorization},
            # httpx2 would take the long query apart and put it together again: half of a request's cost.
            extensions={"target": self._target(path, params)},
        )
        return await self._send(request, self._timeout_seconds)

    async def post(
        self, path: str, form: dict[str, str], authorization: str, *, timeout_seconds: float
    ) -> Reply | Broken | Unavailable:
        """POST a form to a path of X's API; an empty `authorization` is left out."""
        headers = {**_HEADERS, "authorization": authorization} if authorization else _HEADERS
        extensions = {"target": self._target(path, {})}
        request = httpx2.Request("POST", self._site, headers=headers, data=form, extensions=extensions)
        return await self._send(request, timeout_seconds)

    async def _send(self, request: httpx2.Request, timeout_seconds: float) -> Reply | Broken | Unavailable:
        try:
            async with asyncio.timeout(timeout_seconds), self._lane() as lane:
                return await _read(await lane.handle_async_request(request))
        except (TimeoutError, httpx2.TimeoutException):
            return Unavailable("timeout")
        except httpx2.ConnectError:
            return Unavailable(UNSENT)
        except httpx2.TransportError:
            return Unavailable("connection")

    @asynccontextmanager
    async def _lane(self) -> AsyncIterator[httpx2.AsyncHTTPTransport]:
        """Take the connection that was used last of those that are free."""
        lane = await self._free.get()
        try:
            yield lane
        finally:
            self._free.put_nowait(lane)

    def _target(self, path: str, params: dict[str, str]) -> bytes:
        query = "&".join([f"{name}={_escape(value)}" for name, value in params.items()])
        return f"{self._site.path.rstrip('/')}{path}{'?' if query else ''}{query}".encode()

    def _authorization(self, path: str, params: dict[str, str], credential: Credential) -> str:
        match credential:
            case OAuth2Credential():
                return f"Bearer {credential.access_token}"
            case OAuth1Credential():
                return sign(
                    ("GET", f"{self._app.api_url}{path}"),
                    params,
                    (self._app.consumer_key, self._app.consumer_secret),
                    (credential.token, credential.token_secret),
                    _CLOCK.now_ms() // 1000,
                )
            case _:
                assert_never(credential)


def _lane(certificates: ssl.SSLContext) -> httpx2.AsyncHTTPTransport:
    # One connection: of a pool, httpx2 looks at each before every request and after every answer.
    limits = httpx2.Limits(max_connections=1, max_keepalive_connections=1)
    return httpx2.AsyncHTTPTransport(retries=1, limits=limits, verify=certificates)


async def _read(response: httpx2.Response) -> Reply | Broken:
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in response.aiter_bytes():
            chunks.append(chunk)
            size += len(chunk)
            if size > _BODY_LIMIT_BYTES:
                return Broken(response.headers)
    except (httpx2.TransportError, httpx2.DecodingError):
        return Broken(response.headers)
    finally:
        await response.aclose()
    return Reply(response.status_code, response.headers, b"".join(chunks))
