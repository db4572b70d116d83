"""Requests that are signed with OAuth 1.0a by keys of the gateway, by clients that nobody here wrote."""

import asyncio

import pytest
import requests
import requests_oauthlib
import tweepy

from shared.clock import Clock
from shared.x.signature import sign
from tests.integration.api.people import ids_now, page_of
from tests.integration.api.test_tweepy import _Elsewhere

KEYS = "/v1/account/keys"


@pytest.fixture
async def made(gateway, ada):
    """A key of Ada's to sign with, as it is shown."""
    answer = await gateway.post(KEYS, json={"name": "the old app", "oauth1": True}, headers=ada.headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def signed(gateway, gateway_url, made):
    """Ask for something, signed; `changes` are made to what is signed with, or asked, afterwards."""

    async def signed(path="/v1/timeline", params=None, *, secret=None, now_s=None, asked=None):
        key = made["oauth1"]
        now_s = now_s or Clock().now_ms() // 1000
        consumer = (key["consumer_key"], key["consumer_secret"])
        token = (key["token"], secret or key["token_secret"])
        header = sign(("GET", f"{gateway_url}{path}"), params or {}, consumer, token, now_s)
        return await gateway.get(path, params=asked or params, headers={"authorization": header})

    return signed


@pytest.fixture
def header_for(gateway_url, made):
    """Sign a request, without its query, right now."""

    def header_for(method, path):
        key = made["oauth1"]
        consumer, token = (key["consumer_key"], key["consumer_secret"]), (key["token"], key["token_secret"])
        return sign((method, f"{gateway_url}{path}"), {}, consumer, token, Clock().now_ms() // 1000)

    return header_for


async def test_a_key_to_sign_with_is_shown_once_and_names_its_owner(gateway, ada, made):
    key = made["oauth1"]
    listed = (await gateway.get(KEYS, headers=ada.headers)).text

    assert key.keys() == {"consumer_key", "consumer_secret", "token", "token_secret"}
    assert key["token"].startswith(f"{ada.id}-")
    assert "token" not in made
    assert not any(value in listed for value in key.values())


async def test_a_signed_request_is_its_owners(people, ada, signed):
    await people.show(ada, page_of(ids_now(3)))

    answer = await signed(params={"max_results": "2", "author": "@jack", "has": "media"})

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("word", ["jack & jill", "ü=%20", "+", ""])
async def test_whatever_the_query_holds_is_signed_rightly(signed, word):
    answer = await signed(params={"author": word})

    assert answer.status_code == 400  # it is known who asks, and the parameter is refused


async def test_what_was_not_signed_so_is_refused(signed):
    wrong_secret = await signed(secret="another")
    other_query = await signed(params={"max_results": "1"}, asked={"max_results": "2"})

    assert [wrong_secret.status_code, other_query.status_code] == [401, 401]


@pytest.mark.parametrize("off_s", [-400, 400])
async def test_a_clock_that_is_off_is_told_by_how_much(signed, off_s):
    answer = await signed(now_s=Clock().now_ms() // 1000 + off_s)

    assert answer.status_code == 401
    assert "set your clock" in answer.json()["detail"]


async def test_a_signature_is_good_once_however_its_nonce_is_written(gateway, header_for):
    header = header_for("GET", "/v1/account")
    first = header.partition('oauth_nonce="')[2][0]
    rewritten = header.replace(f'oauth_nonce="{first}', f'oauth_nonce="%{ord(first):02x}')

    answers = [
        await gateway.get("/v1/account", headers={"authorization": each})
        for each in (header, header, rewritten)
    ]

    assert [answer.status_code for answer in answers] == [200, 401, 401]
    assert all("used before" in answer.json()["detail"] for answer in answers[1:])


async def test_what_does_not_hold_is_told_what_should_have_been_signed(gateway, gateway_url, header_for):
    header = header_for("GET", "/v1/account")
    answer = await gateway.get("/v1/timeline", headers={"authorization": header})

    assert f"GET {gateway_url}/v1/timeline" in answer.json()["detail"]


async def test_who_signs_in_the_query_is_told_to_sign_in_the_header(gateway):
    answer = await gateway.get("/v1/timeline", params={"oauth_token": "12-a", "oauth_signature": "b"})

    assert answer.status_code == 401
    assert "`Authorization: OAuth …`" in answer.json()["detail"]


@pytest.mark.parametrize("host", ["", "[", "[::1", "a b"])
async def test_a_host_that_is_none_is_no_fault_of_the_gateways(gateway, header_for, host):
    header = header_for("GET", "/v1/account")
    answer = await gateway.get("/v1/account", headers={"authorization": header, "host": host})

    assert answer.status_code == 401


async def test_without_a_signature_the_token_opens_nothing(gateway, made):
    token = made["oauth1"]["token"]
    for scheme in ("Bearer ", "OAuth oauth_token=", "OAuth "):
        answer = await gateway.get("/v1/timeline", headers={"authorization": scheme + token})
        assert answer.status_code == 401, scheme


@pytest.mark.parametrize("end", ["revoked", "forgotten"])
async def test_a_key_that_is_no_more_signs_nothing(gateway, ada, made, signed, end):
    path = f"{KEYS}/{made['id']}" if end == "revoked" else "/v1/account"
    await gateway.delete(path, headers=ada.headers)

    assert (await signed()).status_code == 401


async def test_a_signature_gives_no_more_than_the_key_may(gateway, header_for):
    header = header_for("PUT", "/v1/account/pause")

    assert (await gateway.put("/v1/account/pause", headers={"authorization": header})).status_code == 403


async def test_tweepy_signs_and_knows_whose_timeline_it_is(gateway_url, people, ada, made):
    ids = ids_now(7)
    await people.show(ada, page_of(ids))
    key = made["oauth1"]

    def read():
        client = tweepy.Client(
            consumer_key=key["consumer_key"], consumer_secret=key["consumer_secret"],
            access_token=key["token"], access_token_secret=key["token_secret"],
        )  # fmt: skip
        client.session.mount("https://api.twitter.com", _Elsewhere(gateway_url))
        with client.session:
            pages = tweepy.Paginator(client.get_home_timeline, max_results=3)
            return [tweet.id for page in pages for tweet in page.data]

    assert await asyncio.to_thread(read) == ids[::-1]  # it signs for api.twitter.com, whoever is asked


async def test_requests_oauthlib_signs_as_it_does_for_x(gateway_url, people, ada, made):
    await people.show(ada, page_of(ids_now(3)))
    names = ("consumer_key", "consumer_secret", "token", "token_secret")
    auth = requests_oauthlib.OAuth1(*(made["oauth1"][name] for name in names))
    params = {"exclude": "replies,retweets"}

    def read():
        return requests.get(f"{gateway_url}{ada.home}", params=params, auth=auth, timeout=30)

    answer = await asyncio.to_thread(read)

    assert answer.status_code == 200, answer.text
    assert answer.json()["meta"]["result_count"] == 3
