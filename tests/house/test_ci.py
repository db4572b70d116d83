"""What .ci/run prepares is what the tests ask for, and no more."""

import shutil
import subprocess

import pytest

from tests.house.files import ROOT


@pytest.fixture
def machine(tmp_path):
    """A machine with nothing but what .ci/run calls, npm and a make; its apt-get reaches nobody."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("bash", "dirname"):
        (programs / name).symlink_to(shutil.which(name))
    _stub(programs / "apt-get", "exit 100")
    _stub(programs / "npm", "exit 0")
    _stub(programs / "python3", "exit 0")
    _stub(programs / "make", 'echo "make $*"')
    (tmp_path / "roost" / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", tmp_path / "roost" / ".ci")
    return tmp_path


@pytest.mark.parametrize("browser", ["chromium", "google-chrome"])
def test_a_browser_that_the_tests_would_take_is_enough(machine, browser):
    _stub(machine / "programs" / browser, "exit 0")

    done = _run(machine)

    assert (done.returncode, done.stdout) == (0, "make ci\n")


def test_what_cannot_be_installed_ends_it_at_once(machine):
    done = _run(machine)

    assert done.returncode == 100
    assert "installing chromium" in done.stdout


def _stub(path, does):
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)


def _run(machine):
    told = {"PATH": str(machine / "programs")}
    return subprocess.run(
        [machine / "roost" / ".ci" / "run"], env=told, capture_output=True, text=True, check=False
    )
