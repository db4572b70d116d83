"""A credential is refreshed once, whoever tries, and whatever line we die at."""

import asyncio

from services.fetcher.refresh import Refresher
from shared.store.connection import StoreError
from shared.x.tokens import Tokens
from shared.x.upstream import App
from tests.integration.fetching import MINUTE_MS, fetching


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


async def test_an_answer_that_is_lost_is_not_asked_for_again(redis_db, x_url, x_control, person, count):
    x_control.post("/_sim/faults", json={"endpoint": "token", "drop": True, "times": 1})
    async with fetching(redis_db, x_url) as fetcher:
        account_id = await fetcher.register(person)
        assert (await fetcher.poll()).outcome == "page"  # by the access token, which is good for a while
    async with fetching(redis_db, x_url, 20 * MINUTE_MS) as later:
        assert (await later.poll()).outcome == "sign-in-needed"
        assert (await later.accounts.find(account_id)).account.parked == "sign-in-needed"

    assert (count()["refreshes"], count()["replays"]) == (1, 0)


async def test_while_x_does_not_refresh_the_token_is_kept_and_used_later(
    redis_db, x_url, x_control, person, count
):
    x_control.post("/_sim/faults", json={"endpoint": "token", "status": 503})
    async with fetching(redis_db, x_url) as fetcher:
        account_id = await fetcher.register(person)
        assert (await fetcher.poll()).outcome == "page"
    async with fetching(redis_db, x_url, 20 * MINUTE_MS) as later:
        assert (await later.poll()).outcome == "unavailable"  # it has expired by now
        x_control.delete("/_sim/faults")
    async with fetching(redis_db, x_url, 60 * MINUTE_MS) as later:
        assert (await later.poll()).outcome == "page"
        assert (await later.accounts.find(account_id)).account.parked == ""

    assert (count()["refreshes"], count()["replays"]) == (1, 0)


async def test_an_app_that_x_does_not_know_costs_nobody_their_sign_in(redis_db, x_url, x_control, person):
    x_control.post("/_sim/faults", json={"endpoint": "token", "status": 401})
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
    redis_db, x_url, x_control, person, count
):
    async with fetching(redis_db, x_url) as fetcher:
        account_id = await fetcher.register(person, lasts_ms=120 * MINUTE_MS)
        x_control.post(f"/_sim/users/{person['id']}/expire")
        assert (await fetcher.poll()).outcome == "sign-in-needed"
    async with fetching(redis_db, x_url, 20 * MINUTE_MS) as later:
        assert (await later.poll()).outcome == "page"
        assert (await later.accounts.find(account_id)).account.parked == ""

    assert count()["refreshes"] == 1


async def test_a_mark_whose_answer_is_lost_is_taken_back(redis_db, x_url, person, count):
    """Redis does as it is asked and its answer does not come: X was not asked, and nobody signs in again."""
    async with fetching(redis_db, x_url) as fetcher:
        account_id = await fetcher.register(person, lasts_ms=0)
        fetcher.refresher = Refresher(
            Tokens(fetcher.upstream, fetcher.app, fetcher.clock),
            (Forgetful(fetcher.credentials), fetcher.climates),
            fetcher.clock,
        )
        fetcher.poller.refresher = fetcher.refresher
        assert (await fetcher.poll()).outcome == "unavailable"
    async with fetching(redis_db, x_url, 20 * MINUTE_MS) as later:
        assert (await later.poll()).outcome == "page"
        assert (await later.accounts.find(account_id)).account.parked == ""

    assert (count()["refreshes"], count()["replays"]) == (1, 0)


class Forgetful:
    """Credentials whose first mark is made, and then seems to have failed."""

    def __init__(self, credentials):
        self._credentials = credentials

    def __getattr__(self, name):
        return getattr(self._credentials, name)

    async def mark(self, lease, sealed):
        assert await self._credentials.mark(lease, sealed)
        raise StoreError("the answer was lost")


async def test_what_x_gave_for_one_who_was_forgotten_meanwhile_is_given_back(
    redis_db, x_url, x_control, person, count
):
    x_control.post("/_sim/faults", json={"endpoint": "token", "latency_ms": 1500, "times": 1})
    async with fetching(redis_db, x_url) as fetcher:
        account_id = await fetcher.register(person)
        polling = asyncio.create_task(fetcher.poll())
        await asyncio.sleep(0.7)
        await fetcher.accounts.forget(account_id, now_ms=fetcher.clock.now_ms())
        await polling

    assert (count()["refreshes"], count()["revocations"]) == (1, 1)


async def test_a_fetcher_that_stops_waits_for_the_refresh_under_way_and_begins_none(
    redis_db, x_url, x_control, person, count
):
    x_control.post("/_sim/faults", json={"endpoint": "token", "latency_ms": 1500, "times": 1})
    async with fetching(redis_db, x_url) as fetcher:
        await fetcher.register(person)
        polling = asyncio.create_task(fetcher.poll())
        await asyncio.sleep(0.7)
        await fetcher.refresher.finish(within_ms=10_000)
        assert count()["refreshes"] == 1
        await polling
        again = x_control.post("/_sim/users", json={}).json()
        await fetcher.register(again)
        assert (await fetcher.poll()).outcome == "page"  # by the access token, which is good for a while

    assert count()["refreshes"] == 1


async def test_an_app_without_a_client_id_refreshes_nothing(redis_db, x_url, person, count):
    async with fetching(redis_db, x_url) as fetcher:
        without = Tokens(fetcher.upstream, App(x_url), fetcher.clock)
        fetcher.poller.refresher = Refresher(without, (fetcher.credentials, fetcher.climates), fetcher.clock)
        await fetcher.register(person)
        assert (await fetcher.poll()).outcome == "page"

    assert count()["refreshes"] == 0
