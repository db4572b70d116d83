"""Wherever a setting is named, it exists; and `.env.example` names all of them."""

import re

from roost.settings_text import env_example
from shared.environment import variable
from shared.settings import PROGRAMS
from tests.house.files import ROOT, tracked

KNOWN = {variable(name) for program in PROGRAMS for name in program.model_fields}
NAMED = re.compile(r"\bROOST_[A-Z0-9_]+\b")
ENDINGS = (".md", ".yaml", "Makefile", "Dockerfile", ".example")


def test_env_example_is_made_from_the_settings():
    assert (ROOT / ".env.example").read_text() == env_example(), "run `roost settings --env > .env.example`"


def test_every_variable_stands_once_in_env_example():
    names = re.findall(r"^#(ROOST_\w+)=", env_example(), re.M)

    assert sorted(names) == sorted(KNOWN)


def test_every_setting_that_is_named_anywhere_exists():
    named = {
        (path.name, name.removesuffix("_FILE"))
        for ending in ENDINGS
        for path in tracked(ending)
        for name in NAMED.findall(path.read_text())
    }
    spoken_of = {"ROOST_NAME"}  # the example of a name

    assert {
        (where, name)
        for where, name in named
        if not name.startswith("ROOST_TEST_") and name not in KNOWN | spoken_of
    } == set()
