"""Killed before or after any of its waits, a refresh leaves an account that is usable or asks to sign in."""

import asyncio
import os
import urllib.request

import redis

from tests.integration.fetching import MINUTE_MS, fetching

#: A poll that refreshes waits about so many times; a test sees to it that there are no more.
STEPS = 150


def test_killed_at_any_step_of_a_refresh_the_account_is_usable_or_asks_to_sign_in(
    redis_db, x_url, x_control, count
):
    flush_at_once(redis_db)
    ended = []
    for step in range(STEPS):
        person = x_control.post("/_sim/users", json={}).json()
        account_id = asyncio.run(_registered(redis_db, x_url, person))
        survived = _poll_in_a_process_that_dies(redis_db, x_url, step)
        ended.append(asyncio.run(_what_became(redis_db, x_url, person, account_id)))
        if survived:
            break

    assert survived, "there are more steps than this test takes"
    assert len(ended) > 15
    assert set(ended) == {"usable", "sign-in-needed"}
    assert count()["replays"] == 0


async def _registered(redis_url, x_url, person):
    async with fetching(redis_url, x_url) as fetcher:
        return await fetcher.register(person)


def _poll_in_a_process_that_dies(redis_url, x_url, step):
    """Poll in a process that dies before or after one of its waits; tell whether it ended alive."""
    process = os.fork()
    if process == 0:
        try:
            asyncio.run(_poll_and_die(redis_url, x_url, step))
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0


async def _poll_and_die(redis_url, x_url, step):
    async with fetching(redis_url, x_url) as fetcher:
        lease = await fetcher.claim()
        await DiesAt(fetcher.poll(lease), step)


class DiesAt:
    """Waits as another coroutine does, and ends the process when it has waited so often."""

    def __init__(self, coroutine, step):
        self._coroutine, self._step = coroutine, step

    def __await__(self):
        inner, passed = self._coroutine.__await__(), 0
        send, given = inner.send, None
        while True:
            try:
                waited_for = send(given)
            except StopIteration as end:
                return end.value
            self._maybe_die(passed)
            try:
                send, given = inner.send, (yield waited_for)
            except BaseException as fault:
                send, given = inner.throw, fault
            self._maybe_die(passed + 1)
            passed += 2

    def _maybe_die(self, passed):
        if passed == self._step:
            os._exit(9)


async def _what_became(redis_url, x_url, person, account_id):
    """Poll on until the access token of before has long expired, and tell how the account ends."""
    async with fetching(redis_url, x_url, 20 * MINUTE_MS) as later:
        await later.poll()
    _ask(f"{x_url}/_sim/users/{person['id']}/expire")
    async with fetching(redis_url, x_url, 200 * MINUTE_MS) as later:
        await later.schedule.hasten(account_id, now_ms=later.clock.now_ms(), wanted="0")
        await later.poll()
        await later.accounts.stand(account_id, "paused", now_ms=0)  # or the next claim would be of this one
        kept = await later.accounts.find(account_id)
        return kept.account.parked or {"page": "usable"}[kept.polling.outcome]


def _ask(url):
    with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=10) as answer:
        assert answer.status < 300


def flush_at_once(redis_url):
    """Let Redis flush its file at each write: a second's wait at each of many steps tests nothing more."""
    with redis.Redis.from_url(redis_url) as client:
        client.config_set("appendfsync", "always")
