"""
Whose request this is, and what it may do: the token says, nothing else.

A program sends the token as a bearer token or signs with it, a browser has a cookie. No parameter, path
or header can name another account; a route that has an id in its path only compares
it. A browser sends its cookie whoever wrote the page, so a change that is asked for
with a cookie must come from a page of ours.
"""

from starlette.requests import Request

from services.api.faults import NO_TOKEN, Fault, out_of_calls, unauthorized
from services.api.gateway import Gateway
from services.api.signatures import does_not_hold, is_signed, read_signed, verify
from shared.domain.account import AccountId
from shared.store.sessions import (
    ACCOUNT_WRITE,
    TIMELINE_READ,
    Claimed,
    Kind,
    OutOfScope,
    Session,
    read_token,
)

#: `__Host-` binds a cookie to this host and to https; browsers refuse the name on plain http.
COOKIES = ("__Host-roost_session", "roost_session")
#: Who has left a browser open is not asked for a receipt by whoever finds it.
FRESH_MS = 15 * 60 * 1000
_SAFE = frozenset({"GET", "HEAD"})


async def claimed(request: Request) -> Claimed:
    """
    Read whose the request says it is; whoever reads for it must have the session confirmed.

    Errors: Fault 401 without a token, or with one that was never given out; 403 when another
            site's page sent it; 429 when too many have failed before it.
    """
    if is_signed(request):
        return await _signed(request)
    token = _bearer(request)
    if token is None:
        token = _cookie(request)
        _must_be_own_page(request)
    return await claimed_by(request, token)


async def claimed_by(request: Request, token: str) -> Claimed:
    """
    Read what a token says of itself.

    Errors: Fault 401 for one that was never given out; 429 when too many have failed before it.
    """
    claim = read_token(token)
    _must_not_wait(request, claim)
    if claim is None:
        raise await denied(request, None)
    return claim


async def _signed(request: Request) -> Claimed:
    """Read whose a signed request is, once its signature holds."""
    words, claim = read_signed(request)
    _must_not_wait(request, claim)
    if claim is None or not await verify(request, words, claim):
        await denied(request, claim)
        raise does_not_hold(request)
    return claim


async def session(request: Request, scope: str) -> Session:
    """
    Find the session that the request is made with, in one round trip.

    Errors: those of `claimed`, and of `confirmed`.
    """
    return await confirmed(request, await claimed(request), scope)


async def confirmed(request: Request, claim: Claimed, scope: str) -> Session:
    """
    Find the session that a claim is of, in one round trip.

    Errors: Fault 401 when it does not hold, 403 when it has not the scope, 429 when it asks too often.
    """
    gateway: Gateway = request.app.state.gateway
    found = await gateway.sessions.confirm(claim, now_ms=gateway.clock.now_ms())
    if found is None:
        raise await denied(request, claim)
    held(request, claim)
    if found.calls.left < 0:
        raise out_of_calls(found.calls, now_ms=gateway.clock.now_ms())
    if scope not in found.scopes:
        raise out_of_scope(scope)
    return found


def held(request: Request, claim: Claimed) -> None:
    """Note that a token held."""
    gateway: Gateway = request.app.state.gateway
    gateway.guard.note_held(claim.session_key, now_ms=gateway.clock.now_ms())


async def caller(request: Request, scope: str = TIMELINE_READ) -> AccountId:
    """
    Say whose token the request carries, if it may do this.

    Errors: those of `session`.
    """
    return (await session(request, scope)).account_id


async def fresh_or_write(request: Request) -> Session:
    """
    Say who asks for what cannot be undone: a program that may write, or somebody who has just signed in.

    Errors: those of `session`; Fault 403 when the sign-in was some time ago.
    """
    found = await session(request, ACCOUNT_WRITE)
    gateway: Gateway = request.app.state.gateway
    if found.kind is Kind.BROWSER and gateway.clock.now_ms() - found.made_at_ms > FRESH_MS:
        raise Fault(403, "You signed in more than 15 minutes ago; sign in again at /login?return_to=/ first.")
    return found


async def visitor(request: Request) -> Session | None:
    """
    Find the session of whoever looks at a page; None without one, and for a link, which opens a feed only.

    A wrong token counts as a try.
    """
    claim = presented(request)
    if claim is None:
        return None
    gateway: Gateway = request.app.state.gateway
    if _wait_ms(request, claim):
        return None
    found = await gateway.sessions.confirm(claim, now_ms=gateway.clock.now_ms())
    if found is None:
        await denied(request, claim)
    return found if found and found.kind is not Kind.FEED else None


async def count_sign_in(request: Request) -> int:
    """Count a sign-in that is begun; tell how many ms this address waits if it begins too many, else 0."""
    gateway: Gateway = request.app.state.gateway
    # Apart from the tokens that do not hold: an office where many sign in goes on reading.
    host, now_ms = _host(request), gateway.clock.now_ms()
    wait_ms = gateway.guard.wait_ms(host, None, now_ms=now_ms, what="sign-in")
    if not wait_ms:
        await gateway.guard.note_failure(host, None, now_ms=now_ms, what="sign-in")
    return wait_ms


def must_not_wait_to_register(request: Request) -> None:
    """
    Let nobody try out tokens of X here.

    Errors: Fault 429 for an address of which X has refused too many.
    """
    gateway: Gateway = request.app.state.gateway
    now_ms = gateway.clock.now_ms()
    wait_ms = gateway.guard.wait_ms(_host(request), None, now_ms=now_ms, what="registration")
    if wait_ms:
        raise _too_many("Too many tokens from this address were refused by X; wait.", wait_ms)


async def count_refused_registration(request: Request) -> None:
    """Count that X refused what somebody would register with."""
    gateway: Gateway = request.app.state.gateway
    now_ms = gateway.clock.now_ms()
    await gateway.guard.note_failure(_host(request), None, now_ms=now_ms, what="registration")


def presented(request: Request) -> Claimed | None:
    """Read whose the request says it is, whatever that is worth; None when it says nothing readable."""
    return read_token(_bearer(request) or _cookie_of(request) or "")


async def denied(
    request: Request, claim: Claimed | None, because: OutOfScope | None = None, scope: str = TIMELINE_READ
) -> Fault:
    """Make the fault for a token that did not hold, and count it; one without the scope is no try."""
    if because is not None:
        return out_of_scope(scope)
    gateway: Gateway = request.app.state.gateway
    account_id = claim.account_id if claim else None
    await gateway.guard.note_failure(_host(request), account_id, now_ms=gateway.clock.now_ms())
    return ended()


def ended() -> Fault:
    """Make the fault for a token whose session or account is no more."""
    return unauthorized(
        "This token is unknown, has expired or was ended; sign in or register again for a new one."
    )


def out_of_scope(*scopes: str) -> Fault:
    """Make the fault for a session that may not do this."""
    names = " ".join(scopes)
    challenge = f'Bearer realm="roost", error="insufficient_scope", scope="{names}"'
    return Fault(403, f"This takes a token with the scope {names}.", headers={"www-authenticate": challenge})


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _cookie_of(request: Request) -> str | None:
    gateway: Gateway = request.app.state.gateway
    # Where people come by https, a cookie that is not bound to this host may be a sibling's.
    names = COOKIES[:1] if gateway.public_url.startswith("https://") else COOKIES
    return next((request.cookies[name] for name in names if request.cookies.get(name)), None)


def _cookie(request: Request) -> str:
    token = _cookie_of(request)
    if token is None and "oauth_signature" in request.query_params:
        raise unauthorized(
            "Sign in the header, `Authorization: OAuth …`: in the query it is logged on its way.", NO_TOKEN
        )
    if token is None:
        raise unauthorized(
            "Sign in at /login, or send `Authorization: Bearer …` with a token of this gateway.", NO_TOKEN
        )
    return token


def _must_be_own_page(request: Request) -> None:
    """
    Refuse a change that a page of another site asks for.

    Browsers say by themselves where a request comes from; older ones say at least the page's origin.
    """
    if request.method in _SAFE:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        own = site in {"same-origin", "none"}
    else:
        host = request.headers.get("host", "")
        own = request.headers.get("origin") == f"{request.url.scheme}://{host}"
    if not own:
        raise Fault(
            403,
            "A change asked for with a cookie must come from a page of this gateway: "
            "`Sec-Fetch-Site`, or else `Origin`, does not say so.",
        )


def _wait_ms(request: Request, claim: Claimed | None) -> int:
    """Tell how long this token is not looked at; one that held lately always is."""
    gateway: Gateway = request.app.state.gateway
    now_ms = gateway.clock.now_ms()
    if claim is not None and gateway.guard.has_held(claim.session_key, now_ms=now_ms):
        return 0
    return gateway.guard.wait_ms(_host(request), claim.account_id if claim else None, now_ms=now_ms)


def _must_not_wait(request: Request, claim: Claimed | None) -> None:
    if wait_ms := _wait_ms(request, claim):
        raise _too_many(
            "Too many tokens from this address did not hold; wait, and send one that does.", wait_ms
        )


def _too_many(detail: str, wait_ms: int) -> Fault:
    return Fault(429, detail, headers={"retry-after": str(-(-wait_ms // 1000))})


def _host(request: Request) -> str:
    return request.client.host if request.client else ""
