"""OAuth 2.0 from the consent page to the last refresh, as X has it."""

import base64
import hashlib
from urllib.parse import parse_qsl

from tests.unit.simulator.x import bearer

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
