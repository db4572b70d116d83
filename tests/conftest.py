"""What all tests share: real servers, and an environment that says nothing of Roost."""

import os

import pytest

# Read by testcontainers when it is imported: no helper container of its own, and quick looks.
os.environ.update(  # noqa: TID251 (there is no other way to tell it)
    TESTCONTAINERS_RYUK_DISABLED="true", TC_POOLING_INTERVAL="0.2", TC_MAX_TRIES="600"
)

pytest_plugins = ["tests.servers.fixtures"]


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    for name in [name for name in os.environ if name.startswith("ROOST_")]:  # noqa: TID251 (to clear it)
        if not name.startswith("ROOST_TEST_"):
            monkeypatch.delenv(name)
