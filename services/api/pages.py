"""The pages that people look at: written by Jinja, which escapes whatever it is given."""

import hashlib
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

_WEB = Path(__file__).parent / "web"
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
#: The script that makes the page installable; it may see to the whole site.
_WORKER = "worker.js"

#: Our own styles and scripts, X's pictures, and nothing else.
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' "
    "https://pbs.twimg.com; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def page(name: str, status: int = 200, **given: object) -> Response:
    """Write a page; it is kept by nobody."""
    headers = {"content-security-policy": _POLICY, "cache-control": "no-store"}
    text = _templates().get_template(f"{name}.html").render(given)
    return Response(text, status, headers, "text/html; charset=utf-8")


def message(kind: str, title: str, text: str, *links: tuple[str, str], status: int = 200) -> Response:
    """Write a page that says one thing, and how to go on: each of `links` is an address and its words."""
    listed = [{"href": href, "text": words} for href, words in links]
    return page("message", status, kind=kind, title=title, text=text, links=listed)


@lru_cache(maxsize=32)
def asset(name: str) -> Response | None:
    """Give a style sheet, script or picture; None for what is none."""
    path = _WEB / name
    if path.suffix not in _KINDS or path.parent != _WEB or not path.is_file():
        return None
    content = path.read_bytes()
    # Asked for anew each time: scripts of two versions do not work together.
    headers = {"cache-control": "no-cache", "etag": f'"{hashlib.sha256(content).hexdigest()[:24]}"'}
    if name == _WORKER:
        headers |= {"service-worker-allowed": "/", "content-security-policy": _POLICY}
    return Response(content, headers=headers, media_type=_KINDS[path.suffix])


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(loader=FileSystemLoader(_WEB), autoescape=True, undefined=StrictUndefined)
