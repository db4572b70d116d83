"""In whose name X is asked: bearer tokens that expire, OAuth 1.0a signatures that are really verified."""

import re
import time

import pytest
from oauthlib import oauth1

from tests.unit.simulator.x import bearer

UNAUTHORIZED = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
URL = "http://x.test/2/users/me?user.fields=created_at,description&tweet.fields=id"


def signed(person, url=URL, **other):
    """Sign a GET of this address as requests_oauthlib does, with other keys if told so."""
    keys = {
        "client_key": "roost-simulator",
        "client_secret": "roost-simulator-secret",
        "resource_owner_key": person["oauth1"]["token"],
        "resource_owner_secret": person["oauth1"]["token_secret"],
    }
    return oauth1.Client(**keys | other).sign(url)[1]


async def status(x, url, headers):
    """Ask with these headers; the status."""
    answer = await x.ask("GET", url, headers=headers)
    assert answer.status_code == 200 or answer.json() == UNAUTHORIZED
    return answer.status_code


async def test_a_signature_is_believed(x):
    ada = await x.person(username="ada")

    answer = await x.ask("GET", URL, headers=signed(ada))

    assert answer.status_code == 200
    assert answer.json()["data"]["username"] == "ada"


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_secret": "another"},
        {"client_key": "another"},
        {"resource_owner_secret": "another"},
        {"resource_owner_key": "7-another"},
        {"signature_method": oauth1.SIGNATURE_PLAINTEXT},
        {"timestamp": "soon"},
        {"timestamp": "\N{SUPERSCRIPT TWO}"},
    ],
    ids=str,
)
async def test_a_wrong_signature_is_not(x, wrong):
    assert await status(x, URL, signed(await x.person(), **wrong)) == 401


@pytest.mark.parametrize("seconds", [-3600, 3600])
async def test_a_signature_of_another_hour_is_not_believed(x, seconds):
    another = str(time.time_ns() // 10**9 + seconds)

    assert await status(x, URL, signed(await x.person(), timestamp=another)) == 401


async def test_a_signature_that_no_key_can_have_made_is_not_believed(x):
    header = signed(await x.person())["Authorization"]

    header = re.sub('oauth_signature="[^"]*"', 'oauth_signature="%C3%A9"', header)

    assert await status(x, URL, {"authorization": header}) == 401


async def test_a_signature_is_for_one_address_only(x):
    headers = signed(await x.person())

    assert await status(x, URL + "&expansions=pinned_tweet_id", headers) == 401
    assert await status(x, URL.replace("x.test", "y.test"), headers) == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer é", "Basic YTpi", "OAuth", "OAuth a", 'OAuth a="', "é"]
)
async def test_what_is_no_authorization_is_refused(x, header):
    assert await status(x, URL, {"authorization": header.encode()}) == 401


async def test_a_bearer_token_expires_after_two_hours(x):
    ada = await x.person()
    assert ada["oauth2"]["expires_in"] == 7200
    x.clock.at_ms += 7_200_000 - 1
    assert await status(x, URL, bearer(ada)) == 200

    x.clock.at_ms += 1

    assert await status(x, URL, bearer(ada)) == 401
    assert await status(x, URL, signed(ada)) == 200  # those never do


async def test_who_removed_the_app_is_refused_by_either_token(x):
    ada, bob = await x.person(), await x.person()

    await x.control("POST", f"/users/{ada['id']}/revoke")

    assert [await status(x, URL, each) for each in (bearer(ada), signed(ada), bearer(bob))] == [401, 401, 200]


async def test_nobody_reads_the_timeline_of_another(x):
    ada, bob = await x.person(), await x.person()

    answer = await x.home(bob | {"oauth2": ada["oauth2"]})

    assert answer.status_code == 400
    message = answer.json()["errors"][0]["message"]
    assert re.search(r"must be the same as the authenticating user \[" + ada["id"], message)
