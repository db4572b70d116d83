"""
A life on a Redis cluster and a RabbitMQ cluster, which lose a node each and move slots in the middle.

Nothing is told them but other URLs.
"""

import asyncio

import pytest

from shared.queue import QUEUE
from tests.e2e import havoc, life
from tests.servers.redis_cluster import RedisCluster

SPEED = 10
#: Of these shards the slots are moved: about one in thirteen.
MOVED = range(0, 256, 13)


@pytest.fixture
def cluster(tmp_path):
    """A Redis cluster of the test's own, to be hurt."""
    cluster = RedisCluster(tmp_path / "cluster")
    cluster.start()
    yield cluster
    cluster.stop()


def move_slots(cluster: RedisCluster) -> int:
    """Move slots to another primary while they are in use; give how many."""
    target = cluster.primaries()[0]
    names = [f"{{s{shard}}}:due" for shard in MOVED]
    slots = [cluster.nodes[-1].client.cluster("keyslot", name) for name in names]
    away = [slot for slot, name in zip(slots, names, strict=True) if cluster.primary_of(name) is not target]
    for slot in away:
        cluster.move(slot, target)
    return len(away)


async def test_every_timeline_is_true_although_clusters_lose_nodes_and_move_slots(
    deploy, cluster, rabbitmq_cluster, tell
):
    roost = deploy(speed=SPEED, redis_url=cluster.url, broker_url=rabbitmq_cluster.url, **life.SETTINGS)
    async with life.begin(roost, accounts=200) as lived:
        roost.start()
        await havoc.let_x_fail(lived.people)
        async with havoc.tweets_come_as_they_like(lived.people, lived.everybody, roost.clock, seed=5):
            await lived.go_on(minutes=1)
            cluster.primary_of("{app}:price").process.kill()
            await lived.go_on(minutes=3)
            rabbitmq_cluster.kill(rabbitmq_cluster.leader(QUEUE))
            await lived.go_on(minutes=1)
            assert await asyncio.to_thread(move_slots, cluster)
            mended_at_ms = roost.clock.now_ms()
            await lived.go_on(minutes=3)
        roost.stop()
        tell(await life.must_be_true(lived, read_since_ms=mended_at_ms))
