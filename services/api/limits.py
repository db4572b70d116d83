"""
What is refused before anybody looks at it, and the one log line of every request, and its count.

A body that says it is too large is not read. The line names the route, not the
address that was asked: no id, no parameter, no token.
"""

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from services.api import faults
from services.api.counts import Counts
from services.api.registrations import BODY_LIMIT_BYTES
from shared.clock import Clock


class Limits:
    """ASGI middleware around all routes."""

    def __init__(self, app: ASGIApp, clock: Clock, counts: Counts) -> None:
        self._app = app
        self._clock = clock
        self._counts = counts
        self._log: FilteringBoundLogger = structlog.get_logger()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless its body is too large."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_ms, status = self._clock.now_ms(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            if _is_too_large(scope):
                fault = faults.Fault(413, f"A request has at most {BODY_LIMIT_BYTES} bytes.")
                await faults.answer(Request(scope), fault)(scope, receive, sending)
            else:
                await self._app(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", None)
            took_ms = self._clock.now_ms() - began_ms
            self._counts.answered(route, status, took_ms)
            self._log.info("request", method=scope["method"], route=route, status=status, took_ms=took_ms)


def _is_too_large(scope: Scope) -> bool:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return not value.isdigit() or int(value) > BODY_LIMIT_BYTES
    return False
