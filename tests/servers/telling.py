"""Telling whoever runs the tests something now, whatever is captured."""

import sys

import pytest


def tell(config: pytest.Config, line: str) -> None:
    """Print a line; where several processes share the tests, each on the standard error of all."""
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    captured = config.pluginmanager.get_plugin("capturemanager")
    with captured.global_and_fixture_disabled():
        if hasattr(config, "workerinput"):  # one process of several: its own terminal is seen nowhere
            sys.__stderr__.write(f"{line}\n")
        else:
            terminal.write_line(line)
