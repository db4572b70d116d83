"""Processor time that a process and all it started have used, as Linux counts it."""

import os
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Tell how much processor time (user and system) a process and its children have used so far."""
    return sum(_own_seconds(each) for each in (pid, *_descendants(pid)))


def _own_seconds(pid: int) -> float:
    # utime, stime, and the same of children that have ended; the name before them may hold spaces.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS_PER_SECOND


def _descendants(pid: int) -> list[int]:
    children = [
        int(child)
        for listing in Path(f"/proc/{pid}/task").glob("*/children")
        for child in listing.read_text().split()
    ]
    return children + [each for child in children for each in _descendants(child)]
