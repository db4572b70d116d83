"""
What shows that a loop turns: its own word, and a file that it touches for probes from outside.

A process whose loop hangs is alive to its supervisor and useless; the age of the last beat
tells. One that has never reached its servers lives, and is not ready: it may have been told
a wrong URL, and is not to take the place of one that works.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path

#: Three beats missed and more: the fetcher's, the slower of the two, comes every 5 s.
STALE_SECONDS = 20


@dataclass(slots=True)
class Heartbeat:
    """Beats, and touches `path` if there is one; whoever has just been made is taken to have beaten."""

    path: Path | None = None
    _beaten_at: float = field(default_factory=time.monotonic)
    #: From the first time on, for a server that fails later is no fault of the process.
    is_ready: bool = False

    async def beat(self) -> None:
        """Note that the loop that runs this turns."""
        self._beaten_at = time.monotonic()
        if self.path is not None:
            self.path.touch()

    def is_beating(self) -> bool:
        """Tell, on any thread, whether the loop has turned lately."""
        return time.monotonic() - self._beaten_at < STALE_SECONDS


def is_beating(path: Path) -> bool:
    """Tell whether the loop that touches this file has turned lately, by the file system's clock."""
    try:
        age_seconds = time.time_ns() / 1e9 - path.stat().st_mtime
    except FileNotFoundError:
        return False
    return age_seconds < STALE_SECONDS
