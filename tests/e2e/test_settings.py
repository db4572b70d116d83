"""What a person does about their account, and what their browser keeps of Roost."""

from playwright.sync_api import expect

from tests.e2e.browsing import browsing
from tests.e2e.person import ROWS, account, sign_in

#: The paths of everything that the page has had the browser keep.
KEPT_PATHS = """caches.keys()
    .then((names) => Promise.all(names.map((name) => caches.open(name).then((cache) => cache.keys()))))
    .then((all) => all.flat().map((each) => new URL(each.url).pathname))"""


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
