"""
How often a caller may ask, told as X tells it.

Every token has a window of its own, which starts at its first call after the last one
ended: far wider than X's, so that a program in a loop is told to slow down before it is
everybody's trouble. The numbers are X's own headers, which its clients wait by.
"""

from services.api.gateway import Gateway
from shared.domain.budget import Window
from shared.store.sessions import CALLS_WINDOW_MS


def rate_headers(calls: Window | None) -> dict[str, str]:
    """Say how many calls are left to a caller, and until when."""
    if calls is None or not calls.limit:
        return {}
    return {
        "x-rate-limit-limit": str(calls.limit),
        "x-rate-limit-remaining": str(max(0, calls.left)),
        "x-rate-limit-reset": str(-(-calls.resets_at_ms // 1000)),
    }


def unused(gateway: Gateway) -> Window:
    """Make the window of a caller who is not known: nothing of it is used."""
    return Window(
        gateway.rules.calls_limit, gateway.rules.calls_limit, gateway.clock.now_ms() + CALLS_WINDOW_MS
    )
