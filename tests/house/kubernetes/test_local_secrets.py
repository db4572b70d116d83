"""bin/local-secrets makes all of its files or none, and what is there stays."""

import os
import shutil
import subprocess

import pytest

from tests.house.files import ROOT

WHERE = "k8s/overlays/local/secrets"


@pytest.fixture
def folder(tmp_path):
    """A copy of what it reads."""
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "bin" / "local-secrets", tmp_path / "bin")
    shutil.copytree(ROOT / WHERE, tmp_path / WHERE, ignore=shutil.ignore_patterns("*.env"))
    return tmp_path


def run(folder, **environment):
    words = [folder / "bin" / "local-secrets"]
    known = {"PATH": os.environ["PATH"]}  # noqa: TID251 (passed on)
    return subprocess.run(words, env=known | environment, capture_output=True, text=True, check=False)


def made(folder):
    return {each.name: each.read_text() for each in (folder / WHERE).glob("*.env")}


def test_what_is_there_stays(folder):
    assert run(folder).returncode == 0
    first = made(folder)
    assert run(folder).returncode == 0

    assert made(folder) == first
    assert {f"{name}.example" for name in first} == {each.name for each in (folder / WHERE).glob("*.example")}
    assert all(each.stat().st_mode & 0o077 == 0 for each in (folder / WHERE).glob("*.env"))


def test_a_machine_whose_base64_knows_no_width_is_enough(folder):
    """As on macOS, where Docker Desktop is at home."""
    stubs = folder / "stubs"
    stubs.mkdir()
    (stubs / "base64").write_text("#!/bin/sh\n[ $# -eq 0 ] && exec /usr/bin/base64 -w 20\nexit 64\n")
    (stubs / "base64").chmod(0o755)

    assert run(folder, PATH=f"{stubs}:/usr/bin:/bin").returncode == 0
    assert all(
        "=" in line for text in made(folder).values() for line in text.splitlines()
    )  # none is broken in two
    assert len(made(folder)) == len(list((folder / WHERE).glob("*.example")))


def test_one_that_was_cut_off_has_left_nothing_and_may_run_again(folder):
    """Some of the files would hold passwords that the others, made later, do not have."""
    stubs = folder / "stubs"
    stubs.mkdir()
    (stubs / "sed").write_text('#!/bin/sh\ncase "$*" in *redis.env*) exit 1; esac\nexec /bin/sed "$@"\n')
    (stubs / "sed").chmod(0o755)

    cut_off = run(folder, PATH=f"{stubs}:/usr/bin:/bin")

    assert cut_off.returncode != 0
    assert made(folder) == {}
    assert run(folder).returncode == 0
    assert len(made(folder)) == len(list((folder / WHERE).glob("*.example")))
    assert {each.suffix for each in (folder / WHERE).iterdir()} == {".env", ".example"}


def test_it_says_which_file_is_missing(folder):
    run(folder)
    (folder / WHERE / "redis-keys.env").unlink()

    again = run(folder)

    assert again.returncode == 1
    assert "redis-keys.env" in again.stderr
