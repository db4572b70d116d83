"""
Accounts by the million, registered with raw commands: as the store keeps them, but for their timelines.

The first of them are awake and fall due evenly within a cadence. All others sleep: only a reader has them
polled, and they have no place in the schedule. What is sealed and wrapped is as long as in life and opens for
nobody: none of them is polled for real.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import hiredis
import redis

from bench import crowd
from shared.clock import Clock
from shared.domain.account import AccountId, shard_of
from shared.domain.tweet import first_id_at
from shared.store import keys
from tests.servers.process import until

_MINUTE_MS = 60_000
_AT_ONCE = 5_000
_TOLD_EVERY = 100_000
#: An access and a refresh token of X's, sealed; and a data key, wrapped.
_SEALED, _WRAPPED = bytes(range(1, 255)), bytes(range(1, 65))
#: As `domain/interest.py` writes one who has read at some hours of the day.
_INTEREST = (
    "1790000000000 0.012345 3.214 1790000000000 1790000000000 1790000000000 0,0,0,1,2,,,3,,,,1.2,,,,,,2.5,1"
)

Words = Sequence[str | bytes | int]


@dataclass(frozen=True, slots=True)
class Plan:
    """How many are registered; how many of them are awake, and how often each of those is due."""

    count: int
    awake: int
    cadence_ms: int


def register(url: str, plan: Plan, now_ms: int) -> list[AccountId]:
    """
    Register accounts, of which the first fall due within a cadence from now; name those.

    Errors: AssertionError when Redis did not take all of them.
    """
    with redis.Redis.from_url(url) as client:
        connection = client.connection_pool.get_connection()
        connection.send_command("CLIENT", "REPLY", "OFF")  # nobody waits for four answers an account
        accounts, clock, began_ms = crowd.people(plan.count), Clock(), Clock().now_ms()
        for start in range(0, plan.count, _AT_ONCE):
            packed = map(hiredis.pack_command, _written(accounts, start, plan, now_ms))
            connection.send_packed_command([b"".join(packed)])
            if not start % _TOLD_EVERY:
                took = (clock.now_ms() - began_ms) / 1000
                sys.stderr.write(f"bench: {start:,} of {plan.count:,} accounts, {took:.0f} s\n")
        connection.send_command("CLIENT", "REPLY", "ON")
        assert connection.read_response() == b"OK", "Redis cannot answer again"
        client.connection_pool.release(connection)
        crowd.permit_all(client, plan.count, now_ms)
        kept = sum(client.scard(keys.accounts(shard)) for shard in keys.shards())
        assert kept == plan.count, f"only {kept:,} accounts were written"
    return accounts[: plan.awake]


def rewrite_file(url: str) -> None:
    """
    Have the append-only file written anew, and wait until it is.

    It doubled with what was registered; in use it is written anew seldom, not while something is measured.
    """
    with redis.Redis.from_url(url) as client:
        until(lambda: not _is_rewriting(client), seconds=120)
        client.bgrewriteaof()
        until(lambda: not _is_rewriting(client), seconds=120)


def _is_rewriting(client: redis.Redis) -> bool:
    told = client.info("persistence")
    return bool(told["aof_rewrite_in_progress"] or told["aof_rewrite_scheduled"])


def fall_due(url: str, awake: Sequence[AccountId], plan: Plan, now_ms: int) -> None:
    """Have those who are awake fall due anew, evenly within a cadence from now."""
    with redis.Redis.from_url(url) as client:
        pipe = client.pipeline(transaction=False)
        for number, each in enumerate(awake):
            pipe.zadd(keys.due(shard_of(each)), {str(each): now_ms + number * plan.cadence_ms // len(awake)})
        pipe.execute()


def _written(accounts: Sequence[AccountId], start: int, plan: Plan, now_ms: int) -> Iterator[Words]:
    for number, account_id in enumerate(accounts[start : start + _AT_ONCE], start):
        is_awake = number < plan.awake
        shard = shard_of(account_id)
        yield ("HSET", keys.account(account_id), *_fields(account_id, now_ms), "asleep", int(not is_awake))
        yield ("SET", keys.data_key(account_id), _WRAPPED)
        yield ("SADD", keys.accounts(shard), account_id)
        if is_awake:
            yield ("ZADD", keys.due(shard), now_ms + number * plan.cadence_ms // plan.awake, account_id)


def _fields(account_id: AccountId, now_ms: int) -> Words:
    """All that polls and reads leave of an account."""
    return (
        "username", f"p{account_id}"[:15], "name", "Somebody Real", "standing", "active",
        "registered_at_ms", now_ms, "credential", _SEALED, "strikes", 0, "parked", "",
        "newest", keys.padded(first_id_at(now_ms - _MINUTE_MS)), "floor", keys.padded(1), "gaps", "",
        "as_of_ms", now_ms, "outcome", "page", "failures", 0, "interest", _INTEREST, "read_at_ms", now_ms,
        "reads", "", "unhurried", "", "owed", "", "checked_at_ms", now_ms, "window_assumed", 0,
        "window_limit", 180, "window_left", 179, "window_resets_at_ms", now_ms,
    )  # fmt: skip
