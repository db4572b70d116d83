"""
Connections to X, each carrying one request at a time.

httpx2's own pool looks at every one of its connections before each request and
after each answer; with a hundred of them that cost more than the request itself.
Here the connections of its lower layer lie in a stack: the one used last is used
next, and what a quiet hour leaves over X closes in time.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpcore2
import httpx2

Headers = list[tuple[bytes, bytes]]


class Lanes:
    """At most `connections` connections to the site at `url`, made when they are needed."""

    def __init__(self, url: str, *, connections: int) -> None:
        site = httpx2.URL(url)
        secure = site.scheme == "https"
        self._origin = httpcore2.Origin(site.raw_scheme, site.raw_host, site.port or (443 if secure else 80))
        self._ssl_context = httpx2.create_ssl_context() if secure else None
        self._host = (b"Host", site.netloc)
        self._prefix = site.path.rstrip("/")
        self._free = asyncio.Semaphore(connections)
        self._idle: list[httpcore2.AsyncHTTPConnection] = []

    @asynccontextmanager
    async def get(self, target: str, headers: Headers) -> AsyncIterator[httpcore2.Response]:
        """
        GET a path, with its query, below the site's; the body is to be read before this is left.

        Errors: httpcore2's TimeoutException, NetworkError and ProtocolError.
        """
        request = httpcore2.Request(b"GET", self._url(target), headers=[self._host, *headers])
        async with self._free:
            connection = await self._take()
            try:
                response = await connection.handle_async_request(request)
                try:
                    yield response
                finally:
                    await response.aclose()
            finally:
                await self._put(connection)

    async def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            await self._idle.pop().aclose()

    def _url(self, target: str) -> httpcore2.URL:
        origin = self._origin
        return httpcore2.URL(
            scheme=origin.scheme, host=origin.host, port=origin.port, target=self._prefix + target
        )

    async def _take(self) -> httpcore2.AsyncHTTPConnection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.has_expired():
                return connection
            await connection.aclose()  # X closed it meanwhile
        # One retry, at once, of a connection that could not be made.
        return httpcore2.AsyncHTTPConnection(self._origin, ssl_context=self._ssl_context, retries=1)

    async def _put(self, connection: httpcore2.AsyncHTTPConnection) -> None:
        if connection.is_available():
            self._idle.append(connection)
        else:  # broken, or its answer was not read to the end
            await connection.aclose()
