"""An answer that breaks off, as answers do when a connection is lost."""

import asyncio
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

#: By then the server has noticed that the connection is closed.
_NOTICED_SECONDS = 0.02


class CutResponse(Response):
    """Breaks off before its first byte, or after `keep` bytes of its body."""

    def __init__(self, whole: Response, *, keep: int | None) -> None:
        super().__init__(whole.body, whole.status_code)
        self.raw_headers = whole.raw_headers
        self._keep = keep

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is sent of it and close the connection."""
        if self._keep is not None:
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            part = bytes(self.body[: self._keep])
            await send({"type": "http.response.body", "body": part, "more_body": True})
        # ASGI has no word for hanging up: uvicorn's own `receive` leads to its transport.
        cycle: Any = getattr(receive, "__self__", None)
        if cycle is not None:
            cycle.transport.close()
        await asyncio.sleep(_NOTICED_SECONDS)
