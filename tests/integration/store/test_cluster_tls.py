"""A cluster that is reached by TLS: each node is called by the name that its certificate has."""

import asyncio
import socket
from contextlib import AsyncExitStack, aclosing

import pytest

from shared.store import keys
from shared.store.connection import StoreError, connect
from shared.store.notices import Notices
from tests.integration.store.conftest import ADA
from tests.servers.process import until
from tests.servers.tls import Authority, tunnel

NAMES = [f"{{s{shard}}}:n" for shard in range(256)]


@pytest.fixture
def authority(tmp_path):
    """Who vouches for the nodes."""
    return Authority(tmp_path / "authority")


@pytest.fixture
async def tunnels(cluster, authority, names_are_known):
    """Where each primary is reached by TLS, as it says itself."""
    primaries = cluster.primaries()
    async with AsyncExitStack() as stack:
        tunnels = {}
        for number, node in enumerate(primaries):
            host = f"node-{number}.redis.test"
            there = tunnel(f"redis://127.0.0.1:{node.port}", authority.vouch(host))
            tunnels[host] = await stack.enter_async_context(there)
            announce(node, host, tunnels[host].port)
        await all_tell(primaries, {(host, each.port) for host, each in tunnels.items()})
        yield tunnels
        for node in primaries:
            announce(node, "", 0)
        await all_tell(primaries, {("127.0.0.1", node.port) for node in primaries})


@pytest.fixture
def names_are_known(monkeypatch):
    """Let the names of the nodes lead to this machine."""
    find = socket.getaddrinfo

    def lead_here(host, *rest, **options):
        return find("127.0.0.1" if str(host).endswith(".redis.test") else host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", lead_here)


def announce(node, host: str, port: int) -> None:
    node.client.config_set("cluster-preferred-endpoint-type", "hostname" if host else "ip")
    node.client.config_set("cluster-announce-hostname", host)
    node.client.config_set("cluster-announce-port", port)


async def all_tell(primaries, places: set[tuple[str, int]]) -> None:
    """Wait until the nodes know where all of them are."""
    await asyncio.to_thread(until, lambda: all(told_by(node) == places for node in primaries))


def told_by(node) -> set[tuple[str, int]]:
    return {(primary[0].decode(), primary[1]) for _, _, primary, *_ in node.client.cluster("slots")}


def through(tunnels, trusted: Authority):
    """Connect as an operator would who knows one node and trusts this authority only."""
    host, first = next(iter(tunnels.items()))
    return connect(f"rediss+cluster://{host}:{first.port}?ssl_ca_certs={trusted.path}")


async def test_every_node_is_reached_by_tls_also_while_a_slot_moves(cluster, tunnels, authority):
    async with aclosing(through(tunnels, authority)) as redis:
        assert await redis.ask_all(("SET", name, 1) for name in NAMES) == [b"OK"] * len(NAMES)
        assert all(each.carried for each in tunnels.values())

        slot = cluster.nodes[0].client.cluster("keyslot", NAMES[0])
        source = cluster.primary_of(NAMES[0])
        target = next(node for node in cluster.primaries() if node is not source)
        await asyncio.to_thread(cluster.begin_to_move, slot, target, NAMES[0])
        assert await redis.get(NAMES[0]) == b"1"
        await asyncio.to_thread(cluster.move, slot, target)
        assert await redis.ask_all(("GET", name) for name in NAMES) == [b"1"] * len(NAMES)


async def test_who_listens_is_told_by_tls(tunnels, authority):
    async with aclosing(through(tunnels, authority)) as redis:
        notices = Notices(redis)
        async with notices.settled(ADA) as wait, asyncio.timeout(10):
            while not wait.is_settled.is_set():  # nodes that have just found each other may lose a notice
                await redis.ask_all([("PUBLISH", keys.settled(ADA), "")])
                await asyncio.sleep(0.05)

            assert not wait.is_lost
        await notices.close()


async def test_nodes_that_somebody_else_vouches_for_are_not_asked(tunnels, tmp_path):
    async with aclosing(through(tunnels, Authority(tmp_path / "another"))) as redis:
        with pytest.raises(StoreError, match=r"self-signed certificate|local issuer certificate"):
            await redis.ask_all([("GET", NAMES[0])])


async def test_a_node_that_shows_the_name_of_another_is_not_asked(tunnels, authority):
    one, another, *_ = tunnels
    tunnels[one].port, tunnels[another].port = tunnels[another].port, tunnels[one].port
    async with aclosing(through(tunnels, authority)) as redis:
        with pytest.raises(StoreError, match="certificate is not valid for"):
            await redis.ask_all([("GET", NAMES[0])])
