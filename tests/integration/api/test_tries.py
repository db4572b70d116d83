"""Whoever guesses tokens is not listened to for a while; and nobody locks an owner out."""

import asyncio
from contextlib import asynccontextmanager
from itertools import count

import httpx2
import pytest
import redis

from services.api.tries import ACCOUNT_FAILURES, ADDRESS_FAILURES
from shared.store.tries import WINDOW_MS

#: Each caller speaks from an address of its own: what one has failed is not held against another test.
_hosts = count(2)


@pytest.fixture
def elsewhere(gateway_url):
    """Maker of clients of the gateway that each speak from another address."""

    @asynccontextmanager
    async def elsewhere():
        number = next(_hosts)
        host = f"127.7.{number // 250}.{number % 250 + 1}"
        transport = httpx2.AsyncHTTPTransport(local_address=host)
        async with httpx2.AsyncClient(base_url=gateway_url, transport=transport, timeout=30) as client:
            yield client

    return elsewhere


async def fail(client, times, token="roost_1_x"):  # noqa: S107 (it is none)
    """Send tokens that do not hold; tell the statuses."""
    headers = {"authorization": f"Bearer {token}"}
    answers = await asyncio.gather(*(client.get("/v1/timeline", headers=headers) for _ in range(times)))
    return {answer.status_code for answer in answers}


def wrong(person, made):
    """Make a token for a person that could have been given out, and was not."""
    account_id, rest = made.split("_", 2)[1:]
    assert account_id != person.id
    return f"roost_{person.id}_{rest}"


@pytest.mark.parametrize("path", ["/v1/timeline", "/v1/account", "home", "/2/users/me"])
async def test_an_address_that_fails_too_often_is_refused_whatever_it_sends(elsewhere, ada, path):
    path = ada.home if path == "home" else path
    async with elsewhere() as guesser, elsewhere() as other:
        assert await fail(guesser, ADDRESS_FAILURES + 1) == {401}

        refused = await guesser.get(path, headers=ada.headers)
        heard = await other.get(path, headers=ada.headers)
        unsaid = await guesser.get(path)

    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert (refused.json()["title"], refused.json()["status"]) == ("Too Many Requests", 429)
    is_x = path.startswith("/2/")
    assert refused.headers["content-type"].startswith("application/json" if is_x else "application/problem")
    assert heard.status_code == 200
    assert unsaid.status_code == 401  # no token is no try


async def test_some_failures_are_forgiven(elsewhere, ada):
    async with elsewhere() as clumsy:
        assert await fail(clumsy, ADDRESS_FAILURES) == {401}

        assert (await clumsy.get("/v1/timeline", headers=ada.headers)).status_code == 200


async def test_a_missing_token_and_a_missing_scope_are_no_tries(elsewhere, ada, dump):
    async with elsewhere() as client:
        made = await client.post("/v1/account/keys", json={"name": "reader"}, headers=ada.headers)
        headers = {"authorization": f"Bearer {made.json()['token']}"}
        for _ in range(3):
            assert (await client.get("/v1/timeline")).status_code == 401
            assert (await client.put("/v1/account/pause", headers=headers)).status_code == 403

    assert not any(b"tries:" in key for key in dump())


async def test_what_is_counted_tells_neither_address_nor_account_and_goes_after_a_minute(
    elsewhere, people, ada, redis_db, dump
):
    bob = await people.register()
    async with elsewhere() as client:
        assert await fail(client, 1, wrong(bob, ada.token)) == {401}

    counted = [key for key in dump() if b"tries:" in key]
    assert len(counted) == 2
    assert not any(bob.id.encode() in key or b"127." in key for key in counted)
    with redis.Redis.from_url(redis_db) as client:
        assert all(0 < client.pttl(key) <= WINDOW_MS for key in counted)


async def test_an_owner_is_heard_while_others_guess_at_the_account(elsewhere, people, ada):
    bob = await people.register()
    guess = wrong(bob, ada.token)
    for _ in range(5):
        async with elsewhere() as guesser:
            assert await fail(guesser, ACCOUNT_FAILURES // 5, guess) == {401}
    async with elsewhere() as late, elsewhere() as owner:
        assert await fail(late, 1, guess) == {401}

        refused = await late.get("/v1/timeline", headers=bob.headers)
        other = await late.get("/v1/timeline", headers=ada.headers)
        heard = await owner.get("/v1/timeline", headers=bob.headers)

    assert (refused.status_code, other.status_code, heard.status_code) == (429, 200, 200)


async def test_a_cookie_is_a_token_like_any_other(elsewhere, ada):
    async with elsewhere() as guesser:
        for _ in range(ADDRESS_FAILURES + 1):
            headers = {"cookie": "roost_session=roost_1_x"}
            assert (await guesser.get("/v1/account", headers=headers)).status_code == 401

        refused = await guesser.get("/v1/account", headers={"cookie": f"roost_session={ada.token}"})

    assert refused.status_code == 429


async def test_the_window_that_has_ended_counts_no_more(elsewhere, ada, redis_db):
    async with elsewhere() as client:
        await fail(client, ADDRESS_FAILURES)
        with redis.Redis.from_url(redis_db) as store:
            store.delete(*store.keys("tries:*"))  # as after a minute

        assert await fail(client, ADDRESS_FAILURES) == {401}
        assert (await client.get("/v1/timeline", headers=ada.headers)).status_code == 200


async def test_a_token_that_held_lately_is_looked_at_whoever_else_fails_there(elsewhere, ada):
    async with elsewhere() as client:
        assert (await client.get("/v1/timeline", headers=ada.headers)).status_code == 200
        await fail(client, ADDRESS_FAILURES + 2)

        assert (await client.get("/v1/timeline", headers=ada.headers)).status_code == 200
        assert await fail(client, 1) == {429}


async def test_nobody_tries_out_tokens_of_x(elsewhere, redis_db):
    async with elsewhere() as client:
        body = {"oauth2": {"access_token": "never-given-out"}}
        answers = [
            (await client.post("/v1/registrations", json=body)).status_code
            for _ in range(ADDRESS_FAILURES + 2)
        ]

    assert answers[:ADDRESS_FAILURES] == [401] * ADDRESS_FAILURES
    assert answers[-1] == 429
