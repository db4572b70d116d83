"""What the end-to-end tests share: a deployment of one's own, figures told, and logs when something fails."""

import pytest
from playwright.sync_api import sync_playwright

from tests.e2e.browsing import FLAGS, browsing, chromium_path
from tests.e2e.deployment import Deployment
from tests.e2e.person import ask
from tests.servers import telling

LAST_CHARACTERS = 1000


@pytest.fixture
def deploy(programs, redis_db):
    """Make a deployment on a Redis that is empty."""
    return lambda **settings: Deployment(programs, **{"redis_url": redis_db, **settings})


@pytest.fixture(scope="module")
def chromium():
    """A browser."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium_path(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def roost(deploy, redis_broker):
    """A deployment, and an X that lets everybody ask often."""
    deployment = deploy(broker_url=redis_broker)
    for person in ask(deployment, "GET", "/_sim/users")["users"]:
        ask(deployment, "PUT", f"/_sim/users/{person['id']}/limit", {"limit": 900})
    deployment.start()
    return deployment


@pytest.fixture
def page(chromium, roost):  # it is closed before what it listens to ends
    """A page of a browser, on which nothing goes wrong."""
    with browsing(chromium, viewport={"width": 1100, "height": 900}) as page:
        yield page


@pytest.fixture
def tell(pytestconfig):
    """Print a line now, whatever is captured: a figure that no test asserts."""
    return lambda line: telling.tell(pytestconfig, f"\n  {line}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Show the end of every log next to what failed."""
    report = yield
    folder = item.funcargs.get("tmp_path") if report.failed else None
    for log in sorted(folder.rglob("*.log")) if folder else ():
        report.sections.append((log.name, log.read_text(errors="replace")[-LAST_CHARACTERS:]))
    return report
