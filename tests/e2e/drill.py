"""A deployment whose Redis will be lost, and what its operator types then: docs/recovery.md says it."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import redis

from shared.domain.account import AccountId
from shared.environment import variable
from shared.store import keys
from shared.store.ledger import day_name
from tests.e2e import life
from tests.servers.process import until
from tests.servers.programs import SECRET_KEYS
from tests.servers.redis import LocalRedis
from tests.servers.redis_cluster import Node

BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```$", re.M | re.S)
TAKE, FOLDER, SNAPSHOT = BLOCK.findall((Path(__file__).parents[2] / "docs/recovery.md").read_text())

#: Twenty minutes pass in a minute.
SPEED = 20
#: A token is refreshed between the tenth and the fifteenth minute of its life. Who has a new one is not to be
#: due again before Redis is lost, however slow the machine is.
ACCESS_TOKEN_SECONDS = 1200
#: So much that what the registrations cost slows nobody down, whatever the time of day.
PRICE_MICRODOLLARS, DAILY_DOLLARS = 5000, 2000
DAILY_POSTS = DAILY_DOLLARS * 1_000_000 // PRICE_MICRODOLLARS


def typed(block: str, **places: Path) -> None:
    """Type what docs/recovery.md says."""
    given = {name: str(place) for name, place in places.items()}
    subprocess.run(["sh", "-euc", block], env={"PATH": os.environ["PATH"], **given}, check=True, timeout=60)  # noqa: TID251 (passed on)


def copied(server: LocalRedis, folder: Path, backup: Path) -> str:
    """Copy the folder of the append-only file; tell what puts it back."""
    del server
    typed(TAKE, FROM=folder, TO=backup)
    return FOLDER


def snapshot(server: LocalRedis | Node, folder: Path, backup: Path) -> str:
    """Have the server write a snapshot, as `redis-cli --rdb` does; tell what puts it back."""
    with redis.Redis(port=server.port) as client:
        client.bgsave()
        until(lambda: not client.info("persistence")["rdb_bgsave_in_progress"])
    backup.mkdir()
    (folder / "dump.rdb").rename(backup / "dump.rdb")
    return SNAPSHOT


def recovered(settings: dict[str, object], folder: Path, *words: str) -> str:
    """Call `roost recover`; tell what it says."""
    environment = {variable(name): str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", "roost", "recover", *words]
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class Drill:
    """A deployment on a Redis that will be lost, with data keys apart."""

    def __init__(self, deploy, folder: Path) -> None:
        self.folder, self.backup = folder / "redis", folder / "backup"
        self.server, self.keys = LocalRedis(self.folder), LocalRedis(folder / "keys")
        for each in (self.server, self.keys):
            each.start()
        self._stores = {"redis_url": self.server.url, "keys_url": self.keys.url}
        self._money = {
            "money_price_microdollars": PRICE_MICRODOLLARS,
            "money_daily_dollars": DAILY_DOLLARS,
        }
        self.roost = deploy(
            speed=SPEED,
            broker_url=self.keys.broker_url,  # it outlives the loss, with jobs of before
            simulator_access_token_seconds=ACCESS_TOKEN_SECONDS,
            **self._stores,
            **self._money,
            **life.SETTINGS,
        )

    def lose(self) -> None:
        """Lose Redis with all that it had."""
        self.server.kill()
        self.folder.rename(self.folder.with_name("lost"))
        self.folder.mkdir()

    def put_back(self, block: str) -> None:
        """Put the backup into a new server at the same address."""
        self.folder.rmdir()
        typed(block, TO=self.backup, INTO=self.folder)
        self.server = LocalRedis(self.folder, self.server.port)
        self.server.start()

    def recover(self, lost_at_ms: int, billed: int) -> str:
        """Call `roost recover` as an operator does who has looked at X's console; tell what it says."""
        at = datetime.fromtimestamp(lost_at_ms // 1000 + 1, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        words = ["--lost-at", at, "--billed-today-dollars", str(billed * PRICE_MICRODOLLARS / 1e6)]
        clock = {"clock_speed": SPEED, "clock_origin_at_ms": self.roost.clock.origin_at_ms}
        settings = {**self._stores, **self._money, **clock, "secret_keys": SECRET_KEYS}
        return recovered(settings, self.folder, *words)

    def billed_here(self) -> int:
        """Count the posts of today that this Redis knows X to have billed."""
        with redis.Redis.from_url(self.server.url) as client:
            return int(client.hget(keys.bill(day_name(self.roost.clock.now_ms())), "app") or 0)

    def newest(self, person) -> bytes:
        """Name the newest entry of a person's arrivals."""
        with redis.Redis.from_url(self.server.url) as client:
            return client.xrevrange(keys.arrivals(AccountId(int(person.id))), count=1)[0][0]

    def end(self) -> None:
        for each in (self.server, self.keys):
            each.stop()
