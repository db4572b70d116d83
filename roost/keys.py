"""The operator's master keys: keep one in a file, and change them while everything runs."""

import asyncio
import os
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from shared.parts import make_data_keys
from shared.sealing import UnknownKeyError, new_key, write_key
from shared.settings import KeysSettings
from shared.store.connection import StoreError, connect
from shared.store.datakeys import ElsewhereError


def rotate(settings: KeysSettings) -> int:
    """
    Wrap every account's data key by the first master key, and show how far it is.

    Shape: the exit status.
    """
    try:
        asyncio.run(_rotate(settings))
    except (UnknownKeyError, ElsewhereError, StoreError) as fault:
        Console(stderr=True).print(f"Not rotated: {fault}. What was done stays; run it again.")
        return 1
    return 0


def make_key_file(path: Path) -> bool:
    """Write a new master key to `path`, readable by its owner only; False when a file is there."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(file, "w") as opened:
        opened.write(write_key(new_key()) + "\n")
    return True


async def _rotate(settings: KeysSettings) -> None:
    redis = connect(settings.redis_url.get_secret_value(), connections=2)
    data_keys, keys_redis = make_data_keys(settings, redis)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    rewrapped = lost = 0
    try:
        await data_keys.check(redis)
        total = sum([len(account_ids) async for account_ids in data_keys.all_ids()])
        with Progress(*columns) as progress:
            bar = progress.add_task("Accounts", total=total)
            async for account_ids in data_keys.all_ids():
                done, not_done = await data_keys.rewrap(account_ids)
                rewrapped, lost = rewrapped + done, lost + not_done
                progress.advance(bar, len(account_ids))
        if not lost:
            await data_keys.rewrap_check()
    finally:
        await redis.aclose()
        await keys_redis.aclose()
    if lost:
        raise UnknownKeyError(f"{lost} accounts' keys are wrapped by a master key that you did not give")
    Console().print(f"{rewrapped} rewrapped by the first key. The other keys are not needed any more.")
