"""
What browsers are told with every answer, so that no other site can make use of one.

An answer of the API is data: it may load nothing, be framed by nobody, and is never
taken for another kind than it says. Our pages say for themselves what they may load.
The headers are made once; adding them costs a few microseconds an answer.
"""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = b"content-security-policy"
_NOTHING = b"default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
#: Two years, as browsers' own lists ask.
_HTTPS_ONLY = (b"strict-transport-security", b"max-age=63072000")
_SAME_ORIGIN = (b"cross-origin-resource-policy", b"same-origin")

#: What a page of another site may send and read, if its origin is allowed at all. Cookies it may not.
_CORS_METHODS = ("GET", "POST", "PUT", "DELETE")
_CORS_SENT = ("authorization", "content-type", "if-none-match", "prefer", "last-event-id")
_CORS_READ = (
    *("roost-as-of", "roost-stale", "link", "etag", "preference-applied", "retry-after", "www-authenticate"),
    *("x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"),
)
_CORS_SECONDS = 3600


class Headers:
    """ASGI middleware around everything."""

    def __init__(self, app: ASGIApp, *, is_https: bool, is_shared: bool) -> None:
        self._app = app
        self._headers = [
            *_ALWAYS,
            *([_HTTPS_ONLY] if is_https else []),
            *([] if is_shared else [_SAME_ORIGIN]),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and add to its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = [*message["headers"], *self._headers]
                if not any(name == _POLICY for name, _ in headers):
                    headers.append((_POLICY, _NOTHING))
            await send(message)

        await self._app(scope, receive, sending)


def share(app: ASGIApp, origins: list[str]) -> ASGIApp:
    """Let pages of these origins ask, with tokens of their own; without origins nothing changes."""
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=_CORS_METHODS,
        allow_headers=_CORS_SENT,
        expose_headers=_CORS_READ,
        max_age=_CORS_SECONDS,
    )
