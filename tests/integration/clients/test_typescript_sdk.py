"""
X's own TypeScript SDK, unmodified: the example of `docs/clients.md` is run as it stands there.

Node.js is no dependency of the project: where there is none this is left out, but never in CI.
"""

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

SDK = "@xdevplatform/xdk@0.6.6"
CLIENTS = Path(__file__).parents[3] / "docs" / "clients.md"
GIVEN = "const ROOST = process.env.GATEWAY, TOKEN = process.env.TOKEN;\n"
PATIENCE_SECONDS = 120


@pytest.fixture(scope="session")
def program(tmp_path_factory):
    """A folder with the SDK and the example."""
    if not shutil.which("npm") and not os.environ.get("CI"):  # noqa: TID251 (what the tests are told)
        pytest.skip("There is no npm on this machine: apt-get install npm.")
    folder = tmp_path_factory.mktemp("typescript")
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    _run(folder, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", SDK)
    (folder / "example.js").write_text(GIVEN + _example())
    return folder


async def test_the_timeline_is_read_completely_and_in_order(gate, program, reader, ids):
    known = {"GATEWAY": gate.plain, "TOKEN": reader.token}
    printed = await asyncio.to_thread(_run, program, "node", "example.js", **known)

    assert [int(json.loads(line)["id"]) for line in printed.splitlines()] == ids


def _example() -> str:
    """Find the program in what developers are told."""
    section = CLIENTS.read_text().partition("## X's TypeScript SDK\n")[2].partition("\n## ")[0]
    return dedent("\n".join(line for line in section.splitlines() if line.startswith("    ")))


def _run(folder: Path, *words: str, **known: str) -> str:
    environment = {**os.environ, **known}  # noqa: TID251 (a program of ours is given what it is to know)
    run = subprocess.run(
        words,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout
