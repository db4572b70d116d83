"""The gateway process."""

import signal
import socket
from contextlib import suppress

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from services.api.app import create_app
from services.api.headers import Headers, share
from services.api.reads import Reads
from services.api.stream.listeners import Listeners
from shared import log
from shared.parts import must_open
from shared.settings import ApiSettings, listed

#: What is being answered when the process is asked to stop is given this long.
_STOP_SECONDS = 8
#: A connection of which nothing that was sent is taken for so long is over, whatever waits in it.
_DEAF_MS = 15_000


def make_gateway(app: FastAPI, settings: ApiSettings) -> ASGIApp:
    """Put the application together: what browsers are told around all, the reads in front of the rest."""
    origins = listed(settings.cors_origins)
    whole = share(Reads(app), origins)
    is_https = settings.public_url.startswith("https://")
    return Headers(whole, is_https=is_https, is_shared=bool(origins))


def run(settings: ApiSettings) -> None:
    """Serve until SIGTERM or SIGINT; then finish what is being answered."""
    log.configure(settings)
    must_open(settings)
    structlog.get_logger().info("gateway started", host=settings.api_host, port=settings.port)
    # uvicorn raises the signal once more when it has stopped; as an interrupt it lets `run` return.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    proxies = listed(settings.trusted_proxies)
    if settings.public_url.startswith("https://") and not proxies:
        structlog.get_logger().warning(
            "no trusted proxies",
            means="all callers behind a proxy are one address: one's tries are everybody's",
        )
    app = create_app(settings)
    config = uvicorn.Config(
        make_gateway(app, settings),
        host=settings.api_host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    with suppress(KeyboardInterrupt):
        _Server(config, app.state.listeners).run([_bind(config)])


def _bind(config: uvicorn.Config) -> socket.socket:
    """
    Make the socket that is listened on; those of its callers are like it.

    A server that closes a connection first sends what waits in it: to one who takes nothing, for ever.
    """
    bound = config.bind_socket()
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # on Linux
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAF_MS)
    return bound


class _Server(uvicorn.Server):
    """A server whose listeners leave when it stops; it would wait for them, and they for it."""

    def __init__(self, config: uvicorn.Config, listeners: Listeners) -> None:
        super().__init__(config)
        self._listeners = listeners

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._listeners.stop()
        await super().shutdown(sockets)
