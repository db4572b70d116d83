"""Somebody is forgotten while X is asked for their timeline: nothing of them comes back."""

import asyncio

import pytest

from shared.store.connection import connect
from tests.integration.checking import MIDNIGHT_MS, NIGHT_MS
from tests.integration.fetching import DAY_MS, MINUTE_MS, fetching
from tests.integration.serving import serving
from tests.unit.simulator.x import X


@pytest.mark.parametrize("fault", [{"latency_ms": 1200}, {"latency_ms": 1200, "status": 403}])
async def test_a_poll_under_way_leaves_no_trace_of_one_who_was_forgotten(
    redis_db, x_url, x_control, person, fault
):
    x_control.post("/_sim/faults", json={"endpoint": "home", "times": 1, **fault})
    async with fetching(redis_db, x_url) as fetcher:
        account_id = await fetcher.register(person, lasts_ms=DAY_MS)
        polling = asyncio.create_task(fetcher.poll())
        await asyncio.sleep(0.5)
        await fetcher.accounts.forget(account_id, now_ms=fetcher.clock.now_ms())
        await fetcher.data_keys.destroy(account_id)
        await fetcher.ledger.forget(account_id, now_ms=fetcher.clock.now_ms())
        await polling

    assert await named_in(redis_db, str(account_id).encode()) == []


@pytest.mark.parametrize("path", ["reverse_chronological", "/2/tweets"])
async def test_a_check_under_way_leaves_no_trace_of_one_who_was_forgotten(redis_db, path):
    x = X(MIDNIGHT_MS - 60 * MINUTE_MS, simulator_access_token_seconds=10**9)
    rules = {"page_size": 100, "pages": 10}
    async with serving(x.app) as url, fetching(redis_db, url, clock=x.clock, **rules) as fetcher:
        person = await x.person(deletes=False)
        account_id = await fetcher.register(person, lasts_ms=10**12)
        x.clock.at_ms += MINUTE_MS
        await x.post(person, count=1)
        await fetcher.poll()
        x.clock.at_ms = MIDNIGHT_MS + 60 * MINUTE_MS
        (newest,) = await x.post(person, count=1)
        await fetcher.poll()
        await x.post(person, newest - 1)  # surfaced late: billed by the check
        x.clock.at_ms = NIGHT_MS
        forget_while_asked(fetcher, account_id, path)

        polled = await fetcher.poll()
    await x.client.aclose()

    assert polled.outcome == "checked"
    assert await named_in(redis_db, str(account_id).encode()) == []


def forget_while_asked(fetcher, account_id, path):
    """Forget an account while X is asked for this."""
    ask = fetcher.upstream.ask

    async def asked(asked_path, *args):
        answer = await ask(asked_path, *args)
        if asked_path.endswith(path):
            now_ms = fetcher.clock.now_ms()
            await fetcher.accounts.forget(account_id, now_ms=now_ms)
            await fetcher.data_keys.destroy(account_id)
            await fetcher.ledger.forget(account_id, now_ms=now_ms)
        return answer

    fetcher.upstream.ask = asked


async def named_in(redis_url, account_id):
    """Name the keys that name an account, in their name, a field, a member or a value."""
    redis = connect(redis_url)
    found = []
    async for key in redis.scan_iter():
        kind = await redis.type(key)
        read = {b"hash": redis.hgetall, b"set": redis.smembers, b"string": redis.get}.get(kind)
        held = await (read(key) if read else redis.zrange(key, 0, -1))
        if account_id in key or account_id in repr(held).encode():
            found.append(key)
    await redis.aclose()
    return found
