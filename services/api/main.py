"""The gateway process."""

import signal

import structlog
import uvicorn

from services.api.app import create_app
from services.api.reads import Reads
from shared import log
from shared.settings import ApiSettings

#: What is being answered when the process is asked to stop is given this long.
_STOP_SECONDS = 8


def run(settings: ApiSettings) -> None:
    """Serve until SIGTERM or SIGINT; then finish what is being answered."""
    log.configure(settings)
    structlog.get_logger().info("gateway started", host=settings.api_host, port=settings.port)
    # uvicorn raises the signal once more when it has stopped; as an interrupt it lets `run` return.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    uvicorn.run(
        Reads(create_app(settings)),
        host=settings.api_host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
