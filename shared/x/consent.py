"""
Send a person's browser to X to be asked, and read what it comes back with.

    OAuth 2.0    authorization code with PKCE: nothing is asked of X before the person is there
    OAuth 1.0a   three legs: a request token first, then the person, then their token

What must be remembered between the two (the verifier, the request token's secret) is a
`Pending`, which the caller keeps shut until the browser is back.

Source: docs.x.com, OAuth 2.0 authorization code flow with PKCE and 3-legged OAuth, read 2026-08-22.
"""

import secrets
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from shared.clock import Clock
from shared.domain.credential import OAuth1Credential, OAuth2Credential
from shared.domain.outcome import Failure, Malformed, Refused, Unavailable
from shared.x.refusal import read_refusal
from shared.x.signature import sign
from shared.x.tokens import Tokens
from shared.x.upstream import App, Broken, Reply, Upstream

#: What reading a home timeline and staying signed in take.
SCOPE = "tweet.read users.read offline.access"
_X_SITE = "https://x.com"
_TIMEOUT_SECONDS = 10.0
_CLOCK = Clock()


@dataclass(frozen=True, slots=True)
class Pending:
    """
    What is remembered while a person is at X.

    For OAuth 2.0 `key` is empty and `secret` the code verifier; for OAuth 1.0a they are the request token.
    """

    callback: str
    secret: str
    key: str = ""

    def __repr__(self) -> str:
        return f"Pending({self.callback!r}, ***)"


class OAuth2Consent:
    """Ask by OAuth 2.0."""

    def __init__(self, tokens: Tokens, app: App) -> None:
        self._tokens = tokens
        self._app = app

    def begin(self, callback: str, state: str) -> tuple[str, Pending]:
        """Say where the browser is sent, and what is to be remembered."""
        pending = Pending(callback, secrets.token_urlsafe(48))
        address = prepare_grant_uri(
            f"{self._app.site_url or _X_SITE}/i/oauth2/authorize",
            self._app.client_id,
            "code",
            redirect_uri=callback,
            scope=SCOPE,
            state=state,
            code_challenge=create_s256_code_challenge(pending.secret),  # type: ignore[no-untyped-call] # untyped in authlib
            code_challenge_method="S256",
        )
        return str(address), pending

    async def finish(self, pending: Pending, code: str) -> OAuth2Credential | Failure:
        """Trade the code that the browser came back with for the person's credential."""
        return await self._tokens.grant(code, pending.secret, pending.callback)


class OAuth1Consent:
    """Ask by OAuth 1.0a."""

    def __init__(self, upstream: Upstream, app: App) -> None:
        self._upstream = upstream
        self._app = app

    async def begin(self, callback: str) -> tuple[str, Pending] | Failure:
        """Get a request token; say where the browser is sent, and what is to be remembered."""
        answer = await self._post("/oauth/request_token", {"oauth_callback": callback}, ("", ""))
        match answer:
            case {"oauth_callback_confirmed": "true", "oauth_token": key, "oauth_token_secret": secret}:
                site = self._app.site_url or self._app.api_url
                address = f"{site}/oauth/authenticate?{urlencode({'oauth_token': key})}"
                return address, Pending(callback, secret, key)
            case dict():
                return Malformed("request-token")
            case _:
                return answer

    async def finish(self, pending: Pending, verifier: str) -> OAuth1Credential | Failure:
        """Trade the verifier that the browser came back with for the person's credential."""
        answer = await self._post(
            "/oauth/access_token", {"oauth_verifier": verifier}, (pending.key, pending.secret)
        )
        match answer:
            case {"oauth_token": token, "oauth_token_secret": secret}:
                return OAuth1Credential(token, secret)
            case dict():
                return Malformed("access-token")
            case _:
                return answer

    async def _post(
        self, path: str, oauth: dict[str, str], token: tuple[str, str]
    ) -> dict[str, str] | Failure:
        app = self._app
        request = ("POST", f"{app.api_url}{path}")
        consumer = (app.consumer_key, app.consumer_secret)
        authorization = sign(request, oauth, consumer, token, _CLOCK.now_ms() // 1000)
        reply = await self._upstream.post(path, {}, authorization, timeout_seconds=_TIMEOUT_SECONDS)
        match reply:
            case Reply(status=200):
                return dict(parse_qsl(reply.body.decode(errors="replace")))
            case Reply(status=401) if token[0]:
                return Refused(
                    "sign-in-needed"
                )  # the verifier or the request token is not, or no longer, good
            case Reply():
                return read_refusal(reply, now_ms=_CLOCK.now_ms())[0]
            case Broken():
                return Malformed("truncated")
            case Unavailable():
                return reply
