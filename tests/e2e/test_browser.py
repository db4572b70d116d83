"""What a person sees in a real browser: signing in, the timeline arriving, signing out, and saying no."""

import pytest
import redis
from playwright.sync_api import Page, expect

from tests.e2e.browsing import browsing, keep


@pytest.fixture
def page(chromium, roost):  # it is closed before what it listens to ends
    with browsing(chromium, forgiven="status of 40") as page:  # to be told no is one of these tests
        yield page


@pytest.fixture
def roost(deploy, redis_broker):
    deployment = deploy(broker_url=redis_broker)
    deployment.start()
    return deployment.gateway_url


def leave_for_x(page: Page, roost: str) -> None:
    """Open the page and go to X."""
    page.goto(roost)
    page.get_by_role("link", name="Sign in with X").click()
    expect(page.locator("#consent")).to_be_visible()


def test_one_signs_in_sees_the_timeline_arrive_and_signs_out(page, roost, tmp_path):
    leave_for_x(page, roost)
    page.locator("#allow").click()

    expect(page).to_have_url(f"{roost}/")
    expect(page.locator("#timeline li.row").first).to_be_visible()
    expect(page.locator("#state")).to_contain_text("As of")
    tweets = page.locator("#timeline li.row").evaluate_all("rows => rows.map(row => row.dataset.id)")
    assert tweets == sorted(tweets, key=int, reverse=True)
    assert len(tweets) == len(set(tweets))
    keep(page, "timeline", tmp_path)
    cookies = {each["name"]: each for each in page.context.cookies()}
    assert cookies["roost_session"]["httpOnly"]
    assert list(cookies) == ["roost_session"]

    page.locator("#sign-out").click()
    expect(page.locator("#welcome")).to_be_visible()
    assert page.context.cookies() == []
    keep(page, "welcome", tmp_path)
    assert page.request.get(f"{roost}/v1/timeline").status == 401


def test_one_who_says_no_is_told_so_and_may_change_their_mind(page, roost, tmp_path):
    leave_for_x(page, roost)
    page.locator("#deny").click()

    expect(page.locator("#message")).to_have_attribute("data-kind", "denied")
    keep(page, "denied", tmp_path)
    page.get_by_role("link", name="Sign in with X").click()
    page.locator("#allow").click()
    expect(page.locator("#timeline")).to_be_attached()


def test_one_who_takes_too_long_is_told_so(page, roost, redis_db, tmp_path):
    leave_for_x(page, roost)
    with redis.Redis.from_url(redis_db) as client:  # ten minutes pass
        (login,) = client.scan_iter("login:*")
        client.pexpire(login, 1)
    page.locator("#allow").click()

    expect(page.locator("#message")).to_have_attribute("data-kind", "stale")
    keep(page, "stale", tmp_path)
    page.get_by_role("link", name="Sign in with X").click()
    expect(page.locator("#consent")).to_be_visible()
