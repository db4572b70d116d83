"""The connection to Redis: bounded, with a timeout on every wait."""

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

#: What `connect` makes, for those who hold it without knowing Redis.
Connection = Redis

#: What every store raises when Redis cannot be reached or does not answer in time.
StoreError = RedisError

#: A command that takes longer than this has found Redis down; the lease runs out and the poll is made again.
TIMEOUT_SECONDS = 5


def connect(url: str, *, connections: int = 64) -> Redis:
    """
    Make a client for the Redis or Valkey at `url`; nothing is connected before the first command.

    Errors: a command raises RedisError when Redis is unreachable or `TIMEOUT_SECONDS` pass.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        # One retry, at once, for a connection that the server had closed while it was idle.
        retry=Retry(NoBackoff(), 1),
        health_check_interval=30,
    )
    return Redis.from_pool(pool)
