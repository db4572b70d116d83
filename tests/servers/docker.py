"""Servers in containers, through testcontainers."""

import gc
import warnings
from abc import ABC, abstractmethod
from contextlib import closing

import docker
from docker.errors import DockerException
from testcontainers.core.container import DockerContainer

from roost.ports import reserve_port
from roost.valkey import ZSET_MAX_LISTPACK_ENTRIES
from tests.servers import rabbitmq, redis
from tests.servers.process import until

REDIS_IMAGE = "redis:7"
RABBITMQ_IMAGE = "rabbitmq:3-management"
START_SECONDS = 180


class Container(ABC):
    """A server in a container, on a port of this machine that stays when it is started again."""

    def __init__(self, image: str, port: int, command: str = "") -> None:
        self.name = f"{image} in Docker"
        self.port = reserve_port()
        self._container = DockerContainer(image).with_command(command or None)
        self._container.ports = {f"{port}/tcp": ("127.0.0.1", self.port)}
        self._made = False

    def start(self) -> None:
        """Make the container, or start it again with the data it has; ready when this returns."""
        if self._made:
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
            self._made = True
        until(self.answers, seconds=START_SECONDS)

    @abstractmethod
    def answers(self) -> bool:
        """Tell whether it is ready to serve."""

    def kill(self) -> None:
        """Crash the server."""
        self._container.get_wrapped_container().kill()

    def stop(self) -> None:
        """End it for good, with its data."""
        self._container.stop()

    def hang(self) -> None:
        """Let it do nothing."""
        self._container.get_wrapped_container().pause()

    def go_on(self) -> None:
        """Wake it."""
        self._container.get_wrapped_container().unpause()


class DockerRedis(Container):
    """A Redis set up as the product's."""

    def __init__(self) -> None:
        packed = f"--zset-max-listpack-entries {ZSET_MAX_LISTPACK_ENTRIES}"
        command = f"redis-server --appendonly yes {packed}"
        super().__init__(REDIS_IMAGE, 6379, command)
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.broker_url = f"redis://127.0.0.1:{self.port}/1"

    def answers(self) -> bool:
        """Tell whether it is ready to serve."""
        return redis.answers(self.url)


class DockerRabbitMQ(Container):
    """A RabbitMQ as it comes."""

    def __init__(self) -> None:
        super().__init__(RABBITMQ_IMAGE, 5672)
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/"

    def answers(self) -> bool:
        """Tell whether it is ready to serve."""
        return rabbitmq.answers(self.url)


def has(image: str) -> bool:
    """Tell whether a Docker engine answers and has the image, or can get it."""
    # The client leaves its socket open when nothing answers; collected later, some test would be blamed.
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        found = _found(image)
        gc.collect()
    return found


def _found(image: str) -> bool:
    try:
        with closing(docker.from_env()) as client:
            if not client.images.list(image):
                client.images.pull(image)
    except DockerException:
        return False
    return True
