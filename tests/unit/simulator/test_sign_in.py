"""OAuth 2.0 from the consent page to the last refresh, as X has it."""

import base64
import hashlib
import re
from html import unescape
from urllib.parse import parse_qsl

import httpx2
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client

from tests.unit.simulator.x import X, bearer

BACK = "http://127.0.0.1:8080/login/callback"
VERIFIER = "v" * 43
ASKED = {
    "response_type": "code",
    "client_id": "roost-simulator-client",
    "redirect_uri": BACK,
    "scope": "tweet.read users.read offline.access",
    "state": "s-7",
    "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
    .decode()
    .rstrip("="),
    "code_challenge_method": "S256",
}
CLIENT = ("roost-simulator-client", "roost-simulator-client-secret")
NO_TOKEN = "Value passed for the token was invalid."
NO_CODE = "Value passed for the authorization code was invalid."
NO_CLIENT = {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}


async def consent(x, person, decision="allow", **other):
    """Decide on the consent page; what the app is told."""
    answer = await x.ask(
        "POST",
        "/i/oauth2/authorize",
        data=ASKED | other | {"person": person["username"], "decision": decision},
    )
    assert answer.status_code == 303, answer.text
    address, _, told = answer.headers["location"].partition("?")
    assert address == BACK
    return dict(parse_qsl(told))


async def trade(x, code, **other):
    """Trade a code for tokens; the whole answer."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    return await x.ask("POST", "/2/oauth2/token", data=form | other, auth=CLIENT)


async def refresh(x, tokens, auth=CLIENT, **other):
    """Trade a refresh token for new tokens; the whole answer."""
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    return await x.ask("POST", "/2/oauth2/token", data=form | other, auth=auth)


async def sign_in(x, person, **other):
    """Go all the way; the tokens."""
    answer = await trade(x, (await consent(x, person, **other))["code"])
    assert answer.status_code == 200, answer.text
    return answer.json()


def submitted(page, decision):
    """Read what a browser would send when the button is pressed."""
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    person = re.search(r"<option selected>([^<]*)", page)[1]
    return {unescape(name): unescape(value) for name, value in fields} | {
        "person": person,
        "decision": decision,
    }


async def status(x, tokens):
    """Ask who these tokens belong to; the status."""
    return (await x.ask("GET", "/2/users/me", headers=bearer({"oauth2": tokens}))).status_code


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


async def test_the_page_asks_for_what_the_app_asks_for(x):
    await x.person(username="ada")
    await x.person(username="bob")

    page = await x.ask("GET", "/i/oauth2/authorize", params=ASKED | {"state": '"><script>'})

    assert page.status_code == 200
    assert re.findall(r"<option[^>]*>\w+", page.text) == ["<option selected>ada", "<option>bob"]
    assert "See who you are" in page.text
    assert "<script" not in page.text
    assert {'form id="consent"', 'select id="person"', 'button id="allow"', 'button id="deny"'} <= set(
        re.findall(r'(?:form|select|button) id="\w+"', page.text)
    )


async def test_a_person_can_be_chosen_beforehand(x):
    await x.person(username="ada")
    await x.person(username="bob")

    page = await x.ask("GET", "/i/oauth2/authorize", params=ASKED | {"person": "bob"})

    assert re.findall(r"<option[^>]*>\w+", page.text) == ["<option>ada", "<option selected>bob"]


async def test_a_person_who_keeps_the_app_out_gives_no_code(x):
    ada = await x.person()

    assert await consent(x, ada, "deny") == {"error": "access_denied", "state": "s-7"}
    assert await consent(x, ada, "") == {"error": "access_denied", "state": "s-7"}


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"response_type": "token"}, "response_type"),
        ({"client_id": "another"}, "client_id"),
        ({"redirect_uri": "http://elsewhere.test/"}, "redirect_uri"),
        ({"redirect_uri": "//127.0.0.1/"}, "redirect_uri"),
        ({"redirect_uri": "https://"}, "redirect_uri"),
        ({"redirect_uri": "https://[/"}, "redirect_uri"),
        ({"redirect_uri": BACK + "#part"}, "redirect_uri"),
        ({"scope": ""}, "scope"),
        ({"scope": "tweet.read everything"}, "scope"),
        ({"state": ""}, "state"),
        ({"state": "s" * 501}, "state"),
        ({"code_challenge": ""}, "code_challenge"),
        ({"code_challenge_method": "s256"}, "code_challenge_method"),
        ({"person": "nobody"}, "Nobody"),
    ],
    ids=str,
)
async def test_a_wrong_request_gets_a_page_that_says_what_is_wrong(x, wrong, word):
    ada = await x.person()
    asked = ASKED | wrong

    answers = [
        await x.ask("GET", "/i/oauth2/authorize", params=asked),
        await x.ask(
            "POST", "/i/oauth2/authorize", data={"person": ada["username"], "decision": "allow"} | asked
        ),
    ]

    for answer in answers:
        assert answer.status_code == 400
        assert answer.headers["content-type"].startswith("text/html")
        assert word in answer.text


@pytest.mark.parametrize(
    "back", ["https://roost.example/login?a=b", "http://localhost:1/", "http://[::1]:80/x"]
)
async def test_a_person_is_sent_back_safely_or_within_this_machine(x, back):
    ada = await x.person()
    form = ASKED | {"redirect_uri": back, "person": ada["username"], "decision": "allow"}

    answer = await x.ask("POST", "/i/oauth2/authorize", data=form)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith(
        back + ("&" if "?" in back else "?") + "state=s-7&code=code-"
    )


async def test_a_code_lives_thirty_seconds(x):
    ada = await x.person()
    young, old = (await consent(x, ada))["code"], (await consent(x, ada))["code"]
    x.clock.at_ms += 29_999
    assert (await trade(x, young)).status_code == 200

    x.clock.at_ms += 1

    answer = await trade(x, old)
    assert (answer.status_code, answer.json()["error_description"]) == (400, NO_CODE)


async def test_a_code_that_comes_again_takes_back_what_it_gave(x):
    code = (await consent(x, await x.person()))["code"]
    tokens = (await trade(x, code)).json()
    assert await status(x, tokens) == 200

    answer = await trade(x, code)

    assert (answer.status_code, answer.json()["error_description"]) == (400, NO_CODE)
    assert await status(x, tokens) == 401
    assert (await refresh(x, tokens)).status_code == 400
    assert (await x.control("GET", "/oauth"))["families_killed"] == 1


@pytest.mark.parametrize(
    "wrong",
    [{"redirect_uri": BACK + "/"}, {"code_verifier": "w" * 43}, {"code_verifier": "é"}, {"redirect_uri": ""}],
)
async def test_a_code_is_for_who_asked_for_it(x, wrong):
    code = (await consent(x, await x.person()))["code"]

    answer = await trade(x, code, **wrong)

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


async def test_a_plain_challenge_is_its_own_verifier(x):
    ada = await x.person()
    plain = {"code_challenge": VERIFIER, "code_challenge_method": "plain"}

    code = (await consent(x, ada, **plain))["code"]

    assert (await trade(x, code)).status_code == 200


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
