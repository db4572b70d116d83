"""A cluster in trouble: slots that move, nodes that die or fall silent, scripts that a node has forgotten."""

import asyncio
import time

import pytest

from shared.store import scripts
from shared.store.connection import StoreError, connect
from tests.servers.process import until

NAMES = [f"{{s{shard}}}:n" for shard in range(256)]
#: Longer than it takes the nodes to agree that one has failed, and on who follows it.
FAILOVER_SECONDS = 20


@pytest.fixture
async def redis(cluster):
    redis = connect(cluster.url)
    yield redis
    await redis.aclose()


async def write(redis, value):
    """Write a value under every name, and read it back in the same round trip."""
    read = await redis.get_all(NAMES, after=[("SET", name, value) for name in NAMES])
    assert read == [str(value).encode()] * len(NAMES)


def elsewhere(cluster, name):
    """Name a node that has not this key, and the key's slot."""
    source = cluster.primary_of(name)
    target = next(node for node in cluster.primaries() if node is not source)
    return target, source.client.cluster("keyslot", name)


async def test_slots_move_while_they_are_in_use_and_nobody_notices(redis, cluster):
    await write(redis, 0)
    (target, _), source = elsewhere(cluster, NAMES[0]), cluster.primary_of(NAMES[0])
    moving = [name for name in NAMES if cluster.primary_of(name) is source][:20]

    async def write_on():
        for value in range(1, 400):
            await write(redis, value)

    writing = asyncio.create_task(write_on())
    for name in moving:
        slot = cluster.nodes[0].client.cluster("keyslot", name)
        await asyncio.to_thread(cluster.move, slot, target)
    await writing

    assert cluster.primary_of(moving[0]) is target


async def test_a_script_waits_while_only_some_of_its_keys_have_moved(redis, cluster):
    own = ["{s0}:a", "{s0}:b"]
    add = scripts.Script(redis, "return {redis.call('INCR', KEYS[1]), redis.call('INCR', KEYS[2])}")
    assert await add(own, []) == [1, 1]
    target, slot = elsewhere(cluster, own[0])
    cluster.begin_to_move(slot, target, own[0])

    adding = asyncio.create_task(add(own, []))
    await asyncio.sleep(0.2)
    assert not adding.done()
    await asyncio.to_thread(cluster.move, slot, target)

    assert await adding == [2, 2]


async def test_one_key_is_found_where_it_has_arrived(redis, cluster):
    await redis.set("{s0}:a", "here")
    target, slot = elsewhere(cluster, "{s0}:a")
    cluster.begin_to_move(slot, target, "{s0}:a")

    asked = [("GET", "{s0}:a"), ("SET", "{s0}:b", 1), ("GET", "{s0}:a")]
    answers = await redis.ask_all(asked)
    cluster.move(slot, target)

    assert answers == [b"here", b"OK", b"here"] == await redis.ask_all(asked)


async def test_a_script_that_one_node_has_forgotten_is_sent_to_it_again(redis, cluster):
    add = scripts.Script(redis, "return redis.call('INCR', KEYS[1])")
    assert await add.call_all([([name], []) for name in NAMES]) == [1] * len(NAMES)
    cluster.primary_of(NAMES[0]).client.script_flush()

    assert await add.call_all([([name], []) for name in NAMES]) == [2] * len(NAMES)


async def test_a_primary_dies_and_its_replica_goes_on(redis, cluster):
    await write(redis, 1)
    cluster.primary_of(NAMES[0]).process.kill()
    died, value, faults = time.monotonic(), 1, 0

    while True:
        value += 1
        try:
            await write(redis, value)
            break
        except StoreError:
            faults += 1
            assert time.monotonic() - died < FAILOVER_SECONDS

    await write(redis, value + 1)


async def test_who_asks_another_node_does_not_wait_for_one_that_is_silent(redis, cluster):
    await write(redis, 1)
    add = scripts.Script(redis, "return redis.call('INCR', KEYS[1])").together()
    silent = cluster.primary_of(NAMES[0])
    others = [name for name in NAMES if cluster.primary_of(name) is not silent]
    silent.process.hang()
    try:
        waiting = asyncio.create_task(add(([NAMES[0]], [])))
        began = time.monotonic()
        assert await asyncio.gather(*(add(([name], [])) for name in others)) == [2] * len(others)
        assert not waiting.done(), f"after {time.monotonic() - began} s"

        assert await _in_the_end(waiting, lambda: add(([NAMES[0]], []))) >= 2
    finally:
        silent.process.go_on()


async def _in_the_end(asked, again):
    """Ask again until a replica has taken the place of the node that is silent."""
    began = time.monotonic()
    while True:
        try:
            return await asked
        except StoreError:
            assert time.monotonic() - began < FAILOVER_SECONDS
            asked = again()


async def test_what_is_to_be_safe_is_on_disk_and_with_a_replica(redis, cluster):
    keep = scripts.Script(redis, "return redis.call('SET', KEYS[1], ARGV[1])")
    assert await keep.call_and_flush((["{s0}:a"], ["kept"]), within_ms=2000) == (b"OK", True)

    primary = cluster.primary_of("{s0}:a")
    replica = cluster.replica_of(primary)
    replica.process.hang()
    try:
        answer, is_safe = await keep.call_and_flush((["{s0}:a"], ["alone"]), within_ms=300)
    finally:
        replica.process.go_on()

    assert (answer, is_safe) == (b"OK", False)


async def test_no_node_at_all_is_an_error_in_time(cluster):
    redis = connect(cluster.url)
    for node in cluster.nodes:
        node.process.kill()
    for call in (lambda: redis.ask_all([("GET", "a")]), lambda: redis.get("a")):
        with pytest.raises(StoreError):
            await call()
    with pytest.raises(StoreError):
        async with redis.listening():
            pass
    await redis.aclose()


async def test_a_script_that_was_answered_is_not_called_again_when_its_slot_moves(redis, cluster):
    add = scripts.Script(redis, "return redis.call('INCR', KEYS[1])")
    one, other = ["{s0}:a"], ["{s0}:b"]
    assert await add.call_all([(one, []), (other, [])]) == [1, 1]
    target, slot = elsewhere(cluster, one[0])
    cluster.begin_to_move(slot, target, one[0])

    answers = await add.call_all([(one, []), (other, [])])
    cluster.move(slot, target)

    assert answers == [2, 2]


async def test_a_single_command_finds_a_key_that_has_arrived_elsewhere(redis, cluster):
    await asyncio.gather(*(redis.set(name, "here") for name in NAMES))  # over many connections
    target, slot = elsewhere(cluster, NAMES[0])
    cluster.begin_to_move(slot, target, NAMES[0])

    found = [await redis.get(NAMES[0]) for _ in range(4)]
    cluster.move(slot, target)

    assert found == [b"here"] * 4


async def test_a_replica_that_is_silent_does_not_make_its_primary_seem_lost(redis, cluster):
    add = scripts.Script(redis, "return redis.call('INCR', KEYS[1])")
    primary = cluster.primary_of("{s0}:a")
    replica = cluster.replica_of(primary)
    replica.process.hang()
    try:
        answer, is_safe = await add.call_and_flush((["{s0}:a"], []), within_ms=3000)
    finally:
        replica.process.go_on()

    assert (answer, is_safe) == (1, False)


async def test_what_is_to_be_safe_is_so_though_primary_and_replica_have_changed_places(redis, cluster):
    keep = scripts.Script(redis, "return redis.call('SET', KEYS[1], ARGV[1])")
    assert await keep.call_and_flush((["{s0}:a"], ["before"]), within_ms=2000) == (b"OK", True)
    before = cluster.primary_of("{s0}:a")
    replica = cluster.replica_of(before)
    replica.client.cluster("failover")
    await asyncio.to_thread(until, lambda: before not in cluster.primaries() and before.is_well())

    assert await keep.call_and_flush((["{s0}:a"], ["after"]), within_ms=2000) == (b"OK", True)


async def test_a_command_waits_for_one_of_its_slot_that_was_sent_elsewhere(redis, cluster):
    await redis.ask_all([("SET", "{s0}:a", 1), ("SET", "{s0}:b", 1)])
    target, slot = elsewhere(cluster, "{s0}:a")
    source = cluster.begin_to_move(slot, target, "{s0}:a")

    target.client.client_pause(600, all=False)
    asking = asyncio.create_task(redis.ask_all([("SET", "{s0}:a", 2), ("INCR", "{s0}:b")]))
    await asyncio.sleep(0.3)
    counted = source.client.get("{s0}:b")
    answers = await asking
    cluster.move(slot, target)

    assert counted == b"2"  # it went with the first, and is to come after it
    assert answers == [b"OK", 3]


async def test_who_is_sent_from_one_node_to_the_other_and_back_rests_between(redis, cluster):
    name = "{s0}:a"
    await redis.get(name)
    target, slot = elsewhere(cluster, name)
    source = cluster.primary_of(name)
    for node in (source, target):
        node.client.config_resetstat()
    source.client.cluster("setslot", slot, "node", target.id)
    try:
        with pytest.raises(StoreError):
            await redis.get(name)
    finally:
        source.client.cluster("setslot", slot, "node", source.id)

    told = (node.client.info("commandstats")["cmdstat_get"] for node in (source, target))
    assert sum(each["rejected_calls"] for each in told) < 60
