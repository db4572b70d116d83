"""
TLS to Redis and to the broker is asked for by the URL alone, and no other server is spoken to.

The servers speak plainly: a tunnel stands before them that takes TLS off, as their own would.
"""

import asyncio
import ssl
from contextlib import closing

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from shared.queue import make_broker, send
from shared.store.connection import connect
from tests.servers.process import until
from tests.servers.tls import HOST, Authority, tunnel

#: What the clients of both brokers raise: pika passes on what TLS says.
REFUSED = (RedisConnectionError, ssl.SSLCertVerificationError)


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "ours")


@pytest.fixture
def stranger(tmp_path):
    return Authority(tmp_path / "a stranger's")


async def write_and_read(url):
    store = connect(url)
    try:
        await store.set("written", "by TLS")
        return await store.get("written")
    finally:
        await store.aclose()


def send_and_count(url):
    with closing(make_broker(url)) as broker:
        send(broker, [])
        until(lambda: broker.waiting() == 1)


async def test_redis_is_written_and_read_by_tls(redis_db, authority):
    async with tunnel(redis_db, authority.vouch(HOST)) as reached:
        assert await write_and_read(reached.url(authority.path)) == b"by TLS"
        assert len(reached.carried) == 1


async def test_each_broker_is_sent_to_and_counted_by_tls(each_broker, authority):
    async with tunnel(each_broker, authority.vouch(HOST)) as reached:
        await asyncio.to_thread(send_and_count, reached.url(authority.path))
        assert reached.carried


async def test_a_redis_that_a_stranger_vouches_for_is_told_nothing(redis_db, authority, stranger):
    async with tunnel(redis_db, stranger.vouch(HOST)) as reached:
        with pytest.raises(RedisConnectionError, match="CERTIFICATE_VERIFY_FAILED"):
            await write_and_read(reached.url(authority.path))
        assert reached.carried == []


async def test_a_redis_of_another_name_is_told_nothing(redis_db, authority):
    async with tunnel(redis_db, authority.vouch("elsewhere.example")) as reached:
        with pytest.raises(RedisConnectionError, match="Hostname mismatch"):
            await write_and_read(reached.url(authority.path))
        assert reached.carried == []


async def test_a_broker_that_a_stranger_vouches_for_is_told_nothing(each_broker, authority, stranger):
    async with tunnel(each_broker, stranger.vouch(HOST)) as reached:
        with pytest.raises(REFUSED, match="CERTIFICATE_VERIFY_FAILED"):
            await asyncio.to_thread(send_and_count, reached.url(authority.path))
        assert reached.carried == []


async def test_a_broker_of_another_name_is_told_nothing(each_broker, authority):
    async with tunnel(each_broker, authority.vouch("elsewhere.example")) as reached:
        with pytest.raises(REFUSED, match="Hostname mismatch"):
            await asyncio.to_thread(send_and_count, reached.url(authority.path))
        assert reached.carried == []
