"""What a person does on the page: read, wait for more, scroll back, use the keyboard, keep their account."""

import json
import re
import urllib.request

import pytest
import redis
from playwright.sync_api import Page, expect

from tests.e2e.browsing import browsing, keep, serious_faults
from tests.servers.process import until

ROWS = "#timeline > li.row"
HISTORY = 800
PAGE = 50
A_TWEET = 100
#: The paths of everything that the page has had the browser keep.
KEPT_PATHS = """caches.keys()
    .then((names) => Promise.all(names.map((name) => caches.open(name).then((cache) => cache.keys()))))
    .then((all) => all.flat().map((each) => new URL(each.url).pathname))"""
#: What people write who want to see a page break.
STRANGE = {
    "data": [
        {
            "id": "2124700899293056973",
            "author_id": "1",
            "text": "שלום  two spaces\n\nhttps://t.co/a",
            "lang": "he",
            "edit_history_tweet_ids": ["2124700899293056900", "2124700899293056973"],
            "entities": {
                "urls": [
                    {
                        "start": 18,
                        "end": 32,
                        "expanded_url": "javascript:alert(1)",
                        "display_url": "<b>here</b>",
                    }
                ]
            },
        },
        {
            "id": "2124700899293056800",
            "author_id": "1",
            "text": "RT",
            "referenced_tweets": [{"type": "retweeted", "id": "2124700899293056700"}],
        },
    ],
    "includes": {
        "users": [
            {"id": "1", "username": "liar", "name": "🦜 <i>bold</i>\u202e"},
            {"id": "2", "username": "calm", "name": "Calm"},
        ],
        "tweets": [
            {
                "id": "2124700899293056700",
                "author_id": "2",
                "text": "what Calm says",
                "referenced_tweets": [{"type": "quoted", "id": "2124700899293056600"}],
            },
            {"id": "2124700899293056600", "author_id": "1", "text": "what was quoted"},
        ],
    },
    "meta": {"result_count": 2, "newest_id": "2124700899293056973", "oldest_id": "2124700899293056800"},
    "gaps": [],
}
#: What a browser does when its tab is hidden, or shown again.
TURN_AWAY = """isHidden => {
    Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
LOOKS = [("light", 1100, 900), ("dark", 1100, 900), ("light", 360, 740), ("dark", 360, 740)]


@pytest.fixture
def roost(deploy, redis_broker):
    deployment = deploy(broker_url=redis_broker)
    for person in ask(deployment, "GET", "/_sim/users")["users"]:
        ask(deployment, "PUT", f"/_sim/users/{person['id']}/limit", {"limit": 900})
    deployment.start()
    return deployment


@pytest.fixture
def page(chromium, roost):  # it is closed before what it listens to ends
    with browsing(chromium, viewport={"width": 1100, "height": 900}) as page:
        yield page


def sign_in(page: Page, roost, person: str = "person0", *, is_empty: bool = False) -> str:
    """Sign in; tell whose account it is."""
    page.goto(roost.gateway_url)
    page.get_by_role("link", name="Sign in with X").click()
    page.locator("#person").select_option(person)
    page.locator("#allow").click()
    expect(page.locator("#timeline" if is_empty else ROWS).first).to_be_attached()
    return account(page)["id"]


def account(page: Page) -> dict:
    return page.evaluate("fetch('/v1/account').then((answer) => answer.json())")


def ids(page: Page) -> list[int]:
    return [int(each) for each in page.locator(ROWS).evaluate_all("rows => rows.map(row => row.dataset.id)")]


def held(page: Page, roost) -> list[int]:
    """Read the newest ids of the timeline, whatever the page shows."""
    answer = page.request.get(f"{roost.gateway_url}/v1/timeline?max_results=800").json()
    return [int(each["id"]) for each in answer.get("data", [])]


def ask(roost, method: str, path: str, body: object = None):
    """Ask the simulator of X."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{roost.simulator_url}{path}", data, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"{}")


def write(roost, person: str, *texts: str) -> list[int]:
    """Let tweets appear in somebody's timeline at X."""
    tweets = {"tweets": [{"text": text} for text in texts]}
    return [int(each) for each in ask(roost, "POST", f"/_sim/users/{person}/tweets", tweets)["ids"]]


def open_gap(roost, person: str, older: int, newer: int, mark: str = "") -> None:
    """Note that something may be missing between two tweets."""
    with redis.Redis.from_url(roost.redis_url) as client:
        (key,) = client.scan_iter(f"*:account:{person}")
        client.hset(key, "gaps", f"{older}-{newer}{mark}")


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


def test_what_is_gone_before_one_looks_is_not_shown(page, roost):
    person = sign_in(page, roost)
    page.mouse.wheel(0, 3000)
    until(lambda: page.evaluate("scrollY > 1000"))
    (first,) = write(roost, person, "first version")
    expect(page.locator("#news")).to_have_text("1 new tweet", timeout=60_000)

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
    before = page.evaluate(place)

    write(roost, person, "a new one")

    expect(page.locator("#news")).to_have_text("1 new tweet", timeout=60_000)
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
    row = "[...document.querySelectorAll('#timeline > li')].find((row) => row.getBoundingClientRect().bottom > 80)"
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


def test_one_makes_a_key_and_a_link_and_takes_them_back(page, roost):
    sign_in(page, roost)
    page.get_by_role("link", name="Settings").click()

    page.get_by_label("Name of a new key").fill("shelf display")
    page.get_by_role("button", name="Make a key").click()
    token = page.locator("#secrets code").inner_text()
    page.get_by_role("button", name="I have kept it").click()
    page.get_by_label("Name of a new link").fill("my reader")
    page.get_by_role("button", name="Make a link").click()
    atom = page.locator("#secrets code", has_text="feed.atom").inner_text()
    page.get_by_role("button", name="I have kept it").click()

    def works():
        bearer = {"authorization": f"Bearer {token}"}
        read = page.request.get(f"{roost.gateway_url}/v1/timeline", headers=bearer)
        feed = page.request.get(atom)
        return read.status, feed.status

    assert works() == (200, 200)
    for name in ("shelf display", "my reader"):
        page.get_by_role("button", name=f"Revoke {name}").click()
        expect(page.get_by_text(name)).to_have_count(0)
    page.context.clear_cookies()
    assert works() == (401, 401)


def test_what_was_not_done_is_said_where_one_looks(chromium, roost):
    size = {"width": 390, "height": 740}
    with browsing(chromium, forgiven="Failed to load resource", viewport=size) as page:
        sign_in(page, roost)
        page.goto(f"{roost.gateway_url}/settings")
        expect(page.locator("#account")).to_contain_text("Tweets held")

        page.route("**/v1/account/keys", lambda route: route.abort())
        page.get_by_label("Name of a new key").fill("shelf display")
        page.get_by_role("button", name="Make a key").click()

        expect(page.locator("#told")).to_contain_text("cannot be reached")
        expect(page.locator("#told")).to_be_in_viewport()
        page.unroute("**/v1/account/keys")
        page.get_by_role("button", name="Make a key").click()
        expect(page.locator("#shown")).to_be_visible()
        expect(page.locator("#told")).to_be_empty()


def test_one_pauses_chooses_a_mode_and_is_forgotten(page, roost):
    sign_in(page, roost)
    page.goto(f"{roost.gateway_url}/settings")
    expect(page.locator("#account")).to_contain_text("Tweets held")

    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_label("How your timeline is kept").select_option("lazy")
    expect(page.locator("#told")).to_have_text("Kept.")
    state = account(page)
    assert (state["standing"], state["mode"]) == ("paused", "lazy")

    page.get_by_role("button", name="Forget me…").click()
    now = page.locator("#forget-now")
    expect(now).to_be_disabled()
    page.locator("#handle").fill(state["username"])
    now.click()
    expect(page.locator("#welcome")).to_be_visible()


def test_it_can_be_installed_and_keeps_no_timeline(page, roost):
    sign_in(page, roost)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    expect(page.locator(ROWS).first).to_be_visible()

    manifest = page.request.get(f"{roost.gateway_url}/web/roost.webmanifest").json()
    kept = page.evaluate(KEPT_PATHS)

    assert {each["sizes"] for each in manifest["icons"]} >= {"192x192", "512x512"}
    for icon in manifest["icons"]:
        assert page.request.get(f"{roost.gateway_url}{icon['src']}").status == 200
    assert {icon.get("purpose") for icon in manifest["icons"]} >= {None, "maskable"}
    assert kept
    assert all(path.startswith("/web/") for path in kept)


def test_one_who_opens_it_where_it_cannot_be_reached_is_told_so(chromium, roost):
    with browsing(chromium, forgiven="Failed to load resource") as page:
        sign_in(page, roost)
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.reload()
        expect(page.locator(ROWS).first).to_be_visible()

        page.context.set_offline(True)
        page.goto(roost.gateway_url)
        expect(page.locator("#away")).to_be_visible()
        expect(page.locator(ROWS)).to_have_count(0)
        page.context.set_offline(False)
        page.get_by_role("link", name="Try again").click()

        expect(page.locator(ROWS).first).to_be_visible()


def test_scripts_are_those_of_the_version_that_serves(page, roost):
    script = f"{roost.gateway_url}/web/roost.js"
    first = page.request.get(script)

    assert first.headers["cache-control"] == "no-cache"
    assert page.request.get(script, headers={"if-none-match": first.headers["etag"]}).status == 304
    assert page.request.get(script, headers={"if-none-match": '"another"'}).status == 200


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

    page.evaluate(TURN_AWAY, True)
    page.clock.fast_forward(61_000)
    until(lambda: streams(page, ended) > before)
    page.evaluate(TURN_AWAY, False)

    until(lambda: streams(page, begun) == 2)


def streams(page: Page, urls: list[str]) -> int:
    """Count streams among addresses, once the browser has told of all."""
    page.evaluate("true")
    return sum("/v1/timeline/stream" in each for each in urls)
