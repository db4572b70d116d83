"""
One way to ask X: a signed GET whose every end is a value.

    Reply        X answered: status, headers and the whole body
    Broken       X began to answer, but its body never came whole; its headers count
    Unavailable  no answer: a time-out or a connection that failed

One bounded set of connections serves the whole process. There is one retry, of a
connection that could not be made; everything else is the schedule's to retry.
"""

import asyncio
from dataclasses import dataclass
from typing import Self, assert_never

import httpx2

from shared.clock import Clock
from shared.domain.credential import Credential, OAuth1Credential, OAuth2Credential
from shared.domain.outcome import Unavailable
from shared.x.signature import sign

#: X's largest pages are under 1 MB; more than this is not an answer of X.
_BODY_LIMIT_BYTES = 16 * 1024 * 1024

#: httpx2 looks at every connection of a pool before each request and after each answer: ten pools of
#: ten cost two thirds of the CPU of one pool of a hundred (744 against 1,164 µs a request).
_POOL_CONNECTIONS = 10

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
    client: httpx2.AsyncClient
    busy: int = 0


class Upstream:
    """X, asked over a bounded number of connections. To be closed after use."""

    def __init__(self, app: App, *, connections: int, timeout_seconds: float) -> None:
        self._app = app
        self._timeout_seconds = timeout_seconds
        pools = -(-connections // _POOL_CONNECTIONS)
        self._pools = [_Pool(_client(app.api_url, timeout_seconds)) for _ in range(pools)]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        for pool in self._pools:
            await pool.client.aclose()

    async def ask(
        self, path: str, params: dict[str, str], credential: Credential
    ) -> Reply | Broken | Unavailable:
        """
        GET a path of X's API in the name of the credential's person.

        Units:  the whole request, body included, has `timeout_seconds`.
        """
        headers = {"authorization": self._authorization(path, params, credential)}
        pool = min(self._pools, key=lambda each: each.busy)
        request = pool.client.build_request("GET", path, params=params, headers=headers)
        pool.busy += 1
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await _read(await pool.client.send(request, stream=True))
        except (TimeoutError, httpx2.TimeoutException):
            return Unavailable("timeout")
        except httpx2.TransportError:
            return Unavailable("connection")
        finally:
            pool.busy -= 1

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


def _client(url: str, timeout_seconds: float) -> httpx2.AsyncClient:
    limits = httpx2.Limits(max_connections=_POOL_CONNECTIONS, max_keepalive_connections=_POOL_CONNECTIONS)
    transport = httpx2.AsyncHTTPTransport(retries=1, limits=limits)
    return httpx2.AsyncClient(base_url=url, timeout=timeout_seconds, transport=transport)


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
