"""A timeline as it grows, for programs and pages that listen: `GET /v1/timeline/stream`."""

import asyncio
from contextlib import aclosing

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.api.auth import claimed, confirmed
from services.api.faults import Fault, invalid
from services.api.gateway import Gateway
from services.api.parameters import read_params
from services.api.stream.events import Place, read_place
from services.api.stream.listener import Listener
from shared.store.sessions import TIMELINE_READ

#: One more than may listen is told to come again then.
_RETRY_SECONDS = 30
#: One who takes nothing for so long is not listening.
_SEND_SECONDS = 10
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # else nginx keeps events until it has many
]


async def listen(request: Request) -> Response:
    """Answer `GET /v1/timeline/stream`: what arrives, as it does, from where the listener was."""
    claim = await claimed(request)
    place = _read_place(request)
    await confirmed(request, claim, TIMELINE_READ)
    gateway: Gateway = request.app.state.gateway
    if gateway.listeners.is_full(claim.account_id):
        detail = "This account has as many streams open here as it may; close one, or wait."
        raise Fault(429, detail, headers={"retry-after": str(_RETRY_SECONDS)})
    return EventStream(Listener(gateway, claim, place))


class EventStream(Response):
    """An answer that goes on until either side ends it."""

    def __init__(self, listener: Listener) -> None:
        self.status_code, self.background, self.raw_headers = 200, None, _HEADERS
        self._listener = listener

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is new as it comes."""
        with self._listener.gateway.listeners.one(self._listener.claim.account_id):
            sending = asyncio.create_task(self._send_all(send))
            leaving = asyncio.create_task(_left(receive))
            try:
                await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                sending.cancel()
                leaving.cancel()
                await asyncio.wait({sending, leaving})
        if not sending.cancelled():
            sending.result()  # a fault in us is to be seen

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(self._listener.listen()) as events:
            async for event in events:
                if not await _is_taken(send, event):
                    structlog.get_logger().info(
                        "listener dropped", account_id=self._listener.claim.account_id
                    )
                    return  # the server closes a connection whose answer has no end
        await send({"type": "http.response.body", "body": b""})


async def _is_taken(send: Send, event: bytes) -> bool:
    """Send an event; tell whether its listener takes what they are sent."""
    try:
        async with asyncio.timeout(_SEND_SECONDS):
            await send({"type": "http.response.body", "body": event, "more_body": True})
    except TimeoutError:
        return False
    return True


async def _left(receive: Receive) -> None:
    """Wait until the listener has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _read_place(request: Request) -> Place | None:
    """
    Read where the listener was; None for one who comes for the first time.

    Errors: Fault 400 for an id that this gateway cannot have given.
    """
    params = read_params(request, frozenset({"last_event_id"}))
    given = request.headers.get("last-event-id") or params.get("last_event_id")
    if not given:
        return None
    place = read_place(given)
    if place is None:
        raise invalid("last_event_id", given[:80], "`Last-Event-ID` is the `id` of an event of this stream.")
    return place
