"""
Nobody who reads Redis, the broker, the logs or the processes gets a usable token.

A whole life is lived with everything logged: people come in by every door, credentials
are refreshed, X fails in the middle of it, people sign out and are forgotten. Then every
secret that anybody was given is searched for, plainly and as base64, in all that was
written: also in Redis's append-only file, which holds what is long deleted.
"""

import asyncio
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

import httpx2
import pika
import pytest
import redis

from shared.queue import QUEUE
from shared.settings import ApiSettings, FetcherSettings
from tests.servers.programs import SECRET_KEYS
from tests.servers.redis import LocalRedis

OWN = {"sec-fetch-site": "same-origin"}
#: With access tokens this short a credential is refreshed at its first poll, and soon again.
ACCESS_TOKEN_SECONDS = 330


@pytest.fixture
def kept(tmp_path):
    """A Redis whose every written byte can be read."""
    server = LocalRedis(tmp_path / "redis")
    server.start()
    yield server
    server.stop()


@dataclass
class Callers:
    """Everybody who speaks to the gateway, and every secret that they were given or made up."""

    gateway: str
    x: str
    secrets: set[str] = field(default_factory=set)

    async def sign_in(self, oauth: str, person: str) -> httpx2.AsyncClient:
        browser = httpx2.AsyncClient(base_url=self.gateway, timeout=30)
        address = (await browser.get("/login", params={"oauth": oauth})).headers["location"]
        fields = dict(parse_qsl(urlsplit(address).query))
        self.secrets |= set(browser.cookies.values()) | {
            fields.get("state", ""),
            fields.get("code_challenge", ""),
        }
        fields |= {"person": person, "decision": "allow"}
        back = (await browser.post(address.partition("?")[0], data=fields)).headers["location"]
        assert (await browser.get(back)).status_code == 303
        self.secrets.add(browser.cookies["roost_session"])
        return browser

    async def register(self, tokens: dict) -> dict[str, str]:
        async with httpx2.AsyncClient(base_url=self.gateway, timeout=30) as app:
            answer = await app.post("/v1/registrations", json=tokens)
            assert answer.is_success, answer.text
        self.secrets.add(answer.json()["token"])
        return {"authorization": f"Bearer {answer.json()['token']}"}

    async def make_key(self, browser: httpx2.AsyncClient) -> dict[str, str]:
        made = await browser.post("/v1/account/keys", json={"name": "a key"}, headers=OWN)
        self.secrets.add(made.json()["token"])
        return {"authorization": f"Bearer {made.json()['token']}"}


async def live(callers: Callers) -> None:
    """Do everything that brings a secret near us, and what goes wrong with secrets in hand."""
    async with (
        httpx2.AsyncClient(base_url=callers.x, timeout=30) as x,
        httpx2.AsyncClient(base_url=callers.gateway, timeout=30) as app,
    ):
        people = (await x.get("/_sim/users")).json()["users"]
        browsers = [
            await callers.sign_in("2.0", people[0]["username"]),
            await callers.sign_in("1.0a", people[1]["username"]),
        ]
        tokens = [
            await callers.register({"oauth2": people[2]["oauth2"]}),
            await callers.register({"oauth1": people[3]["oauth1"]}),
            await callers.register({"oauth2": people[4]["oauth2"]}),
        ]
        key = await callers.make_key(browsers[0])
        await refreshed(x, 3)
        await go_wrong(x, app, callers, people)
        for headers in (*tokens, key):
            await app.get("/v1/timeline", headers=headers)
        await x.post(f"/_sim/users/{people[4]['id']}/revoke")
        assert (await app.delete("/v1/account", headers=tokens[1])).status_code == 200
        assert (await browsers[1].post("/logout", headers=OWN)).status_code == 204
        callers.secrets |= set((await x.get("/_sim/secrets")).json()["secrets"])
        for browser in browsers:
            await browser.aclose()


async def go_wrong(x, app, callers: Callers, people: list[dict]) -> None:
    """Let X lose and spoil answers that hold tokens, and callers send secrets where none belong."""
    for fault in ({"drop": True}, {"truncate": True}, {"status": 500}):
        await x.post("/_sim/faults", json={"endpoint": "token", "times": 1, **fault})
        await app.get("/login/callback", params={"code": "made-up-code-1234", "state": "made-up-state-1234"})
    callers.secrets |= {
        "made-up-code-1234",
        "made-up-state-1234",
        "made-up-token-1234",
        "roost_12_made-up-5678",
    }
    oauth1 = {"token": people[0]["oauth1"]["token"], "token_secret": "made-up-token-1234"}
    assert (await app.post("/v1/registrations", json={"oauth1": oauth1})).status_code == 401
    await app.post("/v1/registrations", content=b'{"oauth2": {"access_token": "made-up-token-1234"')
    await app.get("/v1/timeline", params={"access_token": "made-up-token-1234"})
    await app.get("/v1/timeline", headers={"authorization": "Bearer roost_12_made-up-5678"})
    for number in range(3):
        await x.post(f"/_sim/users/{people[2]['id']}/expire")
        await refreshed(x, 3 + number)


async def refreshed(x: httpx2.AsyncClient, times: int) -> None:
    """Wait until X has refreshed so many credentials."""
    async with asyncio.timeout(60):
        while (await x.get("/_sim/oauth")).json()["refreshes"] < times:
            await asyncio.sleep(0.2)


@pytest.fixture
def roost(deploy, kept, broker):
    """A deployment that logs all it can, on servers whose every byte can be read."""
    return deploy(
        redis_url=kept.url, broker_url=broker, log_level="debug", cadence_seconds=1, mode="archive",
        simulator_access_token_seconds=ACCESS_TOKEN_SECONDS, simulator_window_limit=9000,
    )  # fmt: skip


async def test_no_token_is_found_in_anything_that_is_written(roost, programs, tmp_path, tell):
    roost.start()
    callers = Callers(roost.gateway_url, roost.simulator_url)
    await live(callers)
    argv = [Path(f"/proc/{each.pid}/cmdline").read_bytes() for each in programs.running()]
    assert len(argv) >= 6
    for fetcher in roost.fetchers:
        await asyncio.to_thread(fetcher.stop)
    await asyncio.sleep(2)  # jobs come to wait in the queue
    for scheduler in roost.schedulers:
        await asyncio.to_thread(scheduler.stop)

    written = {
        **{f"argv {number}": each for number, each in enumerate(argv)},
        **{
            str(path.relative_to(tmp_path)): path.read_bytes()
            for path in tmp_path.rglob("*")
            if path.is_file()
        },
        "redis": b"\n".join(everything_in(roost.redis_url)),
        "queue": b"\n".join(waiting_in(roost.broker_url)),
        "settings": repr_of_settings().encode(),
    }
    # What is no secret is found: so this looks where things are.
    aof = b"".join(text for name, text in written.items() if name.endswith(".aof"))
    assert b"person0" in written["redis"]
    assert b"person0" in aof
    assert b"args" in written["queue"]
    secrets = {each for each in callers.secrets if each} | {SECRET_KEYS, "roost-simulator-client-secret"}
    found = [
        (name, secret)
        for name, text in written.items()
        for secret in secrets
        for look in looks(secret)
        if look in text
    ]
    assert found == []
    assert len(secrets) > 25
    size = sum(map(len, written.values()))
    tell(f"{len(secrets)} secrets, each in 4 spellings, in {size:,} bytes of {len(written)} places: none")


def looks(secret: str) -> set[bytes]:
    """Write a secret as it might be found."""
    plain = secret.encode()
    return {
        plain,
        quote(secret, safe="").encode(),
        b64encode(plain).rstrip(b"="),
        urlsafe_b64encode(plain).rstrip(b"="),
    }


def everything_in(url: str) -> Iterator[bytes]:
    """Read every key and every value, unpacked."""
    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter():
            yield key
            kind = client.type(key)
            if kind == b"string":
                yield client.get(key)
            elif kind == b"hash":
                yield from (part for pair in client.hgetall(key).items() for part in pair)
            elif kind == b"zset":
                yield from client.zrange(key, 0, -1)
            elif kind == b"set":
                yield from client.smembers(key)
            elif kind == b"stream":
                yield repr(client.xrange(key)).encode()
            else:
                raise AssertionError(f"{key}: nobody reads a {kind}")


def waiting_in(url: str) -> Iterator[bytes]:
    """Read every message that waits, with its properties."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    while True:
        method, properties, body = channel.basic_get(QUEUE, auto_ack=True)
        if method is None:
            break
        yield body + repr(properties).encode()
    connection.close()


def repr_of_settings() -> str:
    """Say how settings show themselves."""
    secrets = {"secret_keys": SECRET_KEYS, "x_consumer_key": "k", "x_consumer_secret": "made-up-token-1234"}
    secrets |= {
        "x_client_secret": "roost-simulator-client-secret",
        "redis_url": "redis://:made-up-token-1234@h/0",
    }
    return repr([ApiSettings(**secrets), FetcherSettings(**secrets)])
