"""
The drill: everybody is polled, a backup is taken meanwhile, Redis is lost, the backup is put back.

What is typed is what docs/recovery.md says. Afterwards every timeline is what X shows, or says
itself where it may not be; and X was asked nothing that it had to refuse.
"""

import asyncio
import json
import os
import re
import sys
from collections import Counter
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from subprocess import CalledProcessError
from types import SimpleNamespace

import httpx2
import pytest

from roost.ports import reserve_port
from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.credential import OAuth1Credential
from shared.sealing import MasterKeys
from shared.store.accounts import Accounts
from shared.store.connection import connect
from shared.store.credentials import Credentials
from shared.store.datakeys import DataKeys
from shared.store.ledger import day_name
from tests.e2e import life
from tests.e2e.drill import DAILY_POSTS, FOLDER, SNAPSHOT, TAKE, Drill, copied, recovered, snapshot, typed
from tests.integration.api.listening import Ear
from tests.servers.process import Process, until
from tests.servers.programs import SECRET_KEYS
from tests.servers.redis_cluster import PRIMARIES, RedisCluster

PEOPLE = 40


@pytest.fixture
def drill(deploy, tmp_path):
    drill = Drill(deploy, tmp_path)
    yield drill
    drill.end()


async def billed_at_x(drill, lived):
    """Count the posts of today that X has billed."""
    stats = await lived.people.stats()
    return stats["posts_billed"].get(day_name(drill.roost.clock.now_ms()), 0)


async def oauth(lived):
    return (await lived.people.ask("GET", "/_sim/oauth")).json()


async def standing(lived, token):
    account = await lived.apps.ask("GET", "/v1/account", headers={"authorization": f"Bearer {token}"})
    return account.json()


async def lose_and_put_back(drill, lived, ear, take):
    """Take a backup while polls go on, lose Redis minutes later, put it back; tell when it was lost."""
    roost = drill.roost
    await lived.go_on(minutes=8)
    for _ in range(100):
        if (await oauth(lived))[
            "refreshes"
        ] >= PEOPLE // 4:  # half of those whose tokens are refreshed at all
            break
        await lived.go_on(minutes=0.2)
    block = take(drill.server, drill.folder, drill.backup)
    known = entry(ear)
    await lived.go_on(minutes=1)
    await lived.people.tweets(lived.everybody[0], 3)  # so that who listens is told what the backup has not
    await lived.apps.ask("GET", "/v1/timeline", headers={"authorization": f"Bearer {lived.tokens[0]}"})
    await ear.until(lambda: entry(ear) > known)
    await lived.go_on(minutes=1)
    for each in roost.schedulers:
        each.stop()
    drill.lose()
    lost_at_ms = roost.clock.now_ms()
    drill.put_back(block)
    return lost_at_ms


def entry(ear):
    """Name the entry of the arrivals that who listens was told last: its place without what lies within."""
    return ear.place.rpartition(".")[0]


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
        lost_at_ms = await lose_and_put_back(drill, lived, ear, take)
        assert drill.newest(lived.everybody[0]).decode() < entry(ear), "the backup was to know less"

        billed = await billed_at_x(drill, lived)
        told = drill.recover(lost_at_ms, billed)
        assert drill.billed_here() >= billed
        for each in drill.roost.schedulers:
            each.start()
        await ear.until(lambda: any(each.data["missed"] for each in ear.named("state")))
        await lived.until_read(since_ms=lost_at_ms)
        drill.roost.stop()

        tell(await life.must_be_true(lived, read_since_ms=lost_at_ms))
        refreshed = await oauth(lived)
        assert refreshed["replays"] == refreshed["families_killed"] == 0
        assert await billed_at_x(drill, lived) <= drill.billed_here() <= DAILY_POSTS
        stands = [(await standing(lived, token))["stale"] for token in lived.tokens]
        used = int(re.search(r"(\d+) may have had a new refresh token", told)[1])
        assert stands.count("sign-in-needed") == used < PEOPLE / 2
        tell(f"{used} of {PEOPLE // 2} are to sign in again; {refreshed}; {Counter(stands)}\n{told}")


def test_where_nothing_can_be_copied_taking_a_backup_ends_and_says_so(tmp_path):
    with pytest.raises(CalledProcessError):
        typed(TAKE, FROM=tmp_path / "nowhere", TO=tmp_path / "backup")


async def test_what_a_crashed_machine_had_not_flushed_comes_back_by_itself(drill, tell):
    async with life.begin(drill.roost, accounts=PEOPLE) as lived:
        drill.roost.start()
        await lived.go_on(minutes=2)
        (file,) = drill.folder.glob("appendonlydir/*.incr.aof")
        flushed = file.stat().st_size
        # A second of Redis is twenty of this life: what is lost is to be a second of that.
        until(lambda: file.stat().st_size > flushed)
        drill.server.kill()
        lost = file.stat().st_size - flushed
        os.truncate(file, flushed + lost // 10)  # in the midst of a command
        drill.server.start()
        crashed_at_ms = drill.roost.clock.now_ms()
        await lived.until_read(since_ms=crashed_at_ms)
        drill.roost.stop()

        tell(f"{lost} bytes lost; {await life.must_be_true(lived, read_since_ms=crashed_at_ms)}")


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
    port, folder = reserve_port(), tmp_path / "kept"
    settings = {
        "ROOST_DATA_DIR": str(folder),
        "ROOST_PORT": str(port),
        "ROOST_SIMULATOR_PORT": str(reserve_port()),
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
