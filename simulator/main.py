"""The simulator process."""

import signal

import structlog
import uvicorn

from shared import log
from shared.clock import Clock
from shared.settings import SimulatorSettings
from simulator.app import create_app

#: What is being answered when the process is asked to stop is given this long.
_STOP_SECONDS = 5

#: Idle connections are kept so long: to close one just as it is used again is a fault nobody asked for.
_KEEP_ALIVE_SECONDS = 300


def run(settings: SimulatorSettings) -> None:
    """Serve until SIGTERM or SIGINT."""
    log.configure(settings)
    clock = Clock(settings.clock_speed, settings.clock_origin_at_ms)
    app = create_app(settings, clock)
    structlog.get_logger().info(
        "simulator started",
        seed=settings.simulator_seed,
        people=settings.simulator_users,
        port=settings.simulator_port,
    )
    # uvicorn raises the signal once more when it has stopped; as an interrupt it lets `run` return.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    uvicorn.run(
        app,
        host=settings.simulator_host,
        port=settings.simulator_port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
