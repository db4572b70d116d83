"""
One way to ask X: a signed GET whose every end is a value.

    Reply        X answered: status, headers and the whole body
    Broken       X began to answer, but its body never came whole; its headers count
    Unavailable  no answer: a time-out or a connection that failed

One client with a bounded pool serves the whole process. There is one retry, of a
connection that could not be made; everything else is the schedule's to retry.
"""

import asyncio
from dataclasses import dataclass
from typing import Self, assert_never

import httpx2

from shared.domain.credential import Credential, OAuth1Credential, OAuth2Credential
from shared.domain.outcome import Unavailable
from shared.x.signature import sign

#: X's largest pages are under 1 MB; more than this is not an answer of X.
_BODY_LIMIT_BYTES = 16 * 1024 * 1024


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


class Upstream:
    """X, asked over one bounded pool of connections. To be closed after use."""

    def __init__(self, app: App, *, connections: int, timeout_seconds: float) -> None:
        self._app = app
        self._timeout_seconds = timeout_seconds
        self._client = httpx2.AsyncClient(
            base_url=app.api_url,
            timeout=timeout_seconds,
            transport=httpx2.AsyncHTTPTransport(
                retries=1,
                limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
            ),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def ask(
        self, path: str, params: dict[str, str], credential: Credential
    ) -> Reply | Broken | Unavailable:
        """
        GET a path of X's API in the name of the credential's person.

        Units:  the whole request, body included, has `timeout_seconds`.
        """
        request = self._client.build_request("GET", path, params=params)
        request.headers["authorization"] = self._authorization(str(request.url), credential)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                response = await self._client.send(request, stream=True)
                return await _read(response)
        except (TimeoutError, httpx2.TimeoutException):
            return Unavailable("timeout")
        except httpx2.TransportError:
            return Unavailable("connection")

    def _authorization(self, url: str, credential: Credential) -> str:
        match credential:
            case OAuth2Credential():
                return f"Bearer {credential.access_token}"
            case OAuth1Credential():
                keys = {"consumer_key": self._app.consumer_key, "consumer_secret": self._app.consumer_secret}
                return sign(url, credential, **keys)
            case _:
                assert_never(credential)


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
