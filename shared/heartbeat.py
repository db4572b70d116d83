"""
A file that a turning loop touches, for probes of processes that serve nothing.

A process whose loop hangs is alive to its supervisor and useless; the age of this
file tells.
"""

import time
from dataclasses import dataclass
from pathlib import Path

#: Three beats missed and more: the fetcher's, the slower of the two, comes every 5 s.
STALE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Beats by touching `path`; without one, does nothing."""

    path: Path | None

    async def beat(self) -> None:
        """Touch the file: the loop that runs this turns."""
        if self.path is not None:
            self.path.touch()


def is_beating(path: Path) -> bool:
    """Tell whether the loop that touches this file has turned lately, by the file system's clock."""
    try:
        age_seconds = time.time_ns() / 1e9 - path.stat().st_mtime
    except FileNotFoundError:
        return False
    return age_seconds < STALE_SECONDS
