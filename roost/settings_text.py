"""
The settings as text: a table for reading, and `.env.example`.

Both come from `shared.settings`, so neither can say anything else than what the
programs read.
"""

import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from shared.environment import Settings, variable
from shared.settings import concerns, programs

HEAD = """\
# Every setting of Roost, at its default. Copy to .env and take the # off what you change.
# Each may also come from a file: ROOST_NAME_FILE=/path holds the value of ROOST_NAME.
# Made by `roost settings --env`.
"""


def show(*, as_env: bool) -> None:
    """Print all settings."""
    if as_env:
        print(env_example(), end="")  # noqa: T201 (it is what was asked for)
    else:
        Console().print(_table())


def env_example() -> str:
    """Write .env.example: every variable once, with why its default is what it is."""
    parts = [HEAD]
    for settings_class, names in _by_class():
        parts.append(f"\n# --- {settings_class.__doc__}\n")
        for name in names:
            field = settings_class.model_fields[name]
            parts.append(
                textwrap.fill(field.description or "", 100, initial_indent="# ", subsequent_indent="# ")
            )
            parts.append(f"\n#{variable(name)}={_plain(field.default)}\n")
    return "".join(parts)


def _table() -> Table:
    table = Table("variable", "default", "what, and why so", show_lines=False, box=None)
    for settings_class, names in _by_class():
        for name in names:
            field = settings_class.model_fields[name]
            table.add_row(variable(name), _plain(field.default), field.description)
    return table


def _by_class() -> Iterator[tuple[type[Settings], list[str]]]:
    """Go through the settings in the order they are declared, each where it stands first."""
    seen: set[str] = set()
    for settings_class in (vars(concerns) | vars(programs)).values():
        if not isinstance(settings_class, type) or not issubclass(settings_class, Settings):
            continue
        own = inspect.get_annotations(settings_class).keys() & settings_class.model_fields.keys() - seen
        if own:
            yield settings_class, [name for name in settings_class.model_fields if name in own]
        seen |= own


def _plain(default: Any) -> str:
    if default is None:
        return ""
    return default.get_secret_value() if isinstance(default, SecretStr) else str(default)
