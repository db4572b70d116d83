"""An X account whose home timeline we keep."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

AccountId = NewType("AccountId", int)

#: Accounts are spread over this many shards for good: the number is part of every key (ADR 0006).
SHARDS = 256


class Standing(StrEnum):
    """Whether an account is being polled."""

    ACTIVE = "active"
    PAUSED = "paused"  # its person asked us to stop for now


@dataclass(frozen=True, slots=True)
class Account:
    """
    A registered account, as X named it when it registered.

    `parked` says why X refuses it for good, in one word; empty while X does not.
    """

    id: AccountId
    username: str
    name: str
    standing: Standing
    registered_at_ms: int
    parked: str = ""


def shard_of(account_id: AccountId) -> int:
    """Name the shard that keeps this account's keys and its place in the schedule."""
    # Ids are snowflakes for younger accounts: their low bits count up within a
    # millisecond, so they are mixed with the time bits above them.
    return (account_id ^ (account_id >> 22)) % SHARDS
