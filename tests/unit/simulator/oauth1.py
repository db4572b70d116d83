"""One who signs in by OAuth 1.0a, with authlib as it comes."""

from urllib.parse import parse_qsl

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth1Client

BACK = "http://127.0.0.1:8080/login/callback?by=oauth1"
KEYS = ("roost-simulator", "roost-simulator-secret")
REQUEST_TOKEN = "https://x.test/oauth/request_token"
ACCESS_TOKEN = "https://x.test/oauth/access_token"
INVALIDATE = "https://x.test/1.1/oauth/invalidate_token.json"


def client(x, keys=KEYS, **more):
    """Sign with authlib, as it comes."""
    return AsyncOAuth1Client(*keys, transport=httpx2.ASGITransport(x.app), base_url="https://x.test", **more)


async def decide(x, oauth_token, person, decision="allow", path="/oauth/authenticate"):
    """Decide on the consent page; where the browser is sent."""
    form = {"oauth_token": oauth_token, "person": person["username"], "decision": decision}
    return await x.ask("POST", path, data=form)


def told(answer):
    """Read what the app is told in the callback's query."""
    assert answer.status_code == 303, answer.text
    address, _, query = answer.headers["location"].partition("?")
    assert address == BACK.partition("?")[0]
    return dict(parse_qsl(query))


async def sign_in(x, person):
    """Go all the way with authlib; the token."""
    async with client(x, redirect_uri=BACK) as app:
        wish = await app.fetch_request_token(REQUEST_TOKEN)
        news = told(await decide(x, wish["oauth_token"], person))
        return await app.fetch_access_token(ACCESS_TOKEN, verifier=news["oauth_verifier"])


async def status(x, token):
    """Ask in the name of a token who that is; the status."""
    async with client(x, token=token["oauth_token"], token_secret=token["oauth_token_secret"]) as app:
        return (await app.get("/2/users/me?user.fields=name,created_at")).status_code


async def trade(x, wish, verifier):
    """Trade a request token; the whole answer."""
    token = {"token": wish["oauth_token"], "token_secret": wish["oauth_token_secret"]}
    async with client(x, **token, verifier=verifier) as app:
        return await app.post("/oauth/access_token")
