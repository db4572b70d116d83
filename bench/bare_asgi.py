"""
The yardstick for the gateway: an ASGI app that answers every request with the same bytes.

It runs on the same server with the same options, and knows no session, no Redis
and no timeline. The gateway's answer is read from a file, its headers with it.

    python -m bench.bare_asgi PORT ANSWER_FILE
"""

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import msgspec
import uvicorn

Message = MutableMapping[str, Any]


class Answer(msgspec.Struct):
    """What the gateway answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    async def __call__(
        self,
        scope: Message,
        _receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """Answer an HTTP request."""
        assert scope["type"] == "http"
        headers = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def main(port: int, answer: Path) -> None:
    """Serve until killed, with the gateway's own options for uvicorn."""
    uvicorn.run(
        msgspec.msgpack.decode(answer.read_bytes(), type=Answer),
        port=port,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
