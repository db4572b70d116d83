"""
The drill: everybody is polled, a backup is taken meanwhile, Redis is lost, the backup is put back.

What is typed is what docs/recovery.md says. Afterwards every timeline is what X shows, or says
itself where it may not be; and X was asked nothing that it had to refuse.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections import Counter
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import httpx2
import pytest
import redis

from roost.ports import free_port
from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.credential import OAuth1Credential
from shared.environment import variable
from shared.sealing import MasterKeys
from shared.store import keys
from shared.store.accounts import Accounts
from shared.store.connection import connect
from shared.store.credentials import Credentials
from shared.store.datakeys import DataKeys
from shared.store.ledger import day_name
from tests.e2e import life
from tests.integration.api.listening import Ear
from tests.servers.process import Process, until
from tests.servers.programs import SECRET_KEYS
from tests.servers.redis import LocalRedis
from tests.servers.redis_cluster import PRIMARIES, Node, RedisCluster

BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```$", re.M | re.S)
TAKE, FOLDER, SNAPSHOT = BLOCK.findall((Path(__file__).parents[2] / "docs/recovery.md").read_text())

#: A quarter of an hour passes in 45 s.
SPEED = 20
PEOPLE = 40
#: So short that some are refreshed before the backup, some after it and some at both times.
ACCESS_TOKEN_SECONDS = 900
PRICE_MICRODOLLARS, DAILY_DOLLARS = 5000, 60
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


@pytest.fixture
def drill(deploy, tmp_path):
    drill = Drill(deploy, tmp_path)
    yield drill
    drill.end()


async def billed_at_x(drill, lived):
    """Count the posts of today that X has billed."""
    stats = await lived.people.stats()
    return stats["posts_billed"].get(day_name(drill.roost.clock.now_ms()), 0)


async def standing(lived, token):
    account = await lived.apps.ask("GET", "/v1/account", headers={"authorization": f"Bearer {token}"})
    return account.json()


async def lose_and_put_back(drill, lived, take):
    """Take a backup while polls go on, lose Redis minutes later, put it back; tell when it was lost."""
    roost = drill.roost
    await lived.go_on(minutes=8)
    block = take(drill.server, drill.folder, drill.backup)
    await lived.go_on(minutes=1)
    await lived.people.tweets(lived.everybody[0], 3)  # so that who listens is told what the backup has not
    await lived.go_on(minutes=2)
    for each in roost.schedulers:
        each.stop()
    drill.lose()
    lost_at_ms = roost.clock.now_ms()
    drill.put_back(block)
    return lost_at_ms


@asynccontextmanager
async def hearing(lived):
    """Listen to the first person's timeline."""
    headers = {"authorization": f"Bearer {lived.tokens[0]}"}
    ear = Ear(lived.roost.gateway_url, SimpleNamespace(headers=headers))
    listening = asyncio.create_task(ear.follow())
    yield ear
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening


@pytest.mark.parametrize("take", [copied, snapshot])
async def test_a_backup_of_a_running_roost_is_put_back(drill, tell, take):
    async with life.begin(drill.roost, accounts=PEOPLE) as lived, hearing(lived) as ear:
        drill.roost.start()
        lost_at_ms = await lose_and_put_back(drill, lived, take)
        assert drill.newest(lived.everybody[0]).decode() < ear.place, "the backup was to know less"

        billed = await billed_at_x(drill, lived)
        told = drill.recover(lost_at_ms, billed)
        assert drill.billed_here() >= billed
        for each in drill.roost.schedulers:
            each.start()
        await ear.until(lambda: any(each.data["missed"] for each in ear.named("state")))
        await lived.go_on(minutes=18)
        drill.roost.stop()

        tell(await life.must_be_true(lived, read_since_ms=lost_at_ms))
        oauth = (await lived.people.ask("GET", "/_sim/oauth")).json()
        assert oauth["replays"] == oauth["families_killed"] == 0
        assert await billed_at_x(drill, lived) <= drill.billed_here() <= DAILY_POSTS
        stands = [(await standing(lived, token))["stale"] for token in lived.tokens]
        used = int(re.search(r"(\d+) may have had a new refresh token", told)[1])
        assert stands.count("sign-in-needed") == used < PEOPLE / 2
        tell(f"{used} of {PEOPLE // 2} are to sign in again; {oauth}; {Counter(stands)}\n{told}")


async def test_a_cluster_is_put_back_primary_by_primary(tmp_path):
    people = [AccountId(each) for each in range(500)]
    lost, found = RedisCluster(tmp_path / "lost"), RedisCluster(tmp_path / "found")
    lost.start()
    async with aclosing(connect(lost.url)) as connection:
        data_keys = DataKeys(connection, MasterKeys.read(SECRET_KEYS))
        await data_keys.check(connection)
        credentials = Credentials(connection, data_keys)
        for each in people:
            sealed = await credentials.seal(each, OAuth1Credential(f"token of {each}", "secret"))
            await Accounts(connection).register(each, ("u", "n"), sealed, now_ms=Clock().now_ms())

    for number, node in enumerate(lost.nodes[:PRIMARIES]):
        backup = tmp_path / f"backup-{number}"
        snapshot(node, tmp_path / "lost" / str(number), backup)
        typed(SNAPSHOT, TO=backup, INTO=tmp_path / "found" / str(number))
    lost.stop()
    found.start()
    try:
        assert f"{len(people)} accounts are due" in recovered(
            {"redis_url": found.url, "secret_keys": SECRET_KEYS}, tmp_path
        )
        async with aclosing(connect(found.url)) as connection:
            credentials = Credentials(connection, DataKeys(connection, MasterKeys.read(SECRET_KEYS)))
            for each in people:
                sealed = await Accounts(connection).find_sealed(each)
                opened = await credentials.open(each, sealed, now_ms=0)
                assert opened.token == f"token of {each}"
    finally:
        found.stop()


def test_one_machine_goes_on_with_its_backup(tmp_path):
    port, folder = free_port(), tmp_path / "kept"
    settings = {
        "ROOST_DATA_DIR": str(folder),
        "ROOST_PORT": str(port),
        "ROOST_SIMULATOR_PORT": str(free_port()),
    }

    @contextmanager
    def up(*words):
        command = [sys.executable, "-m", "roost", "up", *words]
        process = Process(command, {"PATH": os.environ["PATH"], **settings}, tmp_path / f"up{len(words)}.log")  # noqa: TID251 (passed on)
        process.start()
        process.wait_until(lambda: "Roost is up" in process.output())
        yield process
        assert process.stop(30) == 0

    def accounts():
        tokens = json.loads((folder / "demo.json").read_text()).values()
        headers = [{"authorization": f"Bearer {token}"} for token in tokens]
        return [
            httpx2.get(f"http://127.0.0.1:{port}/v1/account", headers=each).status_code for each in headers
        ]

    with up():
        typed(TAKE, FROM=folder / "valkey", TO=tmp_path / "backup")
    (folder / "valkey").rename(tmp_path / "lost")
    typed(FOLDER, TO=tmp_path / "backup", INTO=folder / "valkey")

    with up("--lost-at", datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")) as again:  # noqa: TID251 (as an operator writes it)
        assert "5 accounts are due in the order in which they were last read." in again.output()
        assert accounts() == [200] * 5
