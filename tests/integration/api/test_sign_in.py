"""Signing in with X in a browser, as HTTP has it: what is believed, and what is not."""

from itertools import count
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from services.api.tries import ADDRESS_FAILURES

ADDRESSES = count(1)
GENERATIONS = ["2.0", "1.0a"]


class Browser:
    """A browser without a screen: it follows no redirect by itself, and keeps its cookies."""

    def __init__(self, gateway, x):
        self.gateway, self.x = gateway, x
        # Each from an address of its own: sign-ins are counted by address.
        address = "127.1.{}.{}".format(*divmod(next(ADDRESSES), 250))
        transport = httpx2.AsyncHTTPTransport(local_address=address)
        self.client = httpx2.AsyncClient(timeout=30, transport=transport)

    async def ask(self, address, **params):
        return await self.client.get(self.gateway + address, params=params)

    async def consent(self, address, decision="allow", person="person1"):
        """Answer X's question; tell where X sends the browser."""
        fields = dict(parse_qsl(urlsplit(address).query)) | {"person": person, "decision": decision}
        answer = await self.client.post(address.partition("?")[0], data=fields)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def sign_in(self, oauth="2.0", **params):
        left = await self.ask("/login", oauth=oauth, **params)
        assert left.status_code == 303, left.text
        return await self.client.get(await self.consent(left.headers["location"]))


@pytest.fixture
async def browser(gateway_url, simulator_url, redis_db):
    browser = Browser(gateway_url, simulator_url)
    yield browser
    await browser.client.aclose()


@pytest.fixture
async def another(gateway_url, simulator_url, redis_db):
    browser = Browser(gateway_url, simulator_url)
    yield browser
    await browser.client.aclose()


@pytest.mark.parametrize("oauth", GENERATIONS)
async def test_one_who_says_yes_is_registered_due_and_signed_in(browser, people, oauth):
    back = await browser.sign_in(oauth, return_to="/v1/account")

    assert (back.status_code, back.headers["location"]) == (303, "/v1/account")
    account = (await browser.ask("/v1/account")).json()
    assert account["username"] == "person1"
    assert await people.claimed() == [account["id"]]


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(browser):
    cookies = (await browser.sign_in()).headers.get_list("set-cookie")

    (session,) = [each for each in cookies if each.startswith("roost_session=")]
    assert "HttpOnly" in session
    assert "samesite=lax" in session.lower()
    assert "Path=/;" in session
    (login,) = [each for each in cookies if each.startswith("roost_login_")]
    assert "Max-Age=0" in login


@pytest.mark.parametrize("oauth", GENERATIONS)
async def test_of_one_who_says_no_nothing_is_kept(browser, dump, oauth):
    left = await browser.ask("/login", oauth=oauth)
    back = await browser.client.get(await browser.consent(left.headers["location"], "deny"))

    assert back.status_code == 403
    assert 'data-kind="denied"' in back.text
    assert kept(dump) == set()


@pytest.mark.parametrize("oauth", GENERATIONS)
async def test_what_x_hands_back_is_good_once(browser, oauth):
    left = await browser.ask("/login", oauth=oauth)
    callback = await browser.consent(left.headers["location"])
    assert (await browser.client.get(callback)).status_code == 303

    again = await browser.client.get(callback)

    assert again.status_code == 400
    assert 'data-kind="stale"' in again.text


@pytest.mark.parametrize("oauth", GENERATIONS)
async def test_a_sign_in_is_finished_in_the_browser_that_began_it(browser, another, oauth, dump):
    left = await browser.ask("/login", oauth=oauth)
    callback = await browser.consent(left.headers["location"])

    assert (await another.client.get(callback)).status_code == 400
    assert kept(dump) == set()


async def test_a_forged_state_is_not_believed(browser):
    await browser.ask("/login")

    back = await browser.ask("/login/callback", code="a-code", state="a-state")

    assert back.status_code == 400
    assert 'data-kind="stale"' in back.text


async def test_a_code_that_was_used_elsewhere_lets_nobody_in(browser, dump):
    """The state is good, and the code is not: X says so."""
    address = (await browser.ask("/login")).headers["location"]
    state = dict(parse_qsl(urlsplit(address).query))["state"]

    back = await browser.ask("/login/callback", code="used-elsewhere", state=state)

    assert back.status_code == 400
    assert 'data-kind="code"' in back.text
    assert kept(dump) == set()


@pytest.mark.parametrize(
    "return_to",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "evil.example",
        "/\t/evil.example", "/%0d\n//evil.example", "javascript:alert(1)", "http:/evil", "/é",
        "/" + "a" * 2000,
    ],
)  # fmt: skip
async def test_one_is_sent_nowhere_else_afterwards(browser, return_to):
    answer = await browser.ask("/login", return_to=return_to)

    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers


async def test_a_gateway_known_by_another_name_sends_nobody_to_x(browser):
    answer = await browser.client.get(f"{browser.gateway}/login", headers={"host": "evil.example"})

    assert answer.status_code == 503
    assert 'data-kind="not-set-up"' in answer.text


async def test_while_x_is_away_one_is_told_so(browser, x):
    await x.post("/_sim/faults", json={"endpoint": "token", "status": 503})
    back = await browser.sign_in()

    assert back.status_code == 503
    assert 'data-kind="refused"' in back.text


async def test_what_is_remembered_meanwhile_is_shut_and_goes(browser, redis_db, dump):
    await browser.ask("/login", oauth="1.0a")
    ((key, value),) = ((key, value) for key, value in dump().items() if not key.startswith(b"tries:"))

    assert key.startswith(b"login:")
    assert b"return_to" not in value


async def test_signing_in_again_ends_the_session_of_before(browser):
    await browser.sign_in()
    before = browser.client.cookies["roost_session"]
    await browser.sign_in()

    headers = {"authorization": f"Bearer {before}"}
    async with httpx2.AsyncClient(base_url=browser.gateway) as elsewhere:
        assert (await elsewhere.get("/v1/account", headers=headers)).status_code == 401
    assert (await browser.ask("/v1/account")).status_code == 200


async def test_signing_out_ends_one_session_and_everywhere_all(browser, another, gateway):
    await browser.sign_in()
    await another.sign_in()
    own = {"sec-fetch-site": "same-origin"}

    assert (await browser.client.post(f"{browser.gateway}/logout", headers=own)).status_code == 204
    assert (await browser.ask("/v1/account")).status_code == 401
    assert (await another.ask("/v1/account")).status_code == 200

    await browser.sign_in()
    made = await browser.client.post(
        f"{browser.gateway}/v1/account/keys", json={"name": "stays"}, headers=own
    )
    key = {"authorization": f"Bearer {made.json()['token']}"}
    out = await browser.client.post(f"{browser.gateway}/logout", data={"everywhere": "true"}, headers=own)
    assert out.status_code == 204
    assert (await another.ask("/v1/account")).status_code == 401
    assert (await gateway.get("/v1/timeline", headers=key)).status_code == 200


async def test_another_site_can_sign_nobody_out(browser):
    await browser.sign_in()
    foreign = {"sec-fetch-site": "cross-site"}

    assert (await browser.client.post(f"{browser.gateway}/logout", headers=foreign)).status_code == 403
    assert (await browser.ask("/v1/account")).status_code == 200


async def test_nobody_fills_the_store_by_beginning_and_not_finishing(browser):
    begun = [(await browser.ask("/login")).status_code for _ in range(ADDRESS_FAILURES + 5)]

    assert begun[:ADDRESS_FAILURES] == [303] * ADDRESS_FAILURES
    assert begun[-1] == 429


def kept(dump):
    """Name what is kept, but for the counts of who tries."""
    return {key for key in dump() if not key.startswith(b"tries:")}
