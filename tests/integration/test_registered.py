"""What a claim costs does not follow how many accounts are registered."""

import pytest
import redis as redis_client

from roost.valkey import ZSET_MAX_LISTPACK_ENTRIES
from shared.store import keys
from tests.servers.redis import LocalRedis

SHARD = 17


@pytest.fixture
def client(tmp_path):
    server = LocalRedis(tmp_path / "redis")
    server.start()
    with redis_client.Redis.from_url(server.url) as client:
        yield client
    server.stop()


def test_a_due_time_is_looked_up_where_accounts_are_many(client):
    client.zadd(keys.due(SHARD), dict.fromkeys(range(ZSET_MAX_LISTPACK_ENTRIES + 1), 1))

    assert client.object("encoding", keys.due(SHARD)) == b"skiplist"
