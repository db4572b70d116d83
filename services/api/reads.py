"""
The two reads that apps make all day, served before the router is asked.

They are ordinary routes of the application too, described in its reference; taking
them here leaves out ten layers that these requests do not need (the bench serves
about half as many pages again). Everything else goes on to the application.
"""

import re
from collections.abc import Awaitable, Callable

import structlog
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from services.api import faults, timelines
from services.api.counts import Counts
from services.api.gateway import Gateway
from services.api.stream import route
from services.api.v1_1 import routes
from services.api.v2 import home
from shared.store.connection import StoreError

Read = Callable[[Request], Awaitable[Response]]

#: Paths as the reference has them, and who answers there. A stream is here too: for as long as it is open,
#: those layers would be memory.
_READS: dict[str, Read] = {
    "/v1/timeline": timelines.serve,
    "/v1/timeline/stream": route.listen,
    "/1.1/statuses/home_timeline.json": routes.home_timeline,
}
_HOME_ROUTE = "/2/users/{id}/timelines/reverse_chronological"
_HOME = re.compile(r"/2/users/([^/]+)/timelines/reverse_chronological", re.ASCII)


class Reads:
    """The application with its reads taken out in front."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._counts: Counts = app.state.counts
        self._log: FilteringBoundLogger = structlog.get_logger().bind()  # else it binds anew each time

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a read, or pass the request on."""
        found = _read_for(scope)
        if found is None:
            await self._app(scope, receive, send)
            return
        path, read = found
        scope["app"] = self._app
        request = Request(scope)
        gateway: Gateway = self._app.state.gateway
        began_ms = gateway.clock.now_ms()
        response = await _answer(read, request)
        took_ms = gateway.clock.now_ms() - began_ms  # a stream is answered now, and may be open for an hour
        self._counts.answered(path, response.status_code, took_ms)
        await response(scope, receive, send)
        # One line a request would be most of the log: apps ask all day. At debug level it is there.
        self._log.debug("request", route=path, status=response.status_code, took_ms=took_ms)


def _read_for(scope: Scope) -> tuple[str, Read] | None:
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    read = _READS.get(scope["path"])
    if read is not None:
        return scope["path"], read
    path = _HOME.fullmatch(scope["path"])
    if path is None:
        return None
    scope["path_params"] = {"id": path[1]}
    return _HOME_ROUTE, home.serve


async def _answer(read: Read, request: Request) -> Response:
    try:
        return await read(request)
    except faults.Fault as fault:
        return faults.answer(request, fault)
    except StoreError as fault:
        return faults.answer(request, faults.store_unavailable(fault))
    except Exception:  # the top of this request: it must have an answer
        structlog.get_logger().exception("request failed")
        return faults.answer(request, faults.defect())
