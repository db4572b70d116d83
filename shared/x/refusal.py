"""
What an answer other than 200 means, and whom it concerns.

Source: docs.x.com, response codes and errors, and answers recorded in public
issue threads, read 2026-11-22. Problem types are matched by their last part, for
older answers name another host.
"""

from dataclasses import replace

import msgspec

from shared.domain.budget import ASSUMED_WINDOW_MS, Window
from shared.domain.outcome import Failure, Limited, Malformed, Refused, Stopped, Unavailable
from shared.x.upstream import Reply
from shared.x.window import read_window

#: v1.1 error codes that still come with some answers of v2.
_LOCKED, _SUSPENDED, _NO_ACCESS_LEVEL, _OTHER_TIME = 326, 64, 453, 135


class _Error(msgspec.Struct):
    code: int | None = None


class _Problem(msgspec.Struct):
    type: str = ""
    title: str = ""
    errors: list[_Error] = []

    def is_of(self, kind: str) -> bool:
        return self.type.rpartition("/")[2] == kind

    def has_code(self, code: int) -> bool:
        return any(error.code == code for error in self.errors)


def read_refusal(reply: Reply, *, now_ms: int) -> tuple[Failure, Window | None]:
    """Read an answer whose status is not 200, and what it says of the window."""
    window = read_window(reply.headers, now_ms=now_ms)
    problem = _read_problem(reply.body)
    match reply.status:
        case 429 if problem.is_of("usage-capped") or problem.title == "UsageCapExceeded":
            return Stopped("usage-capped"), window
        case 429:
            resets_at_ms = window.resets_at_ms if window else now_ms + ASSUMED_WINDOW_MS
            # A 429 says that nothing is left, whatever its headers count.
            return Limited(resets_at_ms), replace(window, left=0) if window else None
        case status:
            return _read_other(status, problem), window


def _read_other(status: int, problem: _Problem) -> Failure:
    match status:
        case 401 if problem.has_code(_OTHER_TIME):
            return Unavailable("clock")  # our clock's fault: nobody need sign in again
        case 401:
            return Refused("sign-in-needed")
        case 402:
            return Stopped("credit-empty")
        case 403:
            return _read_forbidden(problem)
        case _ if status >= 500:
            return Unavailable(f"status-{status}")
        case _:
            return Malformed(f"status-{status}")


def _read_forbidden(problem: _Problem) -> Refused | Stopped:
    if problem.is_of("client-forbidden") or problem.has_code(_NO_ACCESS_LEVEL):
        return Stopped("app-forbidden")
    if problem.is_of("user-suspended") or problem.has_code(_SUSPENDED):
        return Refused("suspended", certain=True)
    if problem.has_code(_LOCKED):
        return Refused("locked", certain=True)
    return Refused("forbidden")


def _read_problem(body: bytes) -> _Problem:
    try:
        return msgspec.json.decode(body, type=_Problem)
    except (ValueError, RecursionError):
        return _Problem()
