"""One who signs in by OAuth 2.0: the consent page, the trade, the refresh."""

import base64
import hashlib
from urllib.parse import parse_qsl

from tests.unit.simulator.x import bearer

BACK = "http://127.0.0.1:8080/login/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
ASKED = {
    "response_type": "code",
    "client_id": "roost-simulator-client",
    "redirect_uri": BACK,
    "scope": "tweet.read users.read offline.access",
    "state": "s-7",
    "code_challenge": CHALLENGE,
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


async def status(x, tokens):
    """Ask who these tokens belong to; the status."""
    return (await x.ask("GET", "/2/users/me", headers=bearer({"oauth2": tokens}))).status_code
