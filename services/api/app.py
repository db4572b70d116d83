"""The gateway as an ASGI application: its routes, and what becomes of faults."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from services.api import (
    accounts,
    apikeys,
    faults,
    health,
    home,
    modes,
    reference,
    registrations,
    schema,
    signin,
    timelines,
)
from services.api.auth import ended
from services.api.counts import Counts
from services.api.feeds import atom, jsonfeed, links
from services.api.feeds import described as feeds_told
from services.api.feeds import route as feeds
from services.api.gateway import Gateway
from services.api.limits import Limits
from services.api.stream import described as stream_described
from services.api.stream import route as stream
from services.api.stream.listeners import Listeners
from services.api.v1_1 import described as v1_1_told
from services.api.v1_1 import routes as v1_1
from services.api.v2 import home as v2_home
from services.api.v2 import me as v2_me
from services.api.viewer import viewer
from shared.clock import Clock
from shared.settings import ApiSettings
from shared.store.connection import StoreError
from shared.store.sessions import NoSuchAccountError

Handler = Callable[[Request], Awaitable[Response]]

#: Method, path, handler, and how the reference describes it.
_ROUTES: tuple[tuple[str, str, Handler, dict[str, Any]], ...] = (
    ("POST", "/v1/registrations", registrations.register, reference.registration()),
    ("GET", "/v1/timeline", timelines.serve, reference.timeline()),
    ("GET", "/v1/timeline/stream", stream.listen, stream_described.stream()),
    ("GET", "/v1/timeline/feed.atom", feeds.serve_atom, feeds_told.feed(atom.MEDIA_TYPE)),
    ("GET", "/v1/timeline/feed.json", feeds.serve_json, feeds_told.feed(jsonfeed.MEDIA_TYPE)),
    ("POST", "/v1/account/feeds", links.make, feeds_told.new_link()),
    ("GET", "/v1/account/feeds", links.show, feeds_told.link_list()),
    ("DELETE", "/v1/account/feeds/{id}", links.revoke, feeds_told.revocation()),
    ("GET", "/v1/account", accounts.show, reference.account()),
    ("DELETE", "/v1/account", accounts.forget, reference.forgetting()),
    ("PUT", "/v1/account/pause", accounts.pause, reference.change()),
    ("DELETE", "/v1/account/pause", accounts.resume, reference.change()),
    ("PUT", "/v1/account/mode", modes.choose, reference.choice()),
    ("DELETE", "/v1/account/mode", modes.choose_nothing, reference.change()),
    ("POST", "/v1/account/keys", apikeys.make, reference.new_key()),
    ("GET", "/v1/account/keys", apikeys.show, reference.key_list()),
    ("DELETE", "/v1/account/keys/{id}", apikeys.revoke, reference.revocation()),
    ("GET", "/2/users/me", v2_me.show, reference.me()),
    ("GET", "/2/users/{id}/timelines/reverse_chronological", v2_home.serve, reference.home()),
    ("GET", "/1.1/statuses/home_timeline.json", v1_1.home_timeline, v1_1_told.home_timeline()),
    (
        "GET",
        "/1.1/application/rate_limit_status.json",
        v1_1.rate_limit_status,
        v1_1_told.rate_limit_status(),
    ),
    (
        "GET",
        "/1.1/account/verify_credentials.json",
        v1_1.verify_credentials,
        v1_1_told.verify_credentials(),
    ),
    ("GET", "/login", signin.begin, reference.begin_sign_in()),
    ("GET", "/login/callback", signin.finish, reference.finish_sign_in()),
    ("POST", "/logout", home.sign_out, reference.sign_out()),
    ("GET", "/", home.show, reference.web_page()),
    ("GET", "/settings", home.settings, reference.settings_page()),
    ("GET", "/web/{name}", home.asset, reference.asset()),
    ("GET", "/docs", viewer.show, reference.web_page()),
    ("GET", "/docs/{name}", viewer.asset, reference.asset()),
    ("GET", "/livez", health.live, reference.health()),
    ("GET", "/metrics", health.measure, reference.measures()),
    ("GET", "/readyz", health.ready, reference.health()),
)


class _Described(FastAPI):
    """FastAPI, told how callers say who they are: our handlers read the header themselves."""

    def openapi(self) -> dict[str, Any]:
        """Describe the application, with the kind of token that it takes."""
        described = super().openapi()
        described.setdefault("components", {})["securitySchemes"] = schema.SCHEMES
        return described


def create_app(settings: ApiSettings) -> FastAPI:
    """Make the application; it connects when the first request needs it and closes when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.gateway = Gateway.open(settings, app.state.listeners, app.state.counts)
        yield
        await app.state.gateway.close()

    app = _Described(
        title="Roost",
        version="1",
        description="Your X home timeline, for your own apps: as X's API v2 has it, and in our own form.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.listeners, app.state.counts = Listeners(settings.streams_per_account), Counts()
    for method, path, handler, described in _ROUTES:
        app.add_api_route(
            path,
            handler,
            methods=[method],
            tags=[_tag(path)],
            summary=_summary(handler),
            response_class=Response,
            status_code=int(min(described["responses"])),
            openapi_extra=described,
        )
    app.add_exception_handler(faults.Fault, _answer_fault)
    app.add_exception_handler(StoreError, _answer_store)
    app.add_exception_handler(NoSuchAccountError, _answer_forgotten)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_defect)
    clock = Clock(settings.clock_speed, settings.clock_origin_at_ms)
    app.add_middleware(Limits, clock=clock, counts=app.state.counts)
    return app


def _tag(path: str) -> str:
    """Name the part of the reference in which a route stands."""
    first, _, rest = path[1:].partition("/")
    if first == "v1":
        return rest.partition("/")[0]
    return {
        "2": "X's API v2",
        "1.1": "X's API v1.1",
        "livez": "operation",
        "readyz": "operation",
        "metrics": "operation",
    }.get(first, "for people")


def _summary(handler: Handler) -> str:
    """Say in a line what a route is for: what its handler's own line says after the route."""
    line = (handler.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    said = line.partition("`: ")[2] or line
    return said[:1].upper() + said[1:]


async def _answer_fault(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, faults.Fault)  # noqa: S101 (it is registered for no other)
    return faults.answer(request, fault)


async def _answer_store(request: Request, fault: Exception) -> Response:
    return faults.answer(request, faults.store_unavailable(fault))


async def _answer_forgotten(request: Request, _: Exception) -> Response:
    """Answer one whose account was forgotten while they asked."""
    return faults.answer(request, ended())


async def _answer_defect(request: Request, _: Exception) -> Response:
    """Answer what is a fault in us; the server logs where it was."""
    return faults.answer(request, faults.defect())


async def _answer_http(request: Request, fault: Exception) -> Response:
    """Answer what the router refuses: no such path, or not that method."""
    assert isinstance(fault, HTTPException)  # noqa: S101 (it is registered for no other)
    detail = {
        404: "There is nothing at this path; /docs lists what there is.",
        405: "This path takes another method; /docs lists them.",
    }.get(fault.status_code, str(fault.detail))
    allowed = {"allow": ", ".join(_methods_at(request))}
    headers = allowed if fault.status_code == 405 else dict(fault.headers or {})
    return faults.answer(request, faults.Fault(fault.status_code, detail, headers=headers))


def _methods_at(request: Request) -> list[str]:
    """List what a path takes; the router itself names only the first route that fits."""
    fitting = (each for each in request.app.routes if each.matches(request.scope)[0] is not Match.NONE)
    return sorted({method for route in fitting for method in route.methods})
