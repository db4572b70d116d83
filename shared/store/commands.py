"""Commands of Redis as the stores write them, how long one may take, and why one fails."""

from collections.abc import Callable
from typing import TypeVar

from redis.exceptions import (
    ClusterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

Word = str | bytes | int

FaultT = TypeVar("FaultT", bound=RedisError)

#: A command and its arguments.
Command = tuple[Word, ...]

#: A call that takes longer than this has found Redis down; the lease runs out and the poll is made again.
TIMEOUT_SECONDS = 5

#: It cannot write to its disk, or has too few replicas; redis-py has no exceptions for them.
_REFUSALS = ("MISCONF ", "NOREPLICAS ")

#: Is told the reason of each call that failed, as `reason_of` says it.
OnFailure = Callable[[str], None]


def tell_nobody(_: str) -> None:
    """Let a call fail unheard."""


def tell(on_failure: OnFailure, fault: FaultT) -> FaultT:
    """Tell of a call that failed, and give its fault to raise."""
    reason = reason_of(fault)
    if reason is not None:
        on_failure(reason)
    return fault


def reason_of(fault: RedisError) -> str | None:
    """Say why a call failed: timeout, connection or refused; None when Redis only answered it with a no."""
    match fault:
        case RedisTimeoutError():
            return "timeout"
        case OutOfMemoryError() | ReadOnlyError() | ClusterDownError():
            return "refused"
        case ResponseError() if str(fault).startswith(_REFUSALS):
            return "refused"
        case RedisConnectionError():
            return "connection"
        case _:
            return None


def late() -> RedisTimeoutError:
    """Make the fault for a call that was not answered in time."""
    return RedisTimeoutError(f"Redis did not answer within {TIMEOUT_SECONDS} s")
