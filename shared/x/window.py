"""The window as X's headers tell it. They are the only truth: documented limits have been far off."""

from collections.abc import Mapping

from shared.domain.budget import Window

#: X rounds the reset to whole seconds, and its clock is not ours.
_RESET_MARGIN_MS = 1000
#: X's longest windows last a day; a reset beyond that is no reset, and nobody is to wait for it.
_LONGEST_MS = 25 * 3600 * 1000


def read_window(headers: Mapping[str, str], *, now_ms: int) -> Window | None:
    """
    Read `x-rate-limit-limit`, `-remaining` and `-reset`; None unless all three are there and make sense.

    Units: X's epoch seconds become epoch milliseconds, a second later than X says.
    """
    try:
        window = Window(
            limit=int(headers["x-rate-limit-limit"]),
            left=max(0, int(headers["x-rate-limit-remaining"])),
            resets_at_ms=int(headers["x-rate-limit-reset"]) * 1000 + _RESET_MARGIN_MS,
        )
    except (KeyError, ValueError):
        return None
    return window if window.resets_at_ms - now_ms <= _LONGEST_MS else None
