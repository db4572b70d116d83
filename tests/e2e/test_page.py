"""What a person does on the page: read, wait for more, scroll back, use the keyboard."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import browsing, keep, serious_faults
from tests.e2e.person import A_TWEET, PAGE, ROWS, STRANGE, account, held, ids, open_gap, sign_in, write
from tests.servers.process import until

HISTORY = 800
LOOKS = [("light", 1100, 900), ("dark", 1100, 900), ("light", 360, 740), ("dark", 360, 740)]


def test_what_is_new_arrives_by_itself_and_unaltered(page, roost, tmp_path):
    person = sign_in(page, roost)

    (new,) = write(roost, person, "5 &lt; 6 &amp; 7 <script>alert(1)</script>")

    row = page.locator(f'{ROWS}[data-id="{new}"]')
    expect(row.locator(".text")).to_have_text("5 < 6 & 7 <script>alert(1)</script>", timeout=60_000)
    expect(row.locator("a.open")).to_have_attribute("href", re.compile(rf"/status/{new}$"))
    assert ids(page) == sorted(ids(page), reverse=True)
    keep(page, "live", tmp_path)


def test_a_tweet_is_shown_as_x_asks_whatever_is_in_it(page, roost):
    sign_in(page, roost)
    page.route("**/v1/timeline?*", lambda route: route.fulfill(json=STRANGE))
    page.reload()
    first, second = page.locator(ROWS).nth(0), page.locator(ROWS).nth(1)

    expect(first.locator(".when")).to_contain_text("Edited")
    expect(second.locator(".when").first).not_to_contain_text("Edited")
    assert first.locator(".face").text_content() == "🦜"
    assert first.locator(".text").text_content() == "שלום  two spaces\n\n<b>here</b>"
    looks = first.locator(".text").evaluate(
        "text => [getComputedStyle(text).direction, getComputedStyle(text).whiteSpace]"
    )
    assert looks == ["rtl", "pre-wrap"]
    assert first.locator(".text a").get_attribute("href") is None
    assert page.locator(f"{ROWS} a:not([rel~=noopener])").count() == 0
    for link in (".by", ".handle", ".face"):
        assert first.locator(link).get_attribute("href") == "https://x.com/liar"
    # A name that turns around what comes after it turns nothing but itself.
    reposted = second.locator(".reposted")
    expect(reposted.locator("bdi")).to_have_text(STRANGE["includes"]["users"][0]["name"])
    expect(reposted).to_contain_text("reposted")
    assert second.locator(".text").all_text_contents() == ["what Calm says", "what was quoted"]
    expect(second.locator("a.open")).to_have_attribute(
        "href", re.compile("/calm/status/2124700899293056700$")
    )


def test_one_who_reads_further_down_is_told_of_what_is_new_and_not_moved(page, roost):
    person = sign_in(page, roost)
    page.mouse.wheel(0, 3000)
    until(lambda: page.evaluate("scrollY > 1000"))  # the page lets nobody wait in it: its policy has no eval
    page.wait_for_timeout(500)
    before = page.evaluate("scrollY")

    (new,) = write(roost, person, "a new one")

    expect(page.locator("#news")).to_contain_text("new tweet", timeout=60_000)
    assert abs(page.evaluate("scrollY") - before) < A_TWEET  # heights are guessed until they are seen
    page.locator("#news").click()
    expect(page.locator(f'{ROWS}[data-id="{new}"]')).to_be_visible()


def test_one_scrolls_through_the_whole_history_in_order(page, roost, tmp_path):
    sign_in(page, roost)
    until(lambda: account(page)["tweets"] >= HISTORY, seconds=120)
    page.reload()
    expect(page.locator(ROWS).first).to_be_visible()

    for _ in range(200):
        page.mouse.wheel(0, 20_000)
        page.wait_for_timeout(50)
        if page.locator("#end").is_visible():
            break

    expect(page.locator("#end")).to_contain_text("begins")
    seen = ids(page)
    assert len(seen) >= HISTORY
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == account(page)["tweets"]
    keep(page, "history", tmp_path)


def test_a_gap_is_shown_where_it_is_and_fetched_when_one_asks(page, roost, tmp_path):
    person = sign_in(page, roost)
    newer, older = ids(page)[2:4]
    page.evaluate("fetch('/v1/account/pause', { method: 'PUT' })")
    open_gap(roost, person, older, newer)
    page.reload()

    gap = page.locator("#timeline > li.gap")
    expect(gap).to_have_count(1)
    assert page.locator("#timeline > li").nth(3).get_attribute("class") == "gap"
    keep(page, "gap", tmp_path)
    page.evaluate("fetch('/v1/account/pause', { method: 'DELETE' })")
    gap.get_by_role("button", name="Fetch now").click()

    expect(gap).to_have_count(0, timeout=60_000)


def test_a_gap_that_nobody_can_fill_says_so(page, roost):
    person = sign_in(page, roost)
    newer, older = ids(page)[2:4]
    page.evaluate("fetch('/v1/account/pause', { method: 'PUT' })")
    open_gap(roost, person, older, newer, "-x")
    page.reload()

    expect(page.locator("#timeline > li.gap")).to_contain_text("X no longer gives them")
    expect(page.locator("#timeline > li.gap button")).to_have_count(0)


def test_the_keyboard_goes_from_tweet_to_tweet(page, roost):
    sign_in(page, roost)
    focused = "document.activeElement.closest('li')?.dataset.id"

    page.keyboard.press("j")
    first = page.evaluate(focused)
    page.keyboard.press("j")
    second = page.evaluate(focused)
    page.keyboard.press("k")

    assert [int(first), int(second)] == ids(page)[:2]
    assert page.evaluate(focused) == first
    for _ in range(12):
        page.keyboard.press("j")
    for _ in range(8):
        page.keyboard.press("k")
    header = page.evaluate("document.querySelector('header').getBoundingClientRect().bottom")
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= header
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()


@pytest.mark.parametrize("look", LOOKS, ids=[f"{colours} {width}" for colours, width, _ in LOOKS])
def test_everybody_can_read_it_in_either_colours_on_any_screen(chromium, roost, tmp_path, look):
    colours, width, height = look
    size = {"width": width, "height": height}
    with browsing(chromium, color_scheme=colours, viewport=size) as page:
        page.goto(roost.gateway_url)
        found = {"welcome": serious_faults(page)}
        sign_in(page, roost)
        for name, path in {"timeline": "/", "settings": "/settings"}.items():
            page.goto(f"{roost.gateway_url}{path}")
            expect(page.locator(f"{ROWS}, #account dd").first).to_be_visible()
            found[name] = serious_faults(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            keep(page, f"{name} {colours} {width}", tmp_path)

    assert found == {"welcome": [], "timeline": [], "settings": []}


def test_one_comes_back_to_where_one_was(page, roost):
    sign_in(page, roost)
    until(lambda: len(held(page, roost)) >= 4 * PAGE)
    page.reload()
    while len(ids(page)) < 3 * PAGE:
        page.mouse.wheel(0, 5000)
        page.wait_for_timeout(100)
    page.wait_for_timeout(500)
    row = f"[...document.querySelectorAll('{ROWS}')].find((row) => row.getBoundingClientRect().bottom > 80)"
    place = f"(() => [{row}.dataset.id, {row}.getBoundingClientRect().top])()"
    before = page.evaluate(place)

    page.get_by_role("link", name="Settings").click()
    expect(page.locator("#account dd").first).to_be_visible()
    page.go_back()

    until(lambda: page.evaluate("scrollY > 1000"))
    page.wait_for_timeout(500)
    after = page.evaluate(place)
    assert after[0] == before[0]
    assert abs(after[1] - before[1]) < A_TWEET


def test_one_chooses_the_colours_and_they_stay(page, roost):
    sign_in(page, roost)
    paper = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(paper)

    page.locator("#theme").click()
    chosen = page.evaluate(paper)
    page.reload()

    assert before != chosen == page.evaluate(paper)
