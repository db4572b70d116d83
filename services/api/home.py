"""The pages at `/` and `/settings`, their styles and scripts, and signing out."""

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.api import cookies, pages
from services.api.auth import claimed, denied, out_of_scope, visitor
from services.api.faults import Fault
from services.api.gateway import Gateway
from services.api.registrations import read_body
from shared.store.sessions import ACCOUNT_WRITE

_YES = frozenset({"1", "true", "yes", "on"})


async def show(request: Request) -> Response:
    """Answer `GET /`: the timeline of whoever is signed in, or how to sign in."""
    gateway: Gateway = request.app.state.gateway
    session = await visitor(request)
    kept = await gateway.accounts.find(session.account_id) if session else None
    if kept is not None:
        return pages.page("timeline", title="Home", username=kept.account.username)
    links = [{"href": "/login", "text": "Sign in with X"}, {"href": "/docs", "text": "For app developers"}]
    response = pages.page("welcome", title="Your home timeline", links=links)
    cookies.drop_session(response, site=cookies.site(request, gateway.public_url) or "")  # one that is over
    return response


async def settings(request: Request) -> Response:
    """Answer `GET /settings`: the account of whoever is signed in, or the way to sign in."""
    gateway: Gateway = request.app.state.gateway
    session = await visitor(request)
    kept = await gateway.accounts.find(session.account_id) if session else None
    if kept is None:
        return RedirectResponse("/login?return_to=/settings", 303)
    modes = sorted(gateway.rules.modes_offered)
    return pages.page("settings", title="Settings", username=kept.account.username, modes=modes)


async def asset(request: Request) -> Response:
    """Answer `GET /web/{name}`: a style sheet or script of our pages."""
    found = pages.asset(request.path_params["name"])
    if found is None:
        raise Fault(404, "There is no such file.")
    tag = found.headers["etag"]
    if tag in request.headers.get("if-none-match", ""):
        return Response(
            status_code=304, headers={"cache-control": found.headers["cache-control"], "etag": tag}
        )
    return found


async def sign_out(request: Request) -> Response:
    """Answer `POST /logout`: end this session, or with `everywhere=true` all but the API keys."""
    gateway: Gateway = request.app.state.gateway
    form = parse_qs((await read_body(request)).decode("ascii", "replace"))
    wished = request.query_params.get("everywhere") or form.get("everywhere", [""])[0]
    claim = await claimed(request)
    session = await gateway.sessions.confirm(claim, now_ms=gateway.clock.now_ms())
    if session is None:
        await denied(request, claim)
    elif wished.lower() in _YES:
        if ACCOUNT_WRITE not in session.scopes:
            raise out_of_scope(ACCOUNT_WRITE)
        await gateway.sessions.end_all(session.account_id)
    await gateway.sessions.end(claim)
    is_browser = "text/html" in request.headers.get("accept", "")
    response = RedirectResponse("/", 303) if is_browser else Response(status_code=204)
    cookies.drop_session(response, site=cookies.site(request, gateway.public_url) or "")
    return response
