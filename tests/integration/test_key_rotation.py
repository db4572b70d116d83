"""The master key is changed while everybody is being polled, and nobody notices."""

import asyncio
import json
import subprocess
import sys
from contextlib import asynccontextmanager

import httpx2

from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.credential import OAuth2Credential
from shared.environment import variable
from shared.sealing import MasterKeys, new_key, write_key
from shared.store.accounts import Accounts
from shared.store.connection import connect
from shared.store.credentials import Credentials
from shared.store.datakeys import DataKeys

PEOPLE = 200
PATIENCE_SECONDS = 40
#: What a poll of these people comes to; any other outcome is one that failed.
WELL = {"page", "late"}


class Everybody:
    """All accounts, and who of them has been polled."""

    def __init__(self, accounts, ids):
        self._accounts, self._ids = accounts, ids

    async def are_polled(self):
        """Wait until each has been polled once more."""
        since_ms = Clock().now_ms()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not all([await self._is_polled(each, since_ms) for each in self._ids]):
                await asyncio.sleep(0.2)

    async def _is_polled(self, account_id, since_ms):
        kept = await self._accounts.find(account_id)
        return kept.held.as_of_ms >= since_ms


@asynccontextmanager
async def everybody(redis_url, x_url, master):
    redis = connect(redis_url)
    accounts = Accounts(redis)
    credentials = Credentials(redis, DataKeys(redis, MasterKeys.read(master)))
    async with httpx2.AsyncClient(base_url=x_url, timeout=30) as x:
        people = (await x.get("/_sim/users")).json()["users"]
    ids = [AccountId(int(each["id"])) for each in people]
    for account_id, each in zip(ids, people, strict=True):
        credential = OAuth2Credential(each["oauth2"]["access_token"], None, 2**50, "")
        sealed = await credentials.seal(account_id, credential)
        await accounts.register(account_id, (each["username"], ""), sealed, now_ms=Clock().now_ms())
    yield Everybody(accounts, ids)
    await redis.aclose()


async def test_no_poll_fails_while_the_master_key_is_changed(programs, redis_db, redis_broker):
    old, new = write_key(new_key()), write_key(new_key())
    x_url = programs.start_simulator(simulator_users=PEOPLE, simulator_window_limit=90_000)
    settings = {"redis_url": redis_db, "broker_url": redis_broker, "x_api_url": x_url}

    def fetcher(*secret_keys):
        return programs.start(
            "fetcher",
            **settings,
            secret_keys=",".join(secret_keys),
            cadence_seconds=1,
            mode="archive",
            backfill_tweets=20,
        )

    async with everybody(redis_db, x_url, old) as crowd:
        scheduler = programs.start("scheduler", **settings, tick_ms=50)
        fetchers = [fetcher(old)]
        await crowd.are_polled()
        for step in ([old, new], [new, old]):
            fetchers.append(fetcher(*step))
            await crowd.are_polled()
            await asyncio.to_thread(fetchers[-2].stop)
        said = await rotate(redis_db, new, old)
        await crowd.are_polled()
        fetchers.append(fetcher(new))
        await asyncio.to_thread(fetchers[-2].stop)
        await crowd.are_polled()
        for process in (scheduler, fetchers[-1]):
            await asyncio.to_thread(process.stop)

    assert f"{PEOPLE} rewrapped" in said
    lines = [json.loads(line) for each in fetchers for line in each.log.read_text().splitlines()]
    assert [line for line in lines if line["event"] == "poll failed"] == []
    assert {line["outcome"] for line in lines if line["event"] == "poll"} <= WELL


def test_a_program_without_the_right_key_does_not_start_and_says_why(programs, redis_db):
    right, wrong = write_key(new_key()), write_key(new_key())
    asyncio.run(_check(redis_db, right))

    process = programs.start("fetcher", redis_url=redis_db, broker_url=redis_db, secret_keys=wrong)
    process.wait_until(lambda: "ROOST_SECRET_KEYS: " in process.log.read_text())

    said = process.log.read_text()
    assert said.count("\n") == 1
    assert wrong not in said


async def _check(redis_url, master):
    redis = connect(redis_url)
    await DataKeys(redis, MasterKeys.read(master)).check(redis)
    await redis.aclose()


async def rotate(redis_url, *secret_keys):
    """Call `roost keys rotate` as an operator does."""
    settings = {"redis_url": redis_url, "secret_keys": ",".join(secret_keys)}
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "roost", "keys", "rotate"],
        env={variable(name): value for name, value in settings.items()},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout
