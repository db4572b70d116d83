"""Whom to ask: nodes that join, die, fall silent or move, and what is still found."""

import asyncio
import socket
from contextlib import ExitStack, suppress

import pytest
from redis.asyncio.cluster import ClusterNode
from redis.crc import key_slot

from shared.store import node as node_module
from shared.store.connection import StoreError, connect
from shared.store.node import LostError, Wish, carry
from tests.servers.process import Process
from tests.servers.redis_cluster import RedisCluster

NAMES = [f"{{s{shard}}}:n" for shard in range(256)]


@pytest.fixture
async def redis(cluster):
    redis = connect(cluster.url)
    yield redis
    await redis.aclose()


@pytest.fixture
def added(cluster):
    """A node that has just joined the cluster; it has no slots, and leaves when the test ends."""
    node = cluster.add()
    yield node
    cluster.remove(node)


async def test_one_key_is_found_at_a_node_that_has_just_joined(redis, cluster, added):
    await redis.set("{s0}:a", "here")
    slot = added.client.cluster("keyslot", "{s0}:a")
    source = cluster.begin_to_move(slot, added, "{s0}:a")

    asked = [("GET", "{s0}:a"), ("SET", "{s0}:b", 1), ("GET", "{s0}:a")]
    answers = await redis.ask_all(asked)
    for node in (added, source):  # let it stay after all
        node.client.flushall()
        node.client.cluster("setslot", slot, "stable")

    assert answers == [b"here", b"OK", b"here"]


async def test_who_begins_while_a_node_is_dead_is_answered_by_the_others(cluster):
    dead = cluster.primary_of(min(NAMES, key=lambda name: key_slot(name.encode())))  # told of first
    others = [name for name in NAMES if cluster.primary_of(name) is not dead]
    replica = cluster.replica_of(dead)
    replica.process.kill()  # nobody takes its place
    dead.process.kill()
    redis = connect(cluster.url)

    assert await redis.ask_all(("GET", name) for name in others) == [None] * len(others)
    assert await redis.get(others[0]) is None
    await redis.aclose()


async def test_who_begins_asks_another_when_the_first_is_silent(cluster):
    silent = cluster.nodes[-1]
    silent.process.hang()
    try:
        for _ in range(4):  # whichever it asks first
            redis = connect(f"redis+cluster://127.0.0.1:{silent.port},127.0.0.1:{cluster.nodes[0].port}")
            assert await redis.ask_all([("SET", NAMES[0], 1)]) == [b"OK"]
            await redis.aclose()
    finally:
        silent.process.go_on()


async def test_nodes_that_are_not_yet_a_cluster_are_waited_for(tmp_path):
    young = RedisCluster(tmp_path / "nodes")
    redis = connect(young.url)
    try:
        for node in young.nodes:
            node.start()
        for call in (lambda: redis.ask_all([("GET", "a")]), lambda: redis.get("a")):
            with pytest.raises(StoreError):
                await call()
        await asyncio.to_thread(young.start)

        assert await redis.ask_all([("SET", "a", 1)]) == [b"OK"]
        assert await redis.get("a") == b"1"
    finally:
        await redis.aclose()
        young.stop()


async def test_nodes_that_all_have_other_addresses_are_found_by_the_name_that_was_given(
    cluster, redis_cluster, cluster_db
):
    leads_to = cluster.nodes[0]

    async def carry(reader, writer):
        there = await asyncio.open_connection("127.0.0.1", leads_to.port)
        with suppress(OSError):
            await asyncio.gather(pour(reader, there[1]), pour(there[0], writer))

    async with await asyncio.start_server(carry, "127.0.0.1", 0) as name:
        redis = connect(f"redis+cluster://127.0.0.1:{name.sockets[0].getsockname()[1]}")
        assert await redis.ask_all([("SET", "a", 1)]) == [b"OK"]
        leads_to = redis_cluster.nodes[0]
        for node in cluster.nodes:
            node.process.kill()

        assert await redis.ask_all([("GET", "a")]) == [None]
        await redis.aclose()


async def pour(reader, writer):
    while some := await reader.read(65_536):
        writer.write(some)
    writer.close()


@pytest.mark.parametrize("end", [Process.kill, Process.hang])
async def test_a_node_that_answers_is_listened_to(redis, cluster, monkeypatch, end):
    monkeypatch.setattr(node_module, "NODE_SECONDS", 0.3)
    await redis.set("a", 1)
    ended = cluster.primary_of(NAMES[0])
    end(ended.process)
    try:
        for _ in range(10):
            async with asyncio.timeout(2), redis.listening() as connection:
                assert connection.port != ended.port
    finally:
        ended.process.go_on()


async def test_who_looks_for_nodes_keeps_the_connections_to_those_that_stay(redis, cluster):
    dead = cluster.primary_of(NAMES[0])
    stays = next(node for node in cluster.primaries() if node is not dead)
    others = [name for name in NAMES if cluster.primary_of(name) is stays]
    await redis.ask_all(("GET", name) for name in NAMES)
    dead.process.kill()
    before = stays.client.info("stats")["total_connections_received"]

    looking = asyncio.create_task(until_answered(redis, NAMES[0]))
    while not looking.done():
        await redis.ask_all(("GET", name) for name in others)
        await asyncio.sleep(0.01)

    assert stays.client.info("stats")["total_connections_received"] - before < 3


async def until_answered(redis, name):
    while True:
        with suppress(StoreError):
            return await redis.get(name)


async def test_a_node_that_cannot_be_reached_in_time_is_taken_for_lost():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
        for _ in range(4):  # nobody accepts them: the next is not even refused
            other = waiting.enter_context(socket.socket())
            other.settimeout(0)
            other.connect_ex(full.getsockname())
        asked = Wish(("PING",), 0)

        await carry(ClusterNode(*full.getsockname(), socket_connect_timeout=0.2), [asked], None, 2)

    assert isinstance(asked.answer, LostError)
