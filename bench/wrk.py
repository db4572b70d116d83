"""Load from `wrk`: so many connections, each asking again as soon as it has been answered."""

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 16

# One request after another takes the next of these headers.
_SCRIPT = """
local headers = {{ {headers} }}
local asked = 0
request = function()
  asked = asked + 1
  return wrk.format('GET', nil, headers[asked % #headers + 1])
end
"""

_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True, slots=True)
class Load:
    """What a server answered under load."""

    per_second: float
    p50_ms: float
    p99_ms: float


def found() -> bool:
    """Tell whether wrk is installed."""
    return shutil.which("wrk") is not None


def load(url: str, headers: Sequence[Mapping[str, str]], seconds: float, folder: Path) -> Load:
    """
    Ask for one address with one after another of these headers.

    Errors: AssertionError when anything but 2xx and 3xx was answered.
    """
    script = folder / "wrk.lua"
    script.write_text(_SCRIPT.format(headers=",".join(map(_written, headers))))
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "--latency", "-s", str(script), url]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 (ours)
    assert "Non-2xx" not in told, told
    return Load(float(_find(told, r"Requests/sec:\s+(\S+)")[0]), _ms(told, 50), _ms(told, 99))


def _written(headers: Mapping[str, str]) -> str:
    pairs = (f"['{name}'] = '{value}'" for name, value in headers.items())
    return f"{{ {', '.join(pairs)} }}"


def _ms(told: str, percent: int) -> float:
    figure, unit = _find(told, rf"{percent}%\s+([\d.]+)(us|ms|s)")
    return float(figure) * _MS[unit]


def _find(told: str, pattern: str) -> tuple[str, ...]:
    match = re.search(pattern, told)
    assert match, told
    return match.groups()
