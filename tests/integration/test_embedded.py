"""`roost up` and its parts: what it says when it cannot start, and that nothing outlives it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from roost import valkey
from roost.child import Child
from roost.family import Family
from roost.fault import Fault
from roost.folder import hold
from roost.ports import reserve_port
from tests.servers import redis
from tests.servers.process import until

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('up', flush=True); time.sleep(600)",
]
PATH = {"PATH": os.environ["PATH"]}  # noqa: TID251 (passed on)


@pytest.fixture
async def family(tmp_path):
    """Children of the test's own, with their logs."""
    family = Family(tmp_path / "log")
    yield family
    await family.stop()


async def test_children_stop_newest_first(family, tmp_path):
    order = tmp_path / "order"
    for name in ("first", "second", "third"):
        script = f"trap 'echo {name} >> {order}; exit 0' TERM; echo up; while :; do sleep 0.05; done"
        await family.start(name, ["sh", "-c", script], PATH)
        await family.until(_says(family, name, "up"), name)

    assert await family.stop() == []

    assert order.read_text().split() == ["third", "second", "first"]


async def test_a_child_that_ends_is_named_with_the_end_of_its_log(family):
    await family.start("lives", SLEEPER, PATH)
    await family.start("ends", ["sh", "-c", "echo the reason >&2; exit 3"], PATH)

    with pytest.raises(Fault, match=r"ends ended \(status 3\)(.|\n)*the reason"):
        await family.watch()


async def test_a_child_that_ends_while_it_is_waited_for_is_named(family):
    async def never() -> bool:
        return False

    await family.start("ends", ["sh", "-c", "exit 4"], PATH)

    with pytest.raises(Fault, match=r"ends ended \(status 4\)"):
        await family.until(never, "it")


async def test_a_child_that_does_not_stop_is_killed(family, monkeypatch):
    monkeypatch.setattr("roost.child.STOP_SECONDS", 0.2)
    await family.start("deaf", DEAF, PATH)
    await family.until(_says(family, "deaf", "up"), "it")

    assert await family.stop() == ["deaf"]


async def test_the_log_of_the_time_before_is_kept(tmp_path):
    for said in ("before", "now"):
        child = await Child.start(["echo", said], tmp_path / "echo.log", PATH)
        await child.ended

    assert (tmp_path / "echo.log").read_text() == "now\n"
    assert (tmp_path / "echo.log.1").read_text() == "before\n"


async def test_a_folder_is_held_once(tmp_path):
    async with hold(tmp_path):
        with pytest.raises(Fault, match=f"in use by another `roost up` .process {os.getpid()}"):
            async with hold(tmp_path):
                raise AssertionError("held twice")

    async with hold(tmp_path):
        pass


async def test_a_folder_that_cannot_be_made_is_a_fault(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(Fault, match=r"^ROOST_DATA_DIR: "):
        async with hold(tmp_path / "file" / "var"):
            raise AssertionError("held")


async def test_valkey_keeps_what_it_was_given(family, tmp_path):
    (tmp_path / "valkey").mkdir()
    port = reserve_port()
    url = f"redis://127.0.0.1:{port}/0"

    async def ready() -> bool:
        return redis.answers(url)

    with socket.create_connection(("127.0.0.1", await _started(family, port, tmp_path, ready))) as connection:
        connection.sendall(b"SET kept 1\r\n")
        assert connection.recv(5) == b"+OK\r\n"
    await family.stop()

    again = Family(tmp_path / "log")
    with socket.create_connection(("127.0.0.1", await _started(again, port, tmp_path, ready))) as connection:
        connection.sendall(b"GET kept\r\n")
        assert connection.recv(7) == b"$1\r\n1\r\n"
    await again.stop()


def test_a_port_in_use_is_one_line_and_nothing_is_started(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        up = _up(tmp_path, ROOST_PORT=str(port))

    assert (up.returncode, up.stderr) == (1, "")
    assert (
        up.stdout
        == f"ROOST_PORT: cannot listen on 127.0.0.1 port {port}: Address already in use; set another\n"
    )
    assert not (tmp_path / "var" / "log").exists()


def test_a_malformed_setting_is_one_line(tmp_path):
    up = _up(tmp_path, ROOST_PORT="abc")

    assert up.returncode == 2
    assert up.stderr.startswith("ROOST_PORT: ")
    assert up.stderr.count("\n") == 1


def test_children_end_when_their_parent_is_killed(tmp_path):
    program = (
        "import asyncio, os, pathlib, signal\n"
        "from roost.child import Child\n"
        "async def main():\n"
        f"    log = pathlib.Path({str(tmp_path / 'child.log')!r})\n"
        f"    child = await Child.start({SLEEPER!r}, log, os.environ)\n"
        "    print(child._process.pid, flush=True)\n"
        "    await child.ended\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        assert _lives(child)

        os.kill(parent.pid, signal.SIGKILL)

        until(lambda: not _lives(child))


def _up(folder, **environment):
    words = [sys.executable, "-m", "roost", "up"]
    return subprocess.run(
        words, cwd=folder, env=PATH | environment, capture_output=True, text=True, check=False, timeout=60
    )


def _says(family, name, word):
    async def said() -> bool:
        log = family.logs / f"{name}.log"
        return word in log.read_text()

    return said


async def _started(family, port, folder, ready):
    await family.start("valkey", valkey.command(port, folder / "valkey"), PATH)
    await family.until(ready, "Valkey")
    return port


def _lives(process_id):
    """Tell whether a process runs; one that ended and was not fetched by its parent does not."""
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
