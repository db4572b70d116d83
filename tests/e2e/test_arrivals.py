"""What comes while a person reads: it moves nobody, nothing is missed, and what is gone is not shown."""

from playwright.sync_api import Page, expect

from tests.e2e.browsing import browsing
from tests.e2e.person import PAGE, ROWS, ask, held, ids, sign_in, write
from tests.servers.process import until

#: What a browser does when its tab is hidden, or shown again.
TURN = """where => {
    Object.defineProperty(document, "hidden", { value: where === "away", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def must_tell(page: Page, roost, shown: list[int], new: int) -> None:
    """See that the page tells of just as many tweets as have come, this one among them: others write too."""

    def is_told() -> bool:
        come = {each for each in held(page, roost) if each > shown[-1]}.difference(shown)
        words = "1 new tweet" if len(come) == 1 else f"{len(come)} new tweets"
        return new in come and page.locator("#news").text_content() == words

    until(is_told, seconds=60)


def test_what_is_gone_before_one_looks_is_not_shown(page, roost):
    person = sign_in(page, roost)
    page.mouse.wheel(0, 3000)
    until(lambda: page.evaluate("scrollY > 1000"))
    shown = ids(page)
    (first,) = write(roost, person, "first version")
    must_tell(page, roost, shown, first)

    edit = {"tweets": [{"text": "second version", "edit_history_tweet_ids": [str(first)]}]}
    (second,) = ask(roost, "POST", f"/_sim/users/{person}/tweets", edit)["ids"]
    until(lambda: int(second) in held(page, roost), seconds=60)
    page.wait_for_timeout(500)

    page.locator("#news").click()
    expect(page.locator(f'{ROWS}[data-id="{second}"]')).to_be_visible()
    assert first not in ids(page)


def test_what_one_reads_with_the_keyboard_is_not_moved(page, roost):
    person = sign_in(page, roost)
    page.keyboard.press("j")
    place = "document.activeElement.getBoundingClientRect().top"
    before, shown = page.evaluate(place), ids(page)

    (new,) = write(roost, person, "a new one")

    must_tell(page, roost, shown, new)
    assert page.evaluate(place) == before


def test_one_who_could_not_listen_for_a_while_misses_nothing(chromium, roost):
    with browsing(chromium, forgiven="Failed to load resource") as page:
        person = sign_in(page, roost)
        page.route("**/v1/timeline/stream*", lambda route: route.fulfill(status=429))
        page.reload()
        expect(page.locator(ROWS).first).to_be_attached()
        page.route("**/v1/timeline?*", lambda route: route.abort())
        expect(page.locator("#state")).to_contain_text("cannot be reached", timeout=20_000)

        written = set(write(roost, person, *(f"tweet {each}" for each in range(2 * PAGE + 1))))
        until(lambda: written <= set(held(page, roost)), seconds=60)
        page.unroute("**/v1/timeline?*")

        expect(page.locator("#state")).not_to_contain_text("cannot be reached", timeout=20_000)
        until(lambda: written <= set(ids(page)), seconds=20)
        assert ids(page) == held(page, roost)[: len(ids(page))]


def test_nobody_is_told_that_there_is_nothing_where_there_is_something(page, roost):
    busy = ask(roost, "POST", "/_sim/users", {"username": "busy"})
    ask(roost, "PUT", f"/_sim/users/{busy['id']}/limit", {"limit": 900})
    sign_in(page, roost, "busy")
    until(lambda: len(held(page, roost)) >= PAGE)
    expect(page.locator("#end")).not_to_contain_text("Nobody")
    page.locator("#sign-out").click()

    quiet = ask(roost, "POST", "/_sim/users", {"username": "quiet", "follow": 0})
    ask(roost, "PUT", f"/_sim/users/{quiet['id']}/limit", {"limit": 900})
    sign_in(page, roost, "quiet", is_empty=True)
    expect(page.locator("#end")).to_contain_text("Nobody you follow has posted", timeout=60_000)
    write(roost, quiet["id"], "the first of all")
    expect(page.locator(ROWS)).to_have_count(1, timeout=60_000)
    expect(page.locator("#end")).not_to_contain_text("Nobody")


def test_one_who_looks_is_told_that_roost_is_gone_and_when_it_is_back(chromium, programs, roost):
    with browsing(chromium, forgiven="net::ERR") as page:
        sign_in(page, roost)
        state = page.locator("#state")
        expect(state).to_contain_text("As of")

        (gateway,) = (each for each in programs.running() if each.log.stem.startswith("api"))
        gateway.stop()
        expect(state).to_contain_text("cannot be reached", timeout=30_000)
        expect(state).to_contain_text("As of")
        gateway.start()

        expect(state).not_to_contain_text("cannot be reached", timeout=60_000)


def test_a_page_that_nobody_looks_at_stops_to_listen(page, roost):
    sign_in(page, roost)
    begun, ended = [], []
    page.on("request", lambda request: begun.append(request.url))
    page.on("requestfailed", lambda request: ended.append(request.url))
    page.clock.install()
    page.reload()
    expect(page.locator(ROWS).first).to_be_visible()
    until(lambda: streams(page, begun) == 1)
    before = streams(page, ended)

    page.evaluate(TURN, "away")
    page.clock.fast_forward(61_000)
    until(lambda: streams(page, ended) > before)
    page.evaluate(TURN, "back")

    until(lambda: streams(page, begun) == 2)


def streams(page: Page, urls: list[str]) -> int:
    """Count streams among addresses, once the browser has told of all."""
    page.evaluate("true")
    return sum("/v1/timeline/stream" in each for each in urls)
