"""
How many requests X still lets us make for one account, and how to spread them.

X counts in fixed windows that start at the first call and says so in the headers
of every answer; they are the only truth (documented limits have been wrong by a
factor of 75). A request is reserved before it is sent and settled by the headers
after; when nobody can say what is left, nothing is left.
"""

from dataclasses import dataclass

#: A window never seen is taken to last X's fifteen minutes, and ten seconds for a request to reach X.
#: Source: docs.x.com, rate limits, read 2026-08-22.
ASSUMED_WINDOW_MS = 15 * 60 * 1000 + 10_000


@dataclass(frozen=True, slots=True)
class Window:
    """X's accounting period for one account and endpoint, as its headers tell it."""

    limit: int
    left: int
    resets_at_ms: int


def pace_ms(window: Window | None, now_ms: int) -> int:
    """
    Say how long to wait so that what is left of the window is spent evenly.

    Units: milliseconds from now; 0 when X has not told us of a window.
    """
    if window is None or now_ms >= window.resets_at_ms:
        return 0
    return (window.resets_at_ms - now_ms) // (window.left + 1)
