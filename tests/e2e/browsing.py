"""A real browser that loads nothing from elsewhere, and keeps what it complained of."""

import os
import re
import shutil
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Route

PATIENCE_MS = 30_000
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
#: A picture of one point, for those that are X's.
PICTURE = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'><rect width='1' height='1' fill='gray'/></svg>"
)


def chromium_path() -> str:
    """Find the browser."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "there is no Chromium on this machine: apt-get install chromium"
    return path


@contextmanager
def browsing(browser, *, forgiven: str = "nothing", **options):
    """Open a page of its own; whatever its console calls an error, or breaks its policy, fails the test."""
    context = browser.new_context(**{"color_scheme": "light", **options})
    context.route("https://pbs.twimg.com/**", _picture)
    page, faults = context.new_page(), []
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda said: _note(faults, said, forgiven))
    try:
        yield page
    finally:
        context.close()
    assert not faults, f"the console says: {faults}"


def serious_faults(page: Page) -> list[str]:
    """Name what keeps people who cannot see or point from using this page."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['help']}" for each in found if each["impact"] in {"serious", "critical"}]


def keep(page: Page, name: str, folder: Path) -> None:
    """Keep a picture of the page: where ROOST_TEST_ARTEFACTS says, else with the test."""
    folder = Path(os.environ.get("ROOST_TEST_ARTEFACTS") or folder)  # noqa: TID251 (CI says where)
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{re.sub('[^a-z0-9]+', '-', name.lower())}.png")


def _note(faults: list[str], said: ConsoleMessage, forgiven: str) -> None:
    if said.type == "error" and forgiven not in said.text:
        faults.append(said.text)


def _picture(route: Route) -> None:
    route.fulfill(body=PICTURE, content_type="image/svg+xml")
