"""
One line per unit of work, on stdout: JSON for machines, colours on a terminal.

An event's name is constant; what differs is in its fields. Whatever could be a
credential is masked here, once, at any depth, by its field's name, its type or
its look, so that no call site has to remember. Libraries speak through the
standard library's logging and are let through from warnings up; uvicorn is to
be started with `log_config=None`, or it would set up its own.

    log = structlog.get_logger()
    log.info("poll", account_id="1", outcome="page", added=3, took_ms=41)
"""

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from pydantic import SecretStr
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.settings import LogSettings

MASK = "***"
# By name. That a page's next_token is hidden with them is no loss.
SECRET_NAME = re.compile(r"token|secret|authorization|credential|password|signature|cookie|api_?key", re.I)
# By look: the user and password of a URL, and what follows the scheme in an Authorization header.
SECRET_LOOK = re.compile(r"(?<=://)[^/@\s]+(?=@)|(?<=bearer )\S+|(?<=oauth )\S+=.*", re.I)


def configure(settings: LogSettings) -> None:
    """Let every line of this process, its libraries' too, go through here."""
    preparing: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    rendering: list[Processor] = [structlog.processors.format_exc_info, mask, _renderer(settings)]
    structlog.configure(
        processors=[*preparing, *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
    )
    _let_libraries_through(preparing, rendering)


def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide whatever could be a credential."""
    return {name: _masked(name, value) for name, value in event.items()}


def _masked(name: object, value: Any) -> Any:
    # Bytes are hidden whole: nothing we log is made of them, but keys are.
    if isinstance(value, SecretStr | bytes) or SECRET_NAME.search(str(name)):
        return MASK
    match value:
        case int() | float() | None:
            return value
        case Mapping():
            return {key: _masked(key, inner) for key, inner in value.items()}
        case (str() | bytes() as key, inner):  # a header, as ASGI and HTTP clients keep them
            return [str(key), _masked(key, inner)]
        case list() | tuple() | set():
            return [_masked("", inner) for inner in value]
        case _:
            return SECRET_LOOK.sub(MASK, str(value))


def _renderer(settings: LogSettings) -> Processor:
    """Choose how a line looks; `auto` is for people when people are looking."""
    if settings.log_format == "console" or (settings.log_format == "auto" and sys.stdout.isatty()):
        return structlog.dev.ConsoleRenderer(timestamp_key="at", colors=sys.stdout.isatty())
    return structlog.processors.JSONRenderer(serializer=_to_json)


def _to_json(event: EventDict, **_options: object) -> str:
    return msgspec.json.encode(event).decode()


def _let_libraries_through(preparing: list[Processor], rendering: list[Processor]) -> None:
    """Write the warnings of libraries as our lines, and nothing less serious."""
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *preparing],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    logging.basicConfig(handlers=[lines], level=logging.WARNING, force=True)
    logging.captureWarnings(capture=True)
