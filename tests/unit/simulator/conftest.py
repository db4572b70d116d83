"""A simulator in this process, whose clock the test moves."""

import pytest

from tests.unit.simulator.x import X


@pytest.fixture
async def x():
    """An empty world: nobody in it, and pages as long as asked for."""
    x = X()
    yield x
    await x.client.aclose()
