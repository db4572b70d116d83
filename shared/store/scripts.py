"""
The Lua scripts beside this file, registered on one connection.

Each script touches the keys of one shard only, so it runs unchanged on a cluster.
Scripts are given `now_ms`; none asks Redis for the time.
"""

from importlib.resources import files

from redis.asyncio import Redis
from redis.commands.core import AsyncScript


def register(redis: Redis, *names: str) -> AsyncScript:
    """Register the script made of these files of `lua/`, joined in the order given."""
    sources = [files("shared.store").joinpath("lua", f"{name}.lua").read_text() for name in names]
    return redis.register_script("\n".join(sources))
