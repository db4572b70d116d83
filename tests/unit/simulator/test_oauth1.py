"""OAuth 1.0a from the request token to the end of the user token, as X has it."""

from urllib.parse import urlencode

import pytest
from oauthlib import oauth1

from tests.unit.simulator.oauth1 import (
    ACCESS_TOKEN,
    BACK,
    INVALIDATE,
    KEYS,
    REQUEST_TOKEN,
    client,
    decide,
    sign_in,
    status,
    told,
    trade,
)
from tests.unit.simulator.x import bearer


async def test_authlib_signs_a_person_in_without_knowing_that_this_is_not_x(x):
    ada = await x.person(username="ada")
    async with client(x, redirect_uri=BACK) as app:
        wish = await app.fetch_request_token(REQUEST_TOKEN)
        assert wish["oauth_callback_confirmed"] == "true"
        page = await x.ask("GET", app.create_authorization_url("/oauth/authenticate"))
        assert page.status_code == 200
        assert 'id="consent"' in page.text
        back = await decide(x, wish["oauth_token"], ada)
        assert told(back)["by"] == "oauth1"
        app.parse_authorization_response(back.headers["location"])

        token = await app.fetch_access_token(ACCESS_TOKEN)

        assert (token["user_id"], token["screen_name"]) == (ada["id"], "ada")
        me = await app.get("/2/users/me")
    assert me.json()["data"]["username"] == "ada"


async def test_the_app_is_given_the_same_token_again_while_it_is_good(x):
    ada = await x.person()

    first, second = await sign_in(x, ada), await sign_in(x, ada)

    assert first == second
    assert first["oauth_token"] == ada["oauth1"]["token"]


async def test_an_invalidated_token_is_dead_and_the_next_sign_in_gives_another(x):
    first = await sign_in(x, ada := await x.person())
    async with client(x, token=first["oauth_token"], token_secret=first["oauth_token_secret"]) as app:
        answer = await app.post(INVALIDATE)
        again = await app.post(INVALIDATE)

    assert (answer.status_code, answer.json()) == (200, {"access_token": first["oauth_token"]})
    assert (again.status_code, again.json()["errors"][0]["code"]) == (401, 89)
    second = await sign_in(x, ada)
    assert second["oauth_token"].startswith(f"{ada['id']}-")
    assert [await status(x, each) for each in (first, second)] == [401, 200]
    assert (await x.control("GET", "/oauth"))["revocations"] == 1


async def test_who_removed_the_app_can_let_it_in_again(x):
    first = await sign_in(x, ada := await x.person())
    await x.control("POST", f"/users/{ada['id']}/revoke")
    assert await status(x, first) == 401

    second = await sign_in(x, ada)

    assert [await status(x, each) for each in (first, second)] == [401, 200]
    assert (await x.ask("GET", "/2/users/me", headers=bearer(ada))).status_code == 401


async def test_who_removes_the_app_half_way_is_not_signed_in(x):
    ada = await x.person()
    async with client(x, redirect_uri=BACK) as app:
        wish = await app.fetch_request_token(REQUEST_TOKEN)
        news = told(await decide(x, wish["oauth_token"], ada))

        await x.control("POST", f"/users/{ada['id']}/revoke")

        answer = await trade(x, wish, news["oauth_verifier"])
    assert answer.status_code == 401


async def test_a_person_who_keeps_the_app_out_is_not_signed_in(x):
    ada = await x.person()
    async with client(x, redirect_uri=BACK) as app:
        wish = await app.fetch_request_token(REQUEST_TOKEN)

    assert told(await decide(x, wish["oauth_token"], ada, "deny")) == {
        "by": "oauth1",
        "denied": wish["oauth_token"],
    }
    assert (await decide(x, wish["oauth_token"], ada)).status_code == 400
    assert (await trade(x, wish, "")).status_code == 401


async def test_a_request_token_is_good_once(x):
    ada = await x.person()
    async with client(x, redirect_uri=BACK) as app:
        wish = await app.fetch_request_token(REQUEST_TOKEN)
    news = told(await decide(x, wish["oauth_token"], ada, path="/oauth/authorize"))
    assert (await decide(x, wish["oauth_token"], ada)).status_code == 400

    answers = [await trade(x, wish, news["oauth_verifier"]) for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 401]


@pytest.mark.parametrize("verifier", ["", "another"])
async def test_a_request_token_needs_consent_and_its_verifier(x, verifier):
    ada = await x.person()
    async with client(x, redirect_uri=BACK) as app:
        wish = await app.fetch_request_token(REQUEST_TOKEN)
    before = await trade(x, wish, verifier)
    await decide(x, wish["oauth_token"], ada)

    after = await trade(x, wish, verifier)

    assert [(each.status_code, each.json()["errors"][0]["code"]) for each in (before, after)] == [
        (401, 89)
    ] * 2


@pytest.mark.parametrize("keys", [("roost-simulator", "another"), ("another", "roost-simulator-secret")])
async def test_a_sign_in_that_another_app_signed_does_not_begin(x, keys):
    async with client(x, keys, redirect_uri=BACK) as app:
        answer = await app.post("/oauth/request_token")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, 32)


@pytest.mark.parametrize("callback", [None, "oob", "http://elsewhere.test/", "/login", "javascript:alert(1)"])
async def test_a_callback_that_leads_nowhere_is_not_approved(x, callback):
    async with client(x, redirect_uri=callback) as app:
        answer = await app.post("/oauth/request_token")

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, 415)


async def test_what_stands_in_the_form_is_signed_too(x):
    form, other = (urlencode({"oauth_callback": BACK + more}) for more in ("", "&more"))
    headers = {"content-type": "application/x-www-form-urlencoded"}
    _, signed, body = oauth1.Client(*KEYS).sign(REQUEST_TOKEN, "POST", form, headers)

    answers = [await x.ask("POST", REQUEST_TOKEN, content=each, headers=signed) for each in (body, other)]

    assert [each.status_code for each in answers] == [200, 401]


async def test_a_request_token_that_never_was_gets_a_page_that_says_so(x):
    ada = await x.person()

    answers = [
        await x.ask("GET", "/oauth/authenticate?oauth_token=never"),
        await x.ask("GET", "/oauth/authorize"),
        await decide(x, "never", ada),
    ]

    assert [each.status_code for each in answers] == [400] * 3
    assert all("not known here" in each.text for each in answers)


async def test_nobody_can_be_somebody_who_is_not_there(x):
    async with client(x, redirect_uri=BACK) as app:
        wish = await app.fetch_request_token(REQUEST_TOKEN)

    answer = await decide(x, wish["oauth_token"], {"username": "nobody"})

    assert answer.status_code == 400
    assert "Nobody here has that name" in answer.text
