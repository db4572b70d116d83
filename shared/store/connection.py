"""
The connection to Redis, one server or a cluster: bounded, with a timeout on every call.

The stores ask either in the same words: `ask_all` for many commands in one round trip (on a
cluster, to each node that has some of their keys), redis-py's own methods for the odd one.
Commands and scripts name keys of one shard only (`keys.py`), so no store knows which it is.
"""

from redis.asyncio import BlockingConnectionPool
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from shared import cluster_url
from shared.cluster_url import ClusterUrl
from shared.store.cluster import Cluster
from shared.store.commands import TIMEOUT_SECONDS, OnFailure
from shared.store.server import Server

#: What `connect` makes.
Connection = Server | Cluster

#: What every store raises when Redis cannot be reached or does not answer in time.
StoreError = RedisError


def connect(url: str, *, connections: int = 64, on_failure: OnFailure | None = None) -> Connection:
    """
    Make a client for the Redis or Valkey at `url`; nothing is connected before the first command.

        redis://[user:password@]host[:port][/database]     one server; rediss:// by TLS
        redis+cluster://[user:password@]host[:port][,…]    a cluster, named by any of its nodes;
                                                           rediss+cluster:// by TLS

    `on_failure` is told the reason of each call that failed: timeout, connection or refused.

    Errors: ValueError for another form; a call raises RedisError when Redis is unreachable or
            `TIMEOUT_SECONDS` pass.
    """
    cluster = cluster_url.read(url)
    made = _connect_server(url, connections) if cluster is None else _connect_cluster(cluster, connections)
    if on_failure is not None:
        made.on_failure = on_failure
    return made


def _connect_server(url: str, connections: int) -> Server:
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=None,
        socket_timeout=None,
        socket_connect_timeout=TIMEOUT_SECONDS,
        # One retry, at once, for a connection that the server had closed while it was idle.
        retry=Retry(NoBackoff(), 1),
    )
    server: Server = Server.from_pool(pool)  # type: ignore[assignment] # typed as its parent's
    return server


def _connect_cluster(url: ClusterUrl, connections: int) -> Cluster:
    return Cluster(
        [ClusterNode(host, port) for host, port in url.nodes],
        connections=connections,
        ssl=url.is_tls,
        username=url.username,
        password=url.password,
        **url.tls_options,
    )
