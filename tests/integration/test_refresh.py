"""A credential is refreshed once, whoever tries, and whatever line we die at."""

import asyncio
import os
import urllib.request

import httpx2
import pytest
import redis

from tests.integration.fetching import MINUTE_MS, fetching
from tests.servers.programs import Programs


@pytest.fixture(scope="module")
def x_url(tmp_path_factory):
    programs = Programs(tmp_path_factory.mktemp("simulator"))
    yield programs.start_simulator(simulator_window_limit=9000)
    programs.end()


@pytest.fixture
def x(x_url):
    with httpx2.Client(base_url=x_url, timeout=30) as client:
        yield client
        client.delete("/_sim/faults")


@pytest.fixture
def person(x):
    return x.post("/_sim/users", json={}).json()


@pytest.fixture
def count(x):
    """Count what X has been asked since the test began."""
    before = x.get("/_sim/oauth").json()
    return lambda: {name: number - before[name] for name, number in x.get("/_sim/oauth").json().items()}


async def test_a_poll_refreshes_what_expires_shortly_and_goes_on_with_it(redis_db, x_url, person, count):
    async with fetching(redis_db, x_url) as fetcher:
        await fetcher.register(person)

        assert (await fetcher.poll()).outcome == "page"

    assert count()["refreshes"] == 1
    async with fetching(redis_db, x_url, 30 * MINUTE_MS) as later:
        assert (await later.poll()).outcome == "page"
    assert count()["refreshes"] == 1


async def test_of_fifty_workers_with_one_job_one_refreshes(redis_db, x_url, person, count):
    async with fetching(redis_db, x_url) as fetcher:
        await fetcher.register(person)
        lease = await fetcher.claim()

        polled = await asyncio.gather(*(fetcher.poll(lease) for _ in range(50)))

    assert sorted(each.outcome for each in polled) == ["late"] * 49 + ["page"]
    assert count()["refreshes"] == 1
    assert count()["replays"] == 0


async def test_of_fifty_workers_whose_leases_run_out_at_once_one_refreshes(redis_db, x_url, person, count):
    async with fetching(redis_db, x_url) as fetcher:
        await fetcher.register(person)
        leases = [await fetcher.claim(lease_ms=0) for _ in range(50)]

        await asyncio.gather(*(fetcher.poll(lease) for lease in leases))
        again = [await fetcher.schedule.claim(now_ms=2**45, lease_ms=0, per_shard=1) for _ in range(10)]
        await asyncio.gather(*(fetcher.poll(lease) for (lease,) in again))

    assert count()["refreshes"] == 1
    assert count()["replays"] == 0


async def test_an_answer_that_is_lost_is_not_asked_for_again(redis_db, x_url, x, person, count):
    x.post("/_sim/faults", json={"endpoint": "token", "drop": True, "times": 1})
    async with fetching(redis_db, x_url) as fetcher:
        account_id = await fetcher.register(person)
        assert (await fetcher.poll()).outcome == "page"  # by the access token, which is good for a while
    async with fetching(redis_db, x_url, 20 * MINUTE_MS) as later:
        assert (await later.poll()).outcome == "sign-in-needed"
        assert (await later.accounts.find(account_id)).account.parked == "sign-in-needed"

    assert (count()["refreshes"], count()["replays"]) == (1, 0)


async def test_while_x_does_not_refresh_the_token_is_kept_and_used_later(redis_db, x_url, x, person, count):
    x.post("/_sim/faults", json={"endpoint": "token", "status": 503})
    async with fetching(redis_db, x_url) as fetcher:
        account_id = await fetcher.register(person)
        assert (await fetcher.poll()).outcome == "page"
    async with fetching(redis_db, x_url, 20 * MINUTE_MS) as later:
        assert (await later.poll()).outcome == "unavailable"  # it has expired by now
        x.delete("/_sim/faults")
    async with fetching(redis_db, x_url, 60 * MINUTE_MS) as later:
        assert (await later.poll()).outcome == "page"
        assert (await later.accounts.find(account_id)).account.parked == ""

    assert (count()["refreshes"], count()["replays"]) == (1, 0)


async def test_an_app_that_x_does_not_know_costs_nobody_their_sign_in(redis_db, x_url, x, person):
    x.post("/_sim/faults", json={"endpoint": "token", "status": 401})
    async with fetching(redis_db, x_url, 0) as fetcher:
        account_id = await fetcher.register(person, lasts_ms=0)
        assert (await fetcher.poll()).outcome == "client-refused"
        assert (await fetcher.accounts.find(account_id)).account.parked == ""


async def test_without_a_refresh_token_it_serves_until_it_expires(redis_db, x_url, person):
    alone = person | {"oauth2": person["oauth2"] | {"refresh_token": None}}
    async with fetching(redis_db, x_url) as fetcher:
        await fetcher.register(alone)
        assert (await fetcher.poll()).outcome == "page"
    async with fetching(redis_db, x_url, 20 * MINUTE_MS) as later:
        assert (await later.poll()).outcome == "sign-in-needed"


async def test_an_access_token_that_x_takes_back_is_replaced_by_the_next_poll(
    redis_db, x_url, x, person, count
):
    async with fetching(redis_db, x_url) as fetcher:
        account_id = await fetcher.register(person, lasts_ms=120 * MINUTE_MS)
        x.post(f"/_sim/users/{person['id']}/expire")
        assert (await fetcher.poll()).outcome == "sign-in-needed"
    async with fetching(redis_db, x_url, 20 * MINUTE_MS) as later:
        assert (await later.poll()).outcome == "page"
        assert (await later.accounts.find(account_id)).account.parked == ""

    assert count()["refreshes"] == 1


#: A poll that refreshes waits about so many times; a test sees to it that there are no more.
STEPS = 60


def test_killed_at_any_step_of_a_refresh_the_account_is_usable_or_asks_to_sign_in(redis_db, x_url, x, count):
    flush_at_once(redis_db)
    ended = []
    for step in range(STEPS):
        person = x.post("/_sim/users", json={}).json()
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
        await later.schedule.hasten(account_id, now_ms=later.clock.now_ms())
        await later.poll()
        await later.accounts.stand(account_id, "paused", now_ms=0)  # or the next claim would be of this one
        kept = await later.accounts.find(account_id)
        return kept.account.parked or {"page": "usable"}[kept.outcome]


def _ask(url):
    with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=10) as answer:
        assert answer.status < 300


def flush_at_once(redis_url):
    """Let Redis flush its file at each write: a second's wait at each of many steps tests nothing more."""
    with redis.Redis.from_url(redis_url) as client:
        client.config_set("appendfsync", "always")
