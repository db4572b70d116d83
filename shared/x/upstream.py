"""
One way to ask X: a signed GET whose every end is a value.

    Reply        X answered: status, headers and the whole body
    Broken       X began to answer, but its body never came whole; its headers count
    Unavailable  no answer: a time-out, a connection that failed, or none that could be made

One bounded set of connections serves the whole process. There is one retry, of a
connection that could not be made; everything else is the schedule's to retry.
"""

import asyncio
from dataclasses import dataclass
from typing import Self, assert_never
from urllib.parse import quote, urlencode

import httpx2

from shared.clock import Clock
from shared.domain.credential import Credential, OAuth1Credential, OAuth2Credential
from shared.domain.outcome import UNSENT, Unavailable
from shared.x.signature import sign

#: X's largest pages are under 1 MB; more than this is not an answer of X.
_BODY_LIMIT_BYTES = 16 * 1024 * 1024

#: httpx2 looks at every connection of a pool before each request and after each answer: many small
#: pools cost less than one large one (docs/decisions/0014).
_POOL_CONNECTIONS = 5

_HEADERS = {"user-agent": "roost", "accept": "application/json", "accept-encoding": "gzip"}

#: X compares signatures with its own time, also where ours is played faster.
_CLOCK = Clock()


@dataclass(frozen=True, slots=True)
class App:
    """X's address and our app's keys; the keys are needed for OAuth 1.0a credentials only."""

    api_url: str
    consumer_key: str = ""
    consumer_secret: str = ""

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


@dataclass(slots=True)
class _Pool:
    transport: httpx2.AsyncHTTPTransport
    busy: int = 0


class Upstream:
    """X, asked over a bounded number of connections. To be closed after use."""

    def __init__(self, app: App, *, connections: int, timeout_seconds: float) -> None:
        self._app = app
        self._timeout_seconds = timeout_seconds
        self._site = httpx2.URL(app.api_url)
        self._pools = [_Pool(_transport()) for _ in range(-(-connections // _POOL_CONNECTIONS))]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        for pool in self._pools:
            await pool.transport.aclose()

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
        pool = min(self._pools, key=lambda each: each.busy)
        pool.busy += 1
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await _read(await pool.transport.handle_async_request(request))
        except (TimeoutError, httpx2.TimeoutException):
            return Unavailable("timeout")
        except httpx2.ConnectError:
            return Unavailable(UNSENT)
        except httpx2.TransportError:
            return Unavailable("connection")
        finally:
            pool.busy -= 1

    def _target(self, path: str, params: dict[str, str]) -> bytes:
        query = urlencode(params, safe=",", quote_via=quote)
        return f"{self._site.path.rstrip('/')}{path}{'?' if query else ''}{query}".encode()

    def _authorization(self, path: str, params: dict[str, str], credential: Credential) -> str:
        match credential:
            case OAuth2Credential():
                return f"Bearer {credential.access_token}"
            case OAuth1Credential():
                return sign(
                    f"{self._app.api_url}{path}",
                    params,
                    (self._app.consumer_key, self._app.consumer_secret),
                    (credential.token, credential.token_secret),
                    _CLOCK.now_ms() // 1000,
                )
            case _:
                assert_never(credential)


def _transport() -> httpx2.AsyncHTTPTransport:
    limits = httpx2.Limits(max_connections=_POOL_CONNECTIONS, max_keepalive_connections=_POOL_CONNECTIONS)
    return httpx2.AsyncHTTPTransport(retries=1, limits=limits)


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
