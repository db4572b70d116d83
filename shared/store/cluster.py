"""
A Redis or Valkey Cluster: commands go to the nodes that have their keys, to all nodes at once.

redis-py keeps what a node tells of the others; whom to ask that, and how a batch is carried, is
ours: the commands are grouped by node, and each group is one round trip. What a node cannot
answer now is asked again, of whom it names or of whoever has the slot by then, until the call's
time is over:

    MOVED             the slot has another node for good
    ASK               the slot is on its way, and this key has arrived
    TRYAGAIN          the slot is on its way, and some of the script's keys have arrived
    CLUSTERDOWN, a lost connection, a node that is silent
                      a node has failed; a replica takes its slots within seconds

A call whose answer was lost may be carried out twice, as on one server: each of our scripts
compares first. Plain commands of one slot keep their order whatever becomes of them.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Collection, Hashable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any

from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.connection import AbstractConnection
from redis.cluster import PRIMARY
from redis.crc import key_slot
from redis.exceptions import (
    AskError,
    ClusterDownError,
    MovedError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisConnectionError

from shared.store.commands import TIMEOUT_SECONDS, Command, OnFailure, Word, late, tell, tell_nobody
from shared.store.node import (
    NODE_SECONDS,
    LostError,
    Wish,
    carry,
    connect_anew,
    group,
    is_halfway,
    keep_connections,
    left_of,
    slot_of,
)

#: How long to wait before asking again, at first and at most.
_WAIT_SECONDS = (0.02, 0.5)
#: Who was sent on so often has found nodes that do not agree.
_AT_ONCE = 2
#: A replica that lives tells at once what it has; before it is asked it has had as long as the disk.
_COPIED_WITHIN_MS = 1_000
#: Connections of a node that are not for calls, but for whoever listens.
_LISTENING = 4


class Cluster(RedisCluster):
    """A client of a cluster whose calls end in time, at most so many at once."""

    on_failure: OnFailure = staticmethod(tell_nobody)

    def __init__(self, nodes: Sequence[ClusterNode], *, connections: int, **options: Any) -> None:
        super().__init__(
            startup_nodes=list(nodes),
            require_full_coverage=False,  # what the other nodes have can be read all the same
            dynamic_startup_nodes=False,  # we say who is asked for the nodes
            max_connections=connections + _LISTENING,
            socket_timeout=None,
            socket_connect_timeout=NODE_SECONDS,
            **options,
        )
        self._places = asyncio.Semaphore(connections)
        self._finding, self._times_found = asyncio.Lock(), 0

    async def ask_all(self, commands: Iterable[Command], *, script: str | None = None) -> list[Any]:
        """
        Send many commands at once and read their answers, in one round trip to each node that has their keys.

        Shape:  `script` is the text that they call by its hash; it is sent where it is not known.
        Errors: RedisError, when any of them fails; the others may have been carried out.
        """
        wishes = [Wish(each) for each in commands]
        await self._ask_in_time(wishes, script)
        for each in wishes:
            if isinstance(each.answer, RedisError):
                raise tell(self.on_failure, each.answer)
        return [each.answer for each in wishes]

    async def get_all(self, names: Sequence[str], *, after: Iterable[Command] = ()) -> Sequence[bytes | None]:
        """Read many strings, each after what is carried out in its slot, in one round trip to each node."""
        before = list(after)
        return (await self.ask_all([*before, *(("GET", name) for name in names)]))[len(before) :]

    async def ask_and_flush(self, command: Command, *, script: str, within_ms: int) -> tuple[Any, bool]:
        """
        Call a script once and wait until what it wrote is safe: on disk, and with a replica if there is one.

        Two round trips.

        Shape: its answer, and whether it was safe in time. The script must bear being called twice.
        """
        slot, replicas = slot_of(command), await self._replicas(command[3])
        flush: list[Command] = [("WAITAOF", 1, 0, within_ms), ("WAIT", replicas, _COPIED_WITHIN_MS)]
        wishes = [Wish(each, slot) for each in (("SCRIPT", "LOAD", script), command, *flush)]
        # A node that waits for its disk and its replica is silent, and has not failed.
        await self._ask_in_time(wishes, script, node_seconds=TIMEOUT_SECONDS)
        _, answer, flushed, copied = (each.answer for each in wishes)
        if isinstance(answer, RedisError):
            raise tell(self.on_failure, answer)
        # A node that is older than WAITAOF, or keeps no append-only file, cannot say.
        is_flushed = isinstance(flushed, ResponseError) or flushed[0] >= 1
        return answer, is_flushed and copied >= replicas

    def lane_of(self, name: str) -> Hashable:
        """Tell what a key shares with those that are asked for in the same round trip: its node."""
        nodes = self.nodes_manager.slots_cache.get(key_slot(name.encode()))
        return nodes[0].name if nodes else None

    async def rewrite_file(self) -> None:
        """Have each node's append-only file written anew, without what is no more."""
        await self.bgrewriteaof(target_nodes=Cluster.ALL_NODES)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[AbstractConnection]:
        """
        Hold a connection for whoever listens, to any node that answers: a notice goes to all of them.

        Errors: RedisError.
        """
        async with self._in_time():
            primaries = self.get_primaries()
        for node in random.sample(primaries, len(primaries)):
            connection = node.acquire_connection()
            try:
                if await connect_anew(connection):
                    yield connection
                    return
            finally:
                await connection.disconnect(nowait=True)
                node.release(connection)
        raise tell(self.on_failure, RedisConnectionError("no node of the cluster can be listened to"))

    async def initialize(
        self,
        additional_startup_nodes_info: list[tuple[str, int]] | None = None,  # noqa: ARG002 (redis-py's)
        last_failed_node_name: str | None = None,
    ) -> "Cluster":
        """
        Find the nodes, if they are not known.

        What redis-py does besides, to have the first list its commands, would fail with that one node.
        """
        if self._initialize:
            await self._find_nodes({last_failed_node_name or ""})
        return self

    async def aclose(self) -> None:
        """Close all connections."""
        self._initialize, nodes = True, self.nodes_manager
        nodes.startup_nodes |= {node.name: node for node in self.startup_nodes}
        await nodes.aclose()
        await nodes.aclose("startup_nodes")

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """
        Send one command, as a batch of one.

        One that names no key goes redis-py's way; where slots move, that is no way for the others.
        """
        if "target_nodes" in options or args[0] in self.command_flags:
            return await self._execute_without_key(*args, **options)
        (answer,) = await self.ask_all([args])
        options.pop("keys", None)  # for redis-py's cache
        read = self.response_callbacks.get(args[0])
        return read(answer, **options) if read else answer

    async def _execute_without_key(self, *args: Any, **options: Any) -> Any:
        async with self._in_time():
            return await super().execute_command(*args, **options)

    async def _replicas(self, key: Word) -> int:
        """Tell how many replicas there are to wait for: the node knows, what is known here may be old."""
        named = Wish(("EXISTS", key))  # it leads to the primary, which may be another by now
        role = Wish(("ROLE",), named.slot)
        await self._ask_in_time([named, role], None)
        match role.answer:
            case [_, _, list(replicas)]:
                return min(1, len(replicas))
            case _:
                return 0

    async def _ask_in_time(
        self, wishes: Sequence[Wish], script: str | None, node_seconds: float = NODE_SECONDS
    ) -> None:
        async with self._in_time():
            await self._ask(wishes, script, node_seconds)

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """Do something with the nodes, which ends in time; that it fails is told of."""
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS), self._places:
                await self.initialize()
                yield
        except TimeoutError:
            raise tell(self.on_failure, late()) from None
        except RedisClusterException as fault:
            raise tell(self.on_failure, RedisConnectionError(str(fault))) from fault
        except RedisError as fault:
            tell(self.on_failure, fault)
            raise

    async def _find_nodes(self, failed: Collection[str]) -> None:
        """
        Have a node tell which there are: one that is known, or, should all have moved, one that was named.

        Errors: RedisConnectionError when none can.
        """
        times, nodes, reason = self._times_found, self.nodes_manager, ""
        async with self._finding:
            if times != self._times_found:
                return  # somebody else has, meanwhile
            for node in self._tellers(failed):
                nodes.startup_nodes = {node.name: node}
                try:
                    async with asyncio.timeout(NODE_SECONDS):
                        await nodes.initialize()
                except (RedisClusterException, TimeoutError) as fault:
                    reason = str(fault) or f"{node.name} did not answer"
                except IndexError:
                    reason = f"{node.name} knows of no node that has slots"
                else:
                    keep_connections(nodes.nodes_cache.values())
                    self._initialize, self._times_found = False, times + 1
                    return
            raise RedisConnectionError(reason)

    def _tellers(self, failed: Collection[str]) -> list[ClusterNode]:
        """List whom to ask: in any order, so that not all ask the same, but last those that have failed."""
        known = {node.name: node for node in self.startup_nodes} | self.nodes_manager.nodes_cache
        return sorted(random.sample(list(known.values()), len(known)), key=lambda node: node.name in failed)

    async def _ask(self, wishes: Sequence[Wish], script: str | None, node_seconds: float) -> None:
        """Ask, and ask again what could not be answered, until all is or the time is over."""
        left, (wait_seconds, longest) = wishes, _WAIT_SECONDS
        for rounds in count():
            groups = group(left, self.nodes_manager.slots_cache)
            carried = (carry(node, group, script, node_seconds) for node, group in groups.items())
            await asyncio.gather(*carried)
            if not (left := left_of(left)):
                return
            if await self._learn(left) or rounds >= _AT_ONCE:
                # Varied by half, so that what failed together does not come again together.
                await asyncio.sleep(wait_seconds * random.uniform(0.5, 1.5))  # noqa: S311 (to spread, not to hide)
                wait_seconds = min(2 * wait_seconds, longest)

    async def _learn(self, left: Sequence[Wish]) -> bool:
        """Learn from what was answered where to ask again; tell whether only time can help."""
        failed, is_down, nodes = set(), False, self.nodes_manager
        for wish in left:
            wish.sent_on = None
            match wish.answer:
                case MovedError() as moved if moved.slot_id in nodes.slots_cache:
                    await nodes.move_slot(moved)
                case AskError() as ask:
                    wish.sent_on = self._node_at(ask)
                case LostError() as lost:
                    failed.add(lost.name)
                case ClusterDownError() | ReadOnlyError():
                    is_down = True
                case _:
                    pass
        if failed or is_down:
            with suppress(RedisConnectionError):  # nobody knows yet
                await self._find_nodes(failed)
        return bool(failed) or is_down or any(is_halfway(wish.answer) for wish in left)

    def _node_at(self, ask: AskError) -> ClusterNode:
        """Find the node that a key has gone to; one that has just joined is told of by nobody else."""
        nodes = self.nodes_manager
        node = nodes.get_node(host=ask.host, port=ask.port)
        if node is None:
            node = ClusterNode(ask.host, ask.port, PRIMARY, **self.connection_kwargs)
            nodes.set_nodes(nodes.nodes_cache, {node.name: node})
        return node
