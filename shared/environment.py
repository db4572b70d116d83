"""
How settings come in from the environment: the one place that reads it.

pydantic-settings finds and converts the values; added here are `ROOST_…_FILE`,
and faults told as an operator wants them: every fault at once, one line each,
by the name of the variable, a secret's value never repeated.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from dotenv import load_dotenv
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

PREFIX = "ROOST_"
TESTS_PREFIX = "ROOST_TEST_"  # what the tests are told; no program reads these


class FileSource(EnvSettingsSource):
    """Take a setting from the file that its variable with `_FILE` added names."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 (as it is called)
        """Read the file, if one is named; its last line break is not part of the value."""
        name = f"{variable(field_name)}_FILE"
        path = os.environ.get(name)  # noqa: TID251 (this is where it is read)
        try:
            value = Path(path).read_text(encoding="utf-8").rstrip("\r\n") if path else None
        except OSError as fault:
            raise SettingsError(f"{name}: {fault.strerror} (given {path!r})") from fault
        except UnicodeDecodeError as fault:
            raise SettingsError(f"{name}: that file is not UTF-8 text (given {path!r})") from fault
        return value, field_name, False


class Settings(BaseSettings):
    """What all settings share: the prefix, and that nothing changes after the start."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (named by pydantic-settings)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (named by pydantic-settings)
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Prefer what the program gives, then the environment, then the files it names."""
        return init_settings, env_settings, FileSource(settings_cls)


SettingsT = TypeVar("SettingsT", bound=Settings)


def read(settings_class: type[SettingsT], *, known: set[str]) -> SettingsT:
    """
    Read one program's settings; `known` are the settings of all programs.

    Errors: SystemExit 2 after one line on stderr for each fault, naming its variable.
            A variable that no program knows is named too, but stops nothing.
    """
    load_dotenv(Path(".env"))
    _tell(_misspelled({variable(name) for name in known}))
    try:
        return settings_class()
    except ValidationError as fault:
        _tell(_line(settings_class, error) for error in fault.errors())
    except SettingsError as fault:
        _tell([str(fault.__cause__)])
    raise SystemExit(2)


def variable(field_name: str) -> str:
    """Name the environment variable of a setting."""
    return PREFIX + field_name.upper()


def with_settings(**values: object) -> dict[str, str]:
    """Make the environment of a child process: this one, but with these settings."""
    given = {variable(name): str(value) for name, value in values.items()}
    replaced = {*given, *(f"{name}_FILE" for name in given)}
    kept = {name: value for name, value in os.environ.items() if name not in replaced}  # noqa: TID251 (this is where it is read)
    return kept | given


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stderr.write(f"{line}\n")


def _misspelled(known: set[str]) -> Iterator[str]:
    for name in sorted(os.environ):  # noqa: TID251 (this is where it is read)
        wanted = name.removesuffix("_FILE")
        if name.startswith(PREFIX) and not name.startswith(TESTS_PREFIX) and wanted not in known:
            near = get_close_matches(wanted, known, n=1)
            yield f"{name}: no setting has this name" + (f"; did you mean {near[0]}?" if near else "")


def _line(settings_class: type[Settings], error: ErrorDetails) -> str:
    """Say what is wrong with one setting, and with which value if that may be shown."""
    reason = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return reason  # a rule over several settings names them itself
    name = str(error["loc"][0])
    field = settings_class.model_fields.get(name)
    secret = field is None or field.annotation is SecretStr
    return f"{variable(name)}: {reason}" + ("" if secret else f" (given {error['input']!r})")
