"""
What callers are told when something is not right, each side in its own words.

On `/v1` a fault is a problem (RFC 9457); on `/2` and `/1.1` it has X's own shapes, for X's
clients parse those. Each says what is wrong and how to mend it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from services.api.gateway import Gateway
from services.api.rates import rate_headers, unused
from shared.domain.budget import Window

_PROBLEM = "application/problem+json"
TITLES = {
    400: "Invalid Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 409: "Conflict", 413: "Content Too Large", 429: "Too Many Requests",
    500: "Internal Server Error", 502: "Bad Gateway",
    503: "Service Unavailable",
}  # fmt: skip
#: The numbers by which clients of X's API v1.1 know what is wrong; any other fault is one of the server's.
#: Source: developer.x.com, response codes, read 2026-08-22.
_V1_CODES = {400: 44, 401: 89, 403: 220, 404: 34, 405: 86, 429: 88, 503: 130}
#: Among callers who are not known: a signature that does not hold, a clock that is off, nothing sent at all.
BAD_SIGNATURE, BAD_CLOCK, NO_TOKEN = 32, 135, 215


@dataclass(eq=False)  # not frozen: Python itself writes to an exception that is raised
class Fault(Exception):  # noqa: N818 (it is what a caller is told, not only an error of ours)
    """
    An answer that is no success.

    Shape: `parameter` and `value` name what of the request is at fault; `v1_code` is X's number for it where
           the status does not say enough.
    """

    status: int
    detail: str
    parameter: str | None = None
    value: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    v1_code: int | None = None


def invalid(parameter: str, value: str, detail: str) -> Fault:
    """Make the fault for a parameter or field that cannot be taken."""
    return Fault(400, detail, parameter, value)


def unauthorized(detail: str, v1_code: int | None = None) -> Fault:
    """Make the fault for a caller who is not known."""
    return Fault(401, detail, headers={"www-authenticate": 'Bearer realm="roost"'}, v1_code=v1_code)


def out_of_calls(calls: Window, *, now_ms: int) -> Fault:
    """Make the fault for a caller who has asked too often."""
    wait_seconds = max(1, -(-(calls.resets_at_ms - now_ms) // 1000))
    headers = {**rate_headers(calls), "retry-after": str(wait_seconds)}
    detail = f"This token has asked {calls.limit} times in 15 minutes; wait {wait_seconds} s."
    return Fault(429, detail, headers=headers)


def store_unavailable(fault: Exception) -> Fault:
    """Make the fault for a store that does not answer, and log it."""
    structlog.get_logger().warning("store unavailable", fault=type(fault).__name__)
    return Fault(503, "The store does not answer; try again.", headers={"retry-after": "5"})


def defect() -> Fault:
    """Make the fault for a fault in us."""
    return Fault(500, "Something is wrong in Roost; its log says what.")


def answer(request: Request, fault: Fault) -> Response:
    """Write a fault as the side of the API that was asked speaks."""
    path = request.scope["path"]
    is_x = path.startswith(("/2/", "/1.1/"))
    body = _as_v1(fault) if path.startswith("/1.1/") else _as_x(fault) if is_x else _as_problem(fault)
    headers = {"cache-control": "no-store", **(_unused(request) if is_x else {}), **fault.headers}
    media_type = "application/json; charset=utf-8" if is_x else _PROBLEM
    return Response(msgspec.json.encode(body), fault.status, headers, media_type)


def _unused(request: Request) -> dict[str, str]:
    """Say how often one may ask whose own count is not known; X's clients look for it in every answer."""
    gateway: Gateway = request.app.state.gateway
    return rate_headers(unused(gateway))


def _as_problem(fault: Fault) -> dict[str, object]:
    body: dict[str, object] = {
        "type": "about:blank",
        "title": TITLES.get(fault.status, "Error"),
        "status": fault.status,
        "detail": fault.detail,
    }
    if fault.parameter is not None:
        body["errors"] = [{"parameter": fault.parameter, "value": fault.value, "detail": fault.detail}]
    return body


def _as_v1(fault: Fault) -> dict[str, object]:
    code = fault.v1_code or _V1_CODES.get(fault.status, 131)
    return {"errors": [{"code": code, "message": fault.detail}]}


def _as_x(fault: Fault) -> dict[str, object]:
    if fault.parameter is None:
        title = TITLES.get(fault.status, "Error")
        return {"title": title, "type": "about:blank", "status": fault.status, "detail": fault.detail}
    return {
        "errors": [{"parameters": {fault.parameter: [fault.value]}, "message": fault.detail}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.x.com/2/problems/invalid-request",
    }
