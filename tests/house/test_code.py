"""How the code reads, as far as a program can tell."""

import ast
import re

import pytest

from tests.house.files import ROOT, parsed, tracked

LONGEST_FUNCTION = 40
LONGEST_FILE = 300  # about 200 is the habit; a table of settings or a story may go on a little
REFUSED_NAMES = re.compile(r"(Manager|Service|Helper|Util|Utils|Handler|Base|Abstract\w*)$")
# What belongs to one machine or one registry, or opens something. Written so that this file does not match.
REFUSED = [
    r"files[.]pythonhosted[.]org",
    r"--(extra-)?index-url",
    r"BEGIN [A-Z ]*PRIVATE KEY",
    r"\b(TODO|FIXME|XXX)\b",
    *([re.escape(f"{ROOT}/")] if len(ROOT.parts) > 2 else []),
]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def test_every_module_says_what_it_is():
    assert [name for name, module in parsed().items() if not ast.get_docstring(module)] == []


def test_functions_are_short():
    assert [
        f"{name}:{node.lineno} {node.name}"
        for name, module in parsed().items()
        for node in ast.walk(module)
        if isinstance(node, FUNCTIONS) and _lines(node) > LONGEST_FUNCTION
    ] == []


def test_files_can_be_read_in_a_sitting():
    lengths = {str(path.relative_to(ROOT)): path.read_text().count("\n") for path in tracked(".py")}

    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_names_say_what_a_thing_is():
    assert [
        f"{name}:{node.lineno} {node.name}"
        for name, module in parsed().items()
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef) and REFUSED_NAMES.search(node.name)
    ] == []


@pytest.mark.parametrize("refused", REFUSED)
def test_nothing_that_is_one_machines_is_in_the_project(refused):
    pattern = re.compile(refused)
    texts = {str(path.relative_to(ROOT)): _text(path) for path in tracked() if path.name != "test_code.py"}

    assert [name for name, text in texts.items() if pattern.search(text)] == []


def test_no_test_is_switched_off_and_nothing_is_mocked():
    refused = re.compile(r"mark\.(skip\b|xfail)|unittest\.mock|mocker\b|mock\.patch")
    texts = {path.name: _text(path) for path in tracked(".py") if "tests" in path.parts}

    assert [name for name, text in texts.items() if name != "test_code.py" and refused.search(text)] == []


def test_every_package_is_pinned_to_one_version():
    lines = (ROOT / "constraints.txt").read_text().splitlines()

    assert [line for line in lines if not re.fullmatch(r"#.*|[\w.-]+==[\w.]+", line)] == []


def _lines(function):
    """Count a function's lines without its docstring: that is for reading, not to be short."""
    told = ast.get_docstring(function, clean=False) or ""
    return function.end_lineno - function.lineno + 1 - told.count("\n")


def _text(path):
    return path.read_text(encoding="utf-8", errors="replace")
