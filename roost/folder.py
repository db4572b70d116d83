"""
The folder where `roost up` keeps everything, held by one `roost up` at a time.

The hold is a file lock, and every child inherits it: should `roost up` be killed,
the folder stays held until Valkey has written everything down and all of them
have ended, so two never write the same file nor want the same port.
"""

import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from roost.fault import Fault
from shared.clock import Clock

# Children whose `roost up` was killed end by themselves; twice what a stop may take is plenty.
_PATIENCE_MS = 24_000


@asynccontextmanager
async def hold(folder: Path) -> AsyncIterator[int]:
    """
    Hold `folder`, made if need be and readable by nobody else.

    Shape:  the file descriptor that is the hold; whoever has it open holds on.
    Errors: Fault when another holds it or it cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as fault:
        raise Fault(f"ROOST_DATA_DIR: cannot keep data in {folder}: {fault.strerror}") from fault
    try:
        await _take(lock, folder)
        os.truncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        yield lock
    finally:
        os.close(lock)


async def _take(lock: int, folder: Path) -> None:
    clock, waited_ms = Clock(), 0
    while not _taken(lock):
        holder = os.pread(lock, 20, 0).decode()
        if _runs(holder) or waited_ms > _PATIENCE_MS:
            raise Fault(
                f"{folder} is in use by another `roost up` (process {holder}): stop it or set ROOST_DATA_DIR"
            )
        await clock.sleep_ms(100)
        waited_ms += 100


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _runs(process_id: str) -> bool:
    try:
        os.kill(int(process_id), 0)
    except ProcessLookupError:
        return False
    except (ValueError, PermissionError):  # not written yet, or somebody else's
        return True
    return True
