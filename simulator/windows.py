"""
X's accounting: fixed windows per person and endpoint, that start at the first call.

Source: docs.x.com, rate limits, read 2026-08-22; that a window starts at its first
call, and that the reset is the second after it ends, is seen in recorded headers.
"""

from dataclasses import dataclass, field

#: Requests a window holds, and its length in seconds.
DEFAULTS = {"me": (75, 900), "lookup": (900, 900)}


@dataclass(slots=True)
class Window:
    """One window under way."""

    limit: int
    left: int
    resets_at_ms: int


@dataclass(slots=True)
class Windows:
    """All windows. `refused` counts requests that came when their window was empty."""

    home: tuple[int, int]
    refused: int = 0
    _limits: dict[str, tuple[int, int]] = field(default_factory=dict)
    _windows: dict[tuple[str, str], Window] = field(default_factory=dict)

    def limit(self, person_id: str, limit: int, window_seconds: int) -> None:
        """Give a person another home timeline limit, from their next window on."""
        self._limits[person_id] = (limit, window_seconds)
        self._windows.pop((person_id, "home"), None)

    def take(self, person_id: str, endpoint: str, now_ms: int) -> tuple[bool, Window]:
        """Count one request; say whether the window held it, and how the window is now."""
        window = self._windows.get((person_id, endpoint))
        if window is None or now_ms >= window.resets_at_ms:
            limit, seconds = self._limit(person_id, endpoint)
            # The header tells whole seconds; the window ends no sooner than it says.
            resets_at_ms = -(-(now_ms + seconds * 1000) // 1000) * 1000
            window = self._windows[person_id, endpoint] = Window(limit, limit, resets_at_ms)
        if window.left == 0:
            self.refused += 1
            return False, window
        window.left -= 1
        return True, window

    def _limit(self, person_id: str, endpoint: str) -> tuple[int, int]:
        if endpoint != "home":
            return DEFAULTS[endpoint]
        return self._limits.get(person_id, self.home)


def headers(window: Window) -> dict[str, str]:
    """Tell a window as X's headers do."""
    return {
        "x-rate-limit-limit": str(window.limit),
        "x-rate-limit-remaining": str(window.left),
        "x-rate-limit-reset": str(window.resets_at_ms // 1000),
    }
