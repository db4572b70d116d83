"""
The reference, for people to read and to try: Swagger's viewer, served from here.

Its files come with a Python package, so that no page of the gateway loads anything
from elsewhere. It asks as whoever looks at it says, with a token of theirs, and never with
the cookie that their browser has.
"""

from functools import lru_cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from services.api.faults import Fault

_KINDS = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "html": "text/html; charset=utf-8",
}
_OURS = frozenset({"docs.html", "docs.js"})
_THEIRS = frozenset({"swagger-ui.css", "swagger-ui-bundle.js"})
#: The viewer writes styles into its page.
_POLICY = (
    "default-src 'none'; connect-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


async def show(_request: Request) -> Response:
    """Answer `GET /docs`: every route, to read and to try."""
    return _file("docs.html", "no-cache")


async def asset(request: Request) -> Response:
    """Answer `GET /docs/{name}`: what the reference is shown with."""
    name = request.path_params["name"]
    if name not in _THEIRS and name != "docs.js":
        raise Fault(404, "There is no such file.")
    return _file(name, "public, max-age=86400")


def _file(name: str, kept: str) -> Response:
    headers = {"content-security-policy": _POLICY, "cache-control": kept}
    return Response(_read(name), headers=headers, media_type=_KINDS[name.rpartition(".")[2]])


@lru_cache(maxsize=len(_OURS) + len(_THEIRS))
def _read(name: str) -> bytes:
    """Read one of the viewer's files."""
    package = files("services.api.viewer") if name in _OURS else files("fastapi_offline").joinpath("static")
    return package.joinpath(name).read_bytes()
