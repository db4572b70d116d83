"""The command line teaches, and loads nothing that it does not run."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from roost.cli import app
from roost.metrics_text import page
from roost.settings_text import env_example

COMMANDS = ("up", "api", "scheduler", "fetcher", "simulator", "settings", "metrics", "recover")


def test_help_names_every_command_and_says_what_it_does():
    said = CliRunner().invoke(app, ["--help"]).output

    for command in COMMANDS:
        assert any(line.split()[1:2] == [command] and len(line.split()) > 4 for line in said.splitlines())


def test_settings_are_printed_as_an_env_file():
    assert CliRunner().invoke(app, ["settings", "--env"]).output == env_example()


def test_metrics_are_printed_as_their_page():
    assert CliRunner().invoke(app, ["metrics"]).output == page()


def test_settings_are_printed_as_a_table():
    said = CliRunner().invoke(app, ["settings"]).output

    assert "ROOST_PORT" in said


@pytest.mark.parametrize("package", ["fastapi", "dramatiq", "redis", "httpx2"])
def test_the_command_line_loads_no_service(package):
    program = f"import sys, roost.cli; sys.exit({package!r} in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize("amount", ["-5", "12,40", "much", "nan", "Infinity", ""])
def test_what_is_no_amount_of_money_is_refused_before_anything_is_done(amount):
    said = CliRunner().invoke(app, ["recover", f"--billed-today-dollars={amount}"])

    assert said.exit_code == 2
    assert "Invalid value for '--billed-today-dollars'" in said.output
