"""
X's token endpoints: get a credential, get the next one, give it back.

    grant     OAuth 2.0: what a person's consent came back with becomes their credential
    refresh   OAuth 2.0: a refresh token, good for one use, becomes the next credential
    revoke    both generations: X takes the credential back

Source: docs.x.com, OAuth 2.0 authorization code flow with PKCE, read 2026-08-22; what
X answers to what is wrong, from field reports gathered 2026-11-22.
"""

import re
from base64 import b64encode
from dataclasses import replace
from typing import assert_never

import msgspec

from shared.clock import Clock
from shared.domain.credential import Credential, OAuth1Credential, OAuth2Credential
from shared.domain.outcome import Failure, Malformed, Refused, Stopped, Unavailable
from shared.domain.refresh import NotDone, Refreshed, Refreshing, Unclear
from shared.x.refusal import read_refusal
from shared.x.signature import sign
from shared.x.upstream import App, Broken, Reply, Upstream

TOKEN_PATH = "/2/oauth2/token"  # noqa: S105 (a path, not a token)
_REVOKE_PATH = "/2/oauth2/revoke"
_INVALIDATE_PATH = "/1.1/oauth/invalidate_token.json"

#: An answer that is lost costs a person their sign-in: here it is waited for longer than elsewhere.
_TIMEOUT_SECONDS = 20.0
#: X gives access tokens two hours; taken where it does not say.
_TWO_HOURS = 7200

_CLOCK = Clock()


class _Tokens(msgspec.Struct):
    access_token: str
    refresh_token: str | None = None
    expires_in: int = _TWO_HOURS
    scope: str = ""


class Tokens:
    """X's token endpoints, asked as our app."""

    def __init__(self, upstream: Upstream, app: App, clock: Clock) -> None:
        self._upstream = upstream
        self._app = app
        self._clock = clock

    async def grant(self, code: str, verifier: str, redirect_uri: str) -> OAuth2Credential | Failure:
        """Trade a code, which X gave a person's browser moments ago, for their credential."""
        form = {"grant_type": "authorization_code", "code": code}
        form |= {"code_verifier": verifier, "redirect_uri": redirect_uri}
        match await self._ask(TOKEN_PATH, form):
            case Refreshed(credential):
                return credential
            case NotDone(failure) | Unclear(failure):
                return failure

    def can_refresh(self) -> bool:
        """Tell whether our app is one that X refreshes for."""
        return bool(self._app.client_id)

    async def refresh(self, credential: OAuth2Credential) -> Refreshing:
        """Trade a refresh token for the next credential; says whether X may have used it up."""
        form = {"grant_type": "refresh_token", "refresh_token": credential.refresh_token or ""}
        answer = await self._ask(TOKEN_PATH, form)
        if isinstance(answer, Refreshed) and answer.credential.refresh_token is None:  # RFC 6749, 6: it stays
            return Refreshed(replace(answer.credential, refresh_token=credential.refresh_token))
        return answer

    async def revoke(self, credential: Credential) -> Failure | None:
        """Have X take a credential back; None when it has."""
        match credential:
            case OAuth2Credential():
                token = credential.refresh_token or credential.access_token
                reply = await self._post(_REVOKE_PATH, {"token": token})
            case OAuth1Credential():
                reply = await self._invalidate(credential)
            case _:
                assert_never(credential)
        return self._read_revoked(credential, reply)

    def _read_revoked(self, credential: Credential, reply: Reply | Broken | Unavailable) -> Failure | None:
        match reply:
            case Reply() if reply.status == 200 or _is_dead(credential, reply):
                return None
            case Reply(status=401 | 403):
                return Stopped("client-refused")
            case Reply():
                return read_refusal(reply, now_ms=self._clock.now_ms())[0]
            case Broken():
                return Malformed("truncated")
            case Unavailable():
                return reply

    async def _ask(self, path: str, form: dict[str, str]) -> Refreshing:
        reply = await self._post(path, form)
        match reply:
            case Reply(status=200):
                return self._read(reply.body)
            case Reply():
                return _read_failure(reply, now_ms=self._clock.now_ms())
            case Broken():
                return Unclear(Malformed("truncated"))
            case Unavailable() if reply.is_unsent():
                return NotDone(reply)
            case Unavailable():
                return Unclear(reply)

    async def _post(self, path: str, form: dict[str, str]) -> Reply | Broken | Unavailable:
        """POST as the client that our app is: one with a secret says it, one without names itself."""
        app = self._app
        if app.client_secret:
            basic = b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()
            return await self._upstream.post(path, form, f"Basic {basic}", timeout_seconds=_TIMEOUT_SECONDS)
        named = form | {"client_id": app.client_id}
        return await self._upstream.post(path, named, "", timeout_seconds=_TIMEOUT_SECONDS)

    async def _invalidate(self, credential: OAuth1Credential) -> Reply | Broken | Unavailable:
        app, now_s = self._app, _CLOCK.now_ms() // 1000
        request = ("POST", f"{app.api_url}{_INVALIDATE_PATH}")
        consumer = (app.consumer_key, app.consumer_secret)
        authorization = sign(request, {}, consumer, (credential.token, credential.token_secret), now_s)
        return await self._upstream.post(
            _INVALIDATE_PATH, {}, authorization, timeout_seconds=_TIMEOUT_SECONDS
        )

    def _read(self, body: bytes) -> Refreshed | Unclear:
        try:
            given = msgspec.json.decode(body, type=_Tokens)
        except (ValueError, RecursionError):  # it may hold tokens: nothing of it is repeated
            return Unclear(Malformed("token-answer"))
        expires_at_ms = self._clock.now_ms() + given.expires_in * 1000
        return Refreshed(
            OAuth2Credential(given.access_token, given.refresh_token, expires_at_ms, given.scope)
        )


def _is_dead(credential: Credential, reply: Reply) -> bool:
    """Tell whether X says that a token was worth nothing before: a 400, or error 89 of the older kind."""
    if isinstance(credential, OAuth2Credential):
        return reply.status == 400
    return reply.status == 401 and re.search(rb'"code":\s*89\b', reply.body) is not None


def _read_failure(reply: Reply, *, now_ms: int) -> NotDone | Unclear:
    match reply.status:
        case 400 if b"_client" in reply.body:  # invalid_client, unauthorized_client
            return NotDone(Stopped("client-refused"))
        case 400:
            return NotDone(Refused("sign-in-needed"))  # "Value passed for the token was invalid."
        case 401 | 403:
            return NotDone(Stopped("client-refused"))  # it is our app that X does not know
        case 502 | 504:
            return Unclear(Unavailable(f"status-{reply.status}"))  # said by what stands between X and us
        case _:
            return NotDone(read_refusal(reply, now_ms=now_ms)[0])
