"""
One node of a cluster, and what is asked of it in one round trip.

A wish is a command, what was answered, and where it may have been sent on to. What is left open
is asked again by the client (`cluster.py`), and with it what comes after it in its slot, but for
scripts: one that was answered is not called again because another's keys have moved.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import hiredis
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import Connection as NodeConnection
from redis.crc import key_slot
from redis.exceptions import (
    AskError,
    ClusterDownError,
    NoScriptError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.store.commands import Command

#: A node that is silent for so long is taken to have failed, while there is time to ask another.
NODE_SECONDS = 2
_ASKING = hiredis.pack_command(("ASKING",))


class LostError(RedisConnectionError):
    """A node did not answer."""

    def __init__(self, node: ClusterNode) -> None:
        super().__init__(f"{node.name} did not answer")
        self.name = node.name


class Wish:
    """A command, packed; its slot; what was answered; and the node that it was sent on to, this once."""

    __slots__ = ("answer", "is_script", "packed", "sent_on", "slot")

    def __init__(self, command: Command, slot: int | None = None) -> None:
        """Take a command, and the slot of one that names no key."""
        self.packed: bytes = hiredis.pack_command(command)  # type: ignore[arg-type] # its types allow for one word
        self.is_script = command[0] == "EVALSHA"
        self.slot = slot_of(command) if slot is None else slot
        self.answer: Any = None
        self.sent_on: ClusterNode | None = None

    def is_open(self) -> bool:
        """Tell whether another node, or the same one later, will answer better."""
        passing = (AskError, ClusterDownError, ReadOnlyError, LostError)
        return isinstance(self.answer, passing) or is_halfway(self.answer)


def group(
    wishes: Iterable[Wish], slots: Mapping[int, Sequence[ClusterNode]]
) -> dict[ClusterNode, list[Wish]]:
    """Part wishes by the node that is to be asked; one whose slot goes first to another is to wait."""
    groups: dict[ClusterNode, list[Wish]] = defaultdict(list)
    first: dict[int, ClusterNode] = {}
    for wish in wishes:
        nodes = [wish.sent_on] if wish.sent_on else slots.get(wish.slot)
        if not nodes:
            wish.answer = ClusterDownError("no node has this slot")
        elif first.setdefault(wish.slot, nodes[0]) == nodes[0]:
            groups[nodes[0]].append(wish)
        else:
            wish.answer = TryAgainError("what comes before it goes to another node")
    return groups


async def carry(node: ClusterNode, wishes: Sequence[Wish], script: str | None, seconds: float) -> None:
    """Ask one node, in one round trip, and in another where it does not know the script."""
    try:
        async with asyncio.timeout(seconds):
            connection = node.acquire_connection()
            try:
                await _talk(connection, wishes)
                unknown = [each for each in wishes if isinstance(each.answer, NoScriptError)]
                if script is not None and unknown:
                    await _talk(connection, [Wish(("SCRIPT", "LOAD", script), 0), *unknown])
            except BaseException:
                await connection.disconnect(nowait=True)  # answers to come would be taken for others'
                raise
            finally:
                node.release(connection)
    except (RedisConnectionError, RedisTimeoutError, OSError, TimeoutError):
        for each in wishes:
            each.answer = LostError(node)


async def _talk(connection: NodeConnection, wishes: Sequence[Wish]) -> None:
    parts = ((_ASKING, each.packed) if each.sent_on else (each.packed,) for each in wishes)
    await connection.send_packed_command(list(chain.from_iterable(parts)))
    for each in wishes:
        if each.sent_on:
            await connection.read_response()
        try:
            each.answer = await connection.read_response()
        except ResponseError as fault:
            each.answer = fault


async def connect_anew(connection: NodeConnection) -> bool:
    """Connect in time, and tell whether that was possible; one that was made before may be lost by now."""
    try:
        async with asyncio.timeout(NODE_SECONDS):
            await connection.disconnect(nowait=True)
            await connection.connect()  # type: ignore[no-untyped-call] # untyped in redis-py
    except (RedisError, TimeoutError):
        return False
    return True


def keep_connections(nodes: Iterable[ClusterNode]) -> None:
    """
    Keep what redis-py would make anew when it has found the nodes: all connections to those that stay.

    Ours know nothing that would be old. With 64 callers, a primary that died cost each of the others
    1,400 connections in four seconds. There is no public way to them.
    """
    for node in nodes:
        for connection in node._connections:
            connection.reset_should_reconnect()  # type: ignore[no-untyped-call] # untyped in redis-py


def left_of(wishes: Sequence[Wish]) -> list[Wish]:
    """List what is to be asked again: what is open, and the plain commands that come after it in its slot."""
    left, open_slots = [], set()
    for wish in wishes:
        if wish.is_open() or (wish.slot in open_slots and not wish.is_script):
            open_slots.add(wish.slot)
            left.append(wish)
    return left


def is_halfway(answer: object) -> bool:
    """Tell whether some of the keys of a command have moved to another node, and some have not yet."""
    return isinstance(answer, TryAgainError) or (
        isinstance(answer, ResponseError) and "non local key" in str(answer)
    )


def slot_of(command: Command) -> int:
    """Find the slot of a command by the first key that it names; a script's comes after their number."""
    name = command[3] if command[0] == "EVALSHA" else command[1]
    return key_slot(name if isinstance(name, bytes) else str(name).encode())
