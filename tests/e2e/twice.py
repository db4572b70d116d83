"""A scheduler that sends every job twice; a program that takes the scheduler's settings."""

from typing import Any

import dramatiq
import uvloop

from services.scheduler import main
from shared import log, queue
from shared.settings import SchedulerSettings, load


class Twice(queue.QuorumBroker):
    """RabbitMQ as it is on a bad day."""

    def enqueue(self, message: dramatiq.Message[Any], *, delay: int | None = None) -> dramatiq.Message[Any]:
        """Send the message, and send it again."""
        super().enqueue(message, delay=delay)
        return super().enqueue(message, delay=delay)


def run(settings: SchedulerSettings) -> None:
    """Tick until SIGTERM or SIGINT."""
    log.configure(settings)
    broker = Twice(urls=[settings.broker_url.get_secret_value()])
    uvloop.run(main.serve(settings, broker))


if __name__ == "__main__":
    run(load(SchedulerSettings))
