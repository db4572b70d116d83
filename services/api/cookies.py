"""
Where people reach this gateway, and the cookies that follow from it.

A cookie is for this host only, out of scripts' reach, and sent by other sites' pages
only where a link is followed. Except on this machine itself it needs https.
"""

from typing import Literal, TypedDict
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from services.api.auth import COOKIES

#: Where X sends a browser back to.
CALLBACK = "/login/callback"
#: Browsers keep no cookie for longer.
_KEPT_SECONDS = 400 * 86_400
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def site(request: Request, public_url: str) -> str | None:
    """
    Name where people reach this gateway: as its operator said, or else as asked for on this machine.

    None elsewhere: the Host header is the caller's word, and X would send people wherever it says.
    """
    if public_url:
        return public_url
    host = request.headers.get("host", "")
    return f"http://{host}" if urlsplit(f"//{host}").hostname in _LOOPBACK else None


def put_session(response: Response, token: str, *, site: str) -> None:
    """Give the browser its session; how long that lasts without use is for us to say, not for the cookie."""
    name = COOKIES[0 if _is_https(site) else 1]
    response.set_cookie(name, token, max_age=_KEPT_SECONDS, path="/", **_shut(site))


def drop_session(response: Response, *, site: str) -> None:
    """Take the browser's session from it."""
    response.delete_cookie(COOKIES[0 if _is_https(site) else 1], path="/", **_shut(site))


def login_name(state_hash: str, *, site: str) -> str:
    """Name the cookie of one sign-in: several may be under way in one browser."""
    return f"{'__Host-' if _is_https(site) else ''}roost_login_{state_hash}"


def put_login(response: Response, name: str, secret: str, *, lasts_ms: int, site: str) -> None:
    """Give the browser what a sign-in begun in it is finished with."""
    response.set_cookie(name, secret, max_age=lasts_ms // 1000, path="/", **_shut(site))


def drop_login(response: Response, name: str, *, site: str) -> None:
    """Take it from the browser."""
    response.delete_cookie(name, path="/", **_shut(site))


class _Shut(TypedDict):
    secure: bool
    httponly: bool
    samesite: Literal["lax"]


def _shut(site: str) -> _Shut:
    return {"secure": _is_https(site), "httponly": True, "samesite": "lax"}


def _is_https(site: str) -> bool:
    return site.startswith("https://")
