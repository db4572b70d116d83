"""Commands of Redis as the stores write them, and how long one may take."""

from redis.exceptions import TimeoutError as RedisTimeoutError

Word = str | bytes | int

#: A command and its arguments.
Command = tuple[Word, ...]

#: A call that takes longer than this has found Redis down; the lease runs out and the poll is made again.
TIMEOUT_SECONDS = 5


def late() -> RedisTimeoutError:
    """Make the fault for a call that was not answered in time."""
    return RedisTimeoutError(f"Redis did not answer within {TIMEOUT_SECONDS} s")
