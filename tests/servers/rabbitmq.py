"""A RabbitMQ of one's own: a node on this machine, or one that was given."""

import os
import shutil
import socket
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pika

from roost.ports import reserve_port
from shared.queue import QUEUE
from tests.servers.process import Process

AMQP_0_9_1 = b"AMQP\x00\x00\x09\x01"  # what a client says first
METHOD_FRAME = b"\x01"  # how a server that is ready begins its answer
QUEUES = (QUEUE, f"{QUEUE}.DQ")  # as dramatiq names them

# Debian's wrapper in /usr/sbin insists on becoming another user; what it wraps does not.
DEBIAN_PROGRAMS = Path("/usr/lib/rabbitmq/bin")
LIMITS = "disk_free_limit.absolute = 50MB\nvm_memory_high_watermark.absolute = 512MB\n"


class LocalRabbitMQ:
    """A node with its own home, cookie, port mapper, ports and data; loopback only."""

    name = "rabbitmq-server"

    def __init__(self, folder: Path) -> None:
        (folder / "home").mkdir(parents=True)
        (folder / "rabbitmq.conf").write_text(LIMITS)
        (folder / "plugins").write_text("[].")
        port, self._mapper_port = reserve_port(), reserve_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{port}/"
        self._process = Process(
            [program()], environment(folder, port, self._mapper_port), folder / "rabbitmq.log"
        )

    @property
    def pid(self) -> int:
        """The process id of the program that started the node and stays with it."""
        assert self._process.pid, self._process.output()
        return self._process.pid

    def start(self) -> None:
        """Start it, or start it again with the data it has; ready when this returns."""
        self._process.start()
        self._process.wait_until(lambda: answers(self.url), seconds=180)

    def kill(self) -> None:
        """Crash it."""
        self._process.kill()

    def stop(self) -> None:
        """End it for good, and its port mapper, which would outlive it."""
        self._process.kill()
        subprocess.run(["epmd", "-kill"], env=self._process.environment, capture_output=True, check=False)


class GivenRabbitMQ:
    """A RabbitMQ that the tests were told to use. It is not theirs to kill."""

    name = "the given RabbitMQ"

    def __init__(self, url: str) -> None:
        self.url = url

    def start(self) -> None:
        """See whether it answers, and whether it is free of other people's messages."""
        assert answers(self.url), "ROOST_TEST_BROKER_URL: no broker answers there"
        for queue in QUEUES:
            assert not _waiting(self.url, queue), f"ROOST_TEST_BROKER_URL: {queue} there holds messages"

    def stop(self) -> None:
        """Leave it as it is."""


def found() -> bool:
    """Tell whether a node can be started on this machine."""
    return (DEBIAN_PROGRAMS / "rabbitmq-server").exists() or bool(shutil.which("rabbitmq-server"))


def program() -> str:
    """Name the program that is a node."""
    debian = DEBIAN_PROGRAMS / "rabbitmq-server"
    return str(debian) if debian.exists() else "rabbitmq-server"


def environment(folder: Path, port: int, mapper_port: int) -> dict[str, str]:
    """Tell a node what is its own: its home, its name, its ports, its data."""
    return {
        "PATH": os.environ["PATH"],  # noqa: TID251 (where Erlang is)
        "HOME": str(folder / "home"),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_RELAXED_COMMAND_CHECK": "true",  # it may be ended while it still believes in its node
        "ERL_EPMD_PORT": str(mapper_port),
        "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "RABBITMQ_NODENAME": f"roost{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(reserve_port()),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_LOGS": "-",  # a log file of its own has been seen to stop a node on a busy machine
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        # One scheduler that does not spin: the node shares the machine with what is tested.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
            "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none"
        ),
    }


def answers(url: str) -> bool:
    """Tell whether a broker at `url` is ready to serve."""
    # By hand: a pika connection that fails while it opens leaves its socket behind.
    address = urlsplit(url)
    try:
        with socket.create_connection((address.hostname, address.port), timeout=2) as connection:
            connection.sendall(AMQP_0_9_1)
            return connection.recv(1) == METHOD_FRAME
    except OSError:
        return False


def clear(url: str) -> None:
    """Delete our queues, whatever is in them; the broker must be the tests' own."""
    with closing(pika.BlockingConnection(pika.URLParameters(url))) as connection:
        for queue in QUEUES:
            connection.channel().queue_delete(queue)


def _waiting(url: str, queue: str) -> int:
    with closing(pika.BlockingConnection(pika.URLParameters(url))) as connection:
        try:
            return int(connection.channel().queue_declare(queue, passive=True).method.message_count)
        except pika.exceptions.ChannelClosedByBroker:  # there is no such queue
            return 0
