"""A Redis of one's own: the embedded Valkey, one in Docker, or one that was given."""

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import redis

from roost import valkey
from roost.ports import reserve_port
from tests.servers.process import Process


class LocalRedis:
    """The Valkey of the embedded product, with its data in a folder of the tests."""

    name = "embedded Valkey"

    def __init__(self, folder: Path, port: int | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=port is not None)
        self.port = port = port or reserve_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        self.broker_url = f"redis://127.0.0.1:{port}/1"
        self._process = Process(valkey.command(port, folder), {}, folder / "valkey.log")

    def start(self) -> None:
        """Start it, or start it again with the data it has; ready when this returns."""
        self._process.start()
        self._process.wait_until(lambda: answers(self.url))

    def kill(self) -> None:
        """Crash it; what was written more than a second ago is on disk."""
        self._process.kill()

    def stop(self) -> None:
        """End it for good."""
        self._process.kill()

    def hang(self) -> None:
        """Let it accept and not answer."""
        self._process.hang()

    def go_on(self) -> None:
        """Let it answer again."""
        self._process.go_on()


class GivenRedis:
    """
    A Redis that the tests were told to use. It is not theirs to kill.

    They take two of its databases that are empty, and leave them empty.
    """

    name = "the given Redis"

    def __init__(self, url: str) -> None:
        self.url = self.broker_url = url

    def start(self) -> None:
        """Find two empty databases."""
        urls = (with_database(self.url, number) for number in range(16))
        empty = [url for url in urls if _is_empty(url)]
        assert len(empty) >= 2, "ROOST_TEST_REDIS_URL: two of its databases 0 to 15 must be empty"
        self.url, self.broker_url = empty[:2]

    def stop(self) -> None:
        """Leave nothing behind."""
        flush(self.url)
        flush(self.broker_url)


def answers(url: str) -> bool:
    """Tell whether a Redis at `url` is ready to serve."""
    try:
        with redis.Redis.from_url(url, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:  # refused, or still loading its data
        return False


def _is_empty(url: str) -> bool:
    with redis.Redis.from_url(url) as client:
        return not client.dbsize()


def flush(url: str) -> None:
    """Empty the database at `url`, which must be the tests' own."""
    with redis.Redis.from_url(url) as client:
        client.flushdb()


def with_database(url: str, number: int) -> str:
    """Name another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{number}"))
