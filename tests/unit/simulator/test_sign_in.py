"""OAuth 2.0 tokens, from the trade to the last refresh, as X has them."""

import base64
import re
from html import unescape

import httpx2
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client

from tests.unit.simulator.oauth2 import (
    ASKED,
    BACK,
    CLIENT,
    NO_CLIENT,
    NO_TOKEN,
    VERIFIER,
    consent,
    refresh,
    sign_in,
    status,
    trade,
)
from tests.unit.simulator.x import X, bearer


def submitted(page, decision):
    """Read what a browser would send when the button is pressed."""
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    person = re.search(r"<option selected>([^<]*)", page)[1]
    return {unescape(name): unescape(value) for name, value in fields} | {
        "person": person,
        "decision": decision,
    }


async def test_a_person_who_lets_the_app_in_is_known_by_its_token(x):
    ada = await x.person(username="ada")

    tokens = await sign_in(x, ada)

    assert {name: tokens[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "bearer",
        "expires_in": 7200,
        "scope": "tweet.read users.read offline.access",
    }
    me = await x.ask("GET", "/2/users/me", headers=bearer({"oauth2": tokens}))
    assert me.json()["data"]["username"] == "ada"


async def test_a_refresh_gives_a_new_pair_and_leaves_the_access_token_alone(x):
    first = await sign_in(x, await x.person())

    second = (await refresh(x, first)).json()

    assert len({*first.values(), *second.values()} - {"bearer", 7200, first["scope"]}) == 4
    assert [await status(x, each) for each in (first, second)] == [200, 200]
    x.clock.at_ms += 7_200_000
    assert [await status(x, each) for each in (first, second)] == [401, 401]
    assert await status(x, (await refresh(x, second)).json()) == 200


async def test_a_refresh_token_shown_again_kills_its_family(x):
    ada = await x.person()
    first, other = await sign_in(x, ada), await sign_in(x, ada)
    second = (await refresh(x, first)).json()

    replayed = await refresh(x, first)

    assert replayed.status_code == 400
    assert replayed.json() == {"error": "invalid_request", "error_description": NO_TOKEN}
    assert [await status(x, each) for each in (first, second, other)] == [401, 401, 200]
    assert (await refresh(x, second)).status_code == 400


async def test_authlib_signs_a_person_in_without_knowing_that_this_is_not_x(x):
    ada = await x.person(username="ada")
    async with AsyncOAuth2Client(
        *CLIENT,
        scope=ASKED["scope"],
        redirect_uri=BACK,
        code_challenge_method="S256",
        transport=httpx2.ASGITransport(x.app),
        base_url="http://x.test",
    ) as app:
        url, state = app.create_authorization_url("/i/oauth2/authorize", code_verifier=VERIFIER)
        page = await x.ask("GET", url + "&person=ada")
        back = await x.ask("POST", "/i/oauth2/authorize", data=submitted(page.text, "allow"))
        await app.fetch_token(
            "/2/oauth2/token",
            authorization_response=back.headers["location"],
            state=state,
            code_verifier=VERIFIER,
        )
        first = dict(app.token)

        assert await app.refresh_token("/2/oauth2/token") != first

        assert (await app.get("/2/users/me")).json()["data"]["id"] == ada["id"]
        assert (await app.revoke_token("/2/oauth2/revoke", token=app.token["refresh_token"])).json() == {
            "revoked": True
        }
    assert await status(x, first) == 401


async def test_a_public_client_has_no_secret_and_names_itself():
    x = X(x_client_secret="")
    ada = await x.person()
    code = (await consent(x, ada))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}

    assert (await x.ask("POST", "/2/oauth2/token", data=form)).json() == NO_CLIENT
    tokens = (await x.ask("POST", "/2/oauth2/token", data=form | {"client_id": ASKED["client_id"]})).json()

    assert (await refresh(x, tokens, None)).status_code == 401
    assert (await refresh(x, tokens, None, client_id=ASKED["client_id"])).status_code == 200
    await x.client.aclose()


@pytest.mark.parametrize(
    "header",
    [
        None,
        "Basic",
        "Basic !",
        "Bearer eA==",
        "Basic " + base64.b64encode(b"roost-simulator-client:x").decode(),
    ],
)
async def test_a_confidential_client_shows_its_secret(x, header):
    tokens = await sign_in(x, await x.person())
    headers = {"authorization": header} if header else {}
    form = {"grant_type": "refresh_token", "client_id": ASKED["client_id"], **tokens, "token": "t"}

    answers = [
        await x.ask("POST", f"/2/oauth2/{each}", data=form, headers=headers) for each in ("token", "revoke")
    ]

    assert [(each.status_code, each.json()) for each in answers] == [(401, NO_CLIENT)] * 2
    assert (await refresh(x, tokens)).status_code == 200


async def test_who_is_not_to_be_asked_again_is_not_refreshed(x):
    tokens = await sign_in(x, await x.person(), scope="tweet.read users.read")

    assert "refresh_token" not in tokens
    assert await status(x, tokens) == 200


@pytest.mark.parametrize("form", [{}, {"grant_type": "password"}, {"grant_type": "client_credentials"}])
async def test_other_grants_are_not_given(x, form):
    answer = await x.ask("POST", "/2/oauth2/token", data=form, auth=CLIENT)

    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


async def test_the_tokens_of_the_start_can_be_refreshed(x):
    ada = await x.person()

    tokens = (await refresh(x, ada["oauth2"])).json()

    assert [await status(x, each) for each in (tokens, ada["oauth2"])] == [200, 200]
    assert (await refresh(x, ada["oauth2"])).status_code == 400
    assert [await status(x, each) for each in (tokens, ada["oauth2"])] == [401, 401]


@pytest.mark.parametrize("shown", ["access_token", "refresh_token"])
async def test_revoking_a_token_kills_its_family_and_no_other(x, shown):
    ada = await x.person()
    first, other = await sign_in(x, ada), await sign_in(x, ada)
    second = (await refresh(x, first)).json()

    answers = [
        await x.ask("POST", "/2/oauth2/revoke", data={"token": first[shown]}, auth=CLIENT) for _ in range(2)
    ]

    assert [(each.status_code, each.json()) for each in answers] == [(200, {"revoked": True})] * 2
    assert [await status(x, each) for each in (first, second, other)] == [401, 401, 200]
    assert (await x.control("GET", "/oauth"))["revocations"] == 1


async def test_what_never_was_a_token_cannot_be_revoked(x):
    answer = await x.ask("POST", "/2/oauth2/revoke", data={"token": "never"}, auth=CLIENT)

    assert (answer.status_code, answer.json()["error_description"]) == (400, NO_TOKEN)


async def test_who_removed_the_app_can_let_it_in_again(x):
    ada = await x.person()
    first, on_its_way = await sign_in(x, ada), (await consent(x, ada))["code"]
    await x.control("POST", f"/users/{ada['id']}/revoke")
    assert (await refresh(x, first)).status_code == 400
    assert (await refresh(x, ada["oauth2"])).status_code == 400
    assert (await trade(x, on_its_way)).status_code == 400

    second = await sign_in(x, ada)

    assert [await status(x, each) for each in (first, ada["oauth2"], second)] == [401, 401, 200]


async def test_access_tokens_live_as_long_as_told():
    x = X(simulator_access_token_seconds=60)
    ada = await x.person()

    tokens = await sign_in(x, ada)

    assert (tokens["expires_in"], ada["oauth2"]["expires_in"]) == (60, 60)
    x.clock.at_ms += 60_000
    assert [await status(x, each) for each in (tokens, ada["oauth2"])] == [401, 401]
    await x.client.aclose()


async def test_what_never_was_a_refresh_token_gives_nothing(x):
    answer = await refresh(x, {"refresh_token": "never"})

    assert (answer.status_code, answer.json()["error_description"]) == (400, NO_TOKEN)
    assert (await x.control("GET", "/oauth"))["replays"] == 0
