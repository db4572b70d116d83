"""
One way to ask X: a signed GET whose every end is a value.

    Reply        X answered: status, headers and the whole body
    Broken       X began to answer, but its body never came whole; its headers count
    Unavailable  no answer: a time-out or a connection that failed

One bounded set of connections serves the whole process. There is one retry, of a
connection that could not be made; everything else is the schedule's to retry.
"""

import asyncio
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self, assert_never

import httpcore2

from shared.clock import Clock
from shared.domain.credential import Credential, OAuth1Credential, OAuth2Credential
from shared.domain.outcome import Unavailable
from shared.x.lanes import Lanes
from shared.x.signature import escape_again, sign

#: X's largest pages are under 1 MB; more than this is not an answer of X.
_BODY_LIMIT_BYTES = 16 * 1024 * 1024

_HEADERS = [(b"User-Agent", b"roost"), (b"Accept", b"application/json"), (b"Accept-Encoding", b"gzip")]

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
    """A whole answer of X; the names of its headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """An answer whose body did not come whole."""

    headers: Mapping[str, str]


class Upstream:
    """X, asked over a bounded number of connections. To be closed after use."""

    def __init__(self, app: App, *, connections: int, timeout_seconds: float) -> None:
        self._app = app
        self._timeout_seconds = timeout_seconds
        self._lanes = Lanes(app.api_url, connections=connections)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._lanes.close()

    async def ask(
        self, path: str, params: dict[str, str], credential: Credential
    ) -> Reply | Broken | Unavailable:
        """
        GET a path of X's API in the name of the credential's person.

        Units:  the whole request, body included, has `timeout_seconds`.
        """
        query = "&".join(f"{name}={escape_again(value)}" for name, value in params.items())
        target = f"{path}?{query}" if query else path
        authorization = (b"Authorization", self._authorization(path, params, credential).encode())
        try:
            async with (
                asyncio.timeout(self._timeout_seconds),
                self._lanes.get(target, [*_HEADERS, authorization]) as response,
            ):
                return await _read(response)
        except (TimeoutError, httpcore2.TimeoutException):
            return Unavailable("timeout")
        except (httpcore2.NetworkError, httpcore2.ProtocolError):
            return Unavailable("connection")

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


async def _read(response: httpcore2.Response) -> Reply | Broken:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in response.aiter_stream():
            chunks.append(chunk)
            size += len(chunk)
            if size > _BODY_LIMIT_BYTES:
                return Broken(headers)
        body = _unpacked(b"".join(chunks), headers.get("content-encoding", ""))
    except (httpcore2.NetworkError, httpcore2.ProtocolError, zlib.error):
        return Broken(headers)
    return Reply(response.status, headers, body) if body is not None else Broken(headers)


def _unpacked(body: bytes, encoding: str) -> bytes | None:
    """Unpack a body; None when it is larger than any of X's, cut short, or packed as we did not ask for."""
    if encoding in {"", "identity"}:
        return body
    if encoding != "gzip":
        return None
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    unpacked = unpacking.decompress(body, _BODY_LIMIT_BYTES)
    return unpacked if unpacking.eof else None
