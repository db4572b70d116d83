"""
The small HTTP server of a process that serves nothing else: its metrics, and whether it lives.

It runs on threads of its own, so it answers also while the event loop is busy, or hangs:
then `/livez` says so. `/readyz` is 503 until the process has reached its servers once. It is
for Prometheus and probes, not for the world: where it listens is said by ROOST_METRICS_HOST,
this machine only unless told otherwise.
"""

import socket
import socketserver
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from urllib.parse import urlsplit

import structlog
from prometheus_client import CollectorRegistry, MetricsHandler

from shared.heartbeat import Heartbeat
from shared.settings import MetricsSettings

#: Who connects and then says nothing is let go after so long.
_PATIENCE_SECONDS = 5


@contextmanager
def served(
    settings: MetricsSettings, registry: CollectorRegistry, heartbeat: Heartbeat
) -> Iterator[int | None]:
    """
    Serve `GET /metrics`, `/livez` and `/readyz` meanwhile; tell at which port, None where that is turned off.

    Errors: SystemExit 2 after one line on stderr when the port cannot be listened on.
    """
    if not settings.metrics_port:
        yield None
        return
    with _listening(settings, registry, heartbeat) as server:
        thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
        thread.start()
        host, port = server.server_address[:2]
        structlog.get_logger().info("metrics served", host=host, port=port)
        try:
            yield port
        finally:
            server.shutdown()
            thread.join()


def _listening(
    settings: MetricsSettings, registry: CollectorRegistry, heartbeat: Heartbeat
) -> socketserver.ThreadingTCPServer:
    host, port = settings.metrics_host, settings.metrics_port
    own = {"registry": registry, "heartbeat": heartbeat}
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return _Server(family, (host, port), type("_Answer", (_Answer,), own))
    except OSError as fault:
        reason = fault.strerror or fault
        sys.stderr.write(
            f"ROOST_METRICS_PORT: cannot listen on {host} port {port}: {reason}; set another, or 0 for none\n"
        )
        raise SystemExit(2) from None


class _Server(socketserver.ThreadingTCPServer):
    """As http.server's own, but that it asks nobody for the name of this machine, which may take long."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(
        self, family: socket.AddressFamily, address: tuple[str, int], answer: type[MetricsHandler]
    ) -> None:
        self.address_family = family
        super().__init__(address, answer)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 (as it is called)
        """Say in a line, and not in a page, that somebody had no answer: they may just have gone."""
        structlog.get_logger().warning("metrics not served", fault=repr(sys.exception()))


class _Answer(MetricsHandler):
    """prometheus_client's answer at its path and nowhere else, and ours beside it."""

    heartbeat: Heartbeat
    timeout = _PATIENCE_SECONDS
    server_version, sys_version = "roost", ""

    def do_GET(self) -> None:  # noqa: N802 (as http.server calls it)
        """Answer."""
        match urlsplit(self.path).path:
            case "/metrics":
                super().do_GET()
            case "/livez" if self.heartbeat.is_beating():
                self._say(HTTPStatus.OK, b'{"live":true}')
            case "/livez":
                self._say(HTTPStatus.SERVICE_UNAVAILABLE, b'{"live":false}')
            case "/readyz" if self.heartbeat.is_ready:
                self._say(HTTPStatus.OK, b'{"ready":true}')
            case "/readyz":
                self._say(HTTPStatus.SERVICE_UNAVAILABLE, b'{"ready":false}')
            case _:
                self._say(HTTPStatus.NOT_FOUND, b'{"here":["/metrics","/livez","/readyz"]}')

    def _say(self, status: HTTPStatus, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)
