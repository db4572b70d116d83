"""
Sign in with X in a browser.

    /login -> X asks the person -> /login/callback -> registered, due now, a session cookie

What X hands back is believed only in the browser that was sent there, once, and
within ten minutes. Whoever does not come back as they should is told on a page what
happened and how to go on. Nothing is kept of a person who said no.
"""

import hashlib
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.api import cookies, pages
from services.api.admission import admit, refuse
from services.api.auth import count_sign_in, presented
from services.api.cookies import CALLBACK
from services.api.faults import Fault
from services.api.gateway import Gateway
from shared.domain.account import AccountId
from shared.domain.credential import Credential, OAuth1Credential, OAuth2Credential
from shared.domain.outcome import Failure, Malformed, Refused
from shared.store.logins import LOGIN_MS, Login
from shared.store.sessions import SCOPES, Kind, Terms
from shared.x.consent import Pending

_AGAIN = ("/login", "Sign in with X")
_HOME = ("/", "Not now")
_NO_STORE = {"cache-control": "no-store"}
#: Nothing that a browser brings back from X is longer.
_LONGEST = 1024


@dataclass(frozen=True, slots=True)
class _Leaving:
    """Where a browser is sent, the state that X hands back with it, and what is remembered meanwhile."""

    address: str
    state: str
    oauth: str
    pending: Pending


async def begin(request: Request) -> Response:
    """Answer `GET /login`: send the browser to X."""
    gateway: Gateway = request.app.state.gateway
    return_to = request.query_params.get("return_to", "/")
    if not is_own_path(return_to):
        say = (
            "Its address asks to go on to somewhere else afterwards; `return_to` is a path like /v1/timeline."
        )
        return pages.message("return-to", "This sign-in leads nowhere", say, _AGAIN, status=400)
    if await count_sign_in(request):
        say = "More sign-ins began at your address within a minute than people begin. Wait a minute."
        return pages.message("hurry", "Not so fast", say, _AGAIN, status=429)
    site = cookies.site(request, gateway.public_url)
    if site is None:
        return _not_set_up("Its operator sets ROOST_PUBLIC_URL to the address by which people reach it.")
    leaving = await _leave(gateway, request.query_params.get("oauth"), f"{site}{CALLBACK}")
    match leaving:
        case _Leaving(address, state, oauth, pending):
            browser = secrets.token_urlsafe(32)
            login = Login(oauth, pending.callback, pending.secret, pending.key, return_to)
            await gateway.logins.keep(state, browser, login)
            response = RedirectResponse(address, 303, _NO_STORE)
            cookies.put_login(response, _cookie(state, site), browser, lasts_ms=LOGIN_MS, site=site)
            return response
        case None:
            return _not_set_up("Its operator gives it an X app: ROOST_X_CLIENT_ID, or ROOST_X_CONSUMER_KEY.")
        case _:
            return _refused(refuse(leaving, gateway.clock.now_ms()))


async def finish(request: Request) -> Response:
    """Answer `GET /login/callback`: the browser is back from X."""
    gateway: Gateway = request.app.state.gateway
    given = {name: value[:_LONGEST] for name, value in request.query_params.items()}
    state = given.get("state") or given.get("oauth_token") or given.get("denied") or ""
    site = cookies.site(request, gateway.public_url) or ""
    name = _cookie(state, site)
    login = await gateway.logins.take(state, request.cookies.get(name, ""))
    if login is None:
        say = "It is over ten minutes old, was finished before, or began in another browser. Nothing is kept."
        return pages.message("stale", "This sign-in cannot be finished", say, _AGAIN, _HOME, status=400)
    response = await _come_back(request, gateway, login, given)
    cookies.drop_login(response, name, site=site)
    return response


def is_own_path(return_to: str) -> bool:
    """
    Tell whether an address is a path of this gateway, whatever a browser makes of it.

    Browsers take a backslash for a slash, and leave out tabs and line breaks wherever they stand.
    """
    if not return_to.startswith("/") or return_to.startswith(("//", "/\\")) or len(return_to) > _LONGEST:
        return False
    if not (return_to.isascii() and return_to.isprintable()) or "\\" in return_to:
        return False
    parts = urlsplit(return_to)
    return not parts.scheme and not parts.netloc


async def _leave(gateway: Gateway, wished: str | None, callback: str) -> _Leaving | Failure | None:
    """Begin the kind of sign-in that is wished for or else there is; None when there is none."""
    if gateway.oauth2 is not None and wished != "1.0a":
        state = secrets.token_urlsafe(32)
        address, pending = gateway.oauth2.begin(callback, state)
        return _Leaving(address, state, "2.0", pending)
    if gateway.oauth1 is None:
        return None
    begun = await gateway.oauth1.begin(callback)
    if not isinstance(begun, tuple):
        return begun
    address, pending = begun
    return _Leaving(address, pending.key, "1.0a", pending)  # X hands the request token back


async def _come_back(request: Request, gateway: Gateway, login: Login, given: dict[str, str]) -> Response:
    """Trade what X handed back for a credential, register whose it is, and begin a session."""
    if "denied" in given or given.get("error") == "access_denied":
        say = "X was told no. Nothing was kept, and Roost reads nothing of yours."
        return pages.message("denied", "You did not let Roost in", say, _AGAIN, _HOME, status=403)
    if "error" in given:
        say = "X let nobody in and gave no reason that is ours to tell. Nothing was kept."
        return pages.message("refused", "X did not finish this sign-in", say, _AGAIN, _HOME, status=502)
    credential = await _trade(gateway, login, given)
    if credential == Refused("sign-in-needed") or isinstance(credential, Malformed):
        say = "X's answer was used before, or is older than the half minute X gives it. Nothing was kept."
        return pages.message("code", "X did not confirm this sign-in", say, _AGAIN, _HOME, status=400)
    try:
        if not isinstance(credential, OAuth1Credential | OAuth2Credential):
            raise refuse(credential, gateway.clock.now_ms())
        account_id, new = await admit(gateway, credential)
    except Fault as fault:
        return _refused(fault)
    structlog.get_logger().info("signed in", account_id=str(account_id), new=new)
    return await _let_in(request, gateway, account_id, login)


async def _trade(gateway: Gateway, login: Login, given: dict[str, str]) -> Credential | Failure:
    pending = Pending(login.callback, login.secret, login.key)
    if login.oauth == "2.0" and gateway.oauth2 is not None and given.get("code"):
        return await gateway.oauth2.finish(pending, given["code"])
    if login.oauth == "1.0a" and gateway.oauth1 is not None and given.get("oauth_verifier"):
        return await gateway.oauth1.finish(pending, given["oauth_verifier"])
    return Malformed("callback")


async def _let_in(request: Request, gateway: Gateway, account_id: AccountId, login: Login) -> Response:
    """Begin a session in this browser, in place of the one that it had."""
    before = presented(request)
    if before is not None:
        await gateway.sessions.end(before)
    terms = Terms(Kind.BROWSER, SCOPES, "browser", gateway.rules.session_ms)
    given = await gateway.sessions.begin(account_id, terms, now_ms=gateway.clock.now_ms())
    response = RedirectResponse(login.return_to, 303, _NO_STORE)
    cookies.put_session(response, given.token, site=login.callback)
    return response


def _cookie(state: str, site: str) -> str:
    return cookies.login_name(hashlib.sha256(state.encode()).hexdigest()[:12], site=site)


def _refused(fault: Fault) -> Response:
    title = "X does not let you in just now"
    return pages.message("refused", title, fault.detail, _AGAIN, _HOME, status=fault.status)


def _not_set_up(how: str) -> Response:
    say = f"This Roost is not set up for signing in. {how}"
    return pages.message("not-set-up", "Nobody can sign in here yet", say, _HOME, status=503)
