"""Who may do what: every route for every kind of caller, in one table."""

from dataclasses import dataclass

import pytest

from services.api.app import create_app
from services.api.auth import FRESH_MS
from shared.clock import Clock
from shared.domain.account import AccountId
from shared.settings import ApiSettings
from shared.store.connection import connect
from shared.store.sessions import ACCOUNT_WRITE, SCOPES, TIMELINE_READ, Kind, Sessions, Terms
from tests.integration.api.people import Person
from tests.servers.programs import SECRET_KEYS

HOUR_MS = 3_600_000
#: The scopes of API keys, and what browsers say of the pages that sent a cookie.
KEYS = {"reader": {TIMELINE_READ}, "writer": {ACCOUNT_WRITE}}
PAGES = {"foreign page": "cross-site", "cookie": "same-origin"}

CALLERS = (
    "nobody", "malformed", "another", "ended", "idle", "reader", "writer", "foreign page", "token", "cookie",
)  # fmt: skip
#: What each of them is answered, in that order. Another's token is Bob's and an id in the path is Ada's:
#: where there is none, Bob acts on what is his.
TABLE = {
    "GET /v1/timeline":                               (401, 401, 200, 401, 401, 200, 403, 200, 200, 200),
    "GET /v1/timeline/stream":                        (401, 401, 200, 401, 401, 200, 403, 200, 200, 200),
    "GET /2/users/{id}/timelines/reverse_chronological": (401, 401, 403, 401, 401, 200, 403, 200, 200, 200),
    "GET /1.1/statuses/home_timeline.json":           (401, 401, 200, 401, 401, 200, 403, 200, 200, 200),
    "GET /1.1/application/rate_limit_status.json":    (401, 401, 200, 401, 401, 200, 403, 200, 200, 200),
    "GET /1.1/account/verify_credentials.json":       (401, 401, 200, 401, 401, 200, 403, 200, 200, 200),
    "GET /2/users/me":                                (401, 401, 200, 401, 401, 200, 403, 200, 200, 200),
    "GET /v1/account":                                (401, 401, 200, 401, 401, 200, 403, 200, 200, 200),
    "DELETE /v1/account":                             (401, 401, 200, 401, 401, 403, 200, 403, 200, 200),
    "PUT /v1/account/pause":                          (401, 401, 204, 401, 401, 403, 204, 403, 204, 204),
    "DELETE /v1/account/pause":                       (401, 401, 204, 401, 401, 403, 204, 403, 204, 204),
    "PUT /v1/account/mode":                           (401, 401, 204, 401, 401, 403, 204, 403, 204, 204),
    "DELETE /v1/account/mode":                        (401, 401, 204, 401, 401, 403, 204, 403, 204, 204),
    "POST /v1/account/keys":                          (401, 401, 201, 401, 401, 403, 403, 403, 201, 201),
    "GET /v1/account/keys":                           (401, 401, 200, 401, 401, 403, 200, 200, 200, 200),
    "DELETE /v1/account/keys/{id}":                   (401, 401, 404, 401, 401, 403, 204, 403, 204, 204),
    "GET /v1/timeline/feed.atom":                      (401, 401, 200, 401, 401, 200, 403, 200, 200, 200),
    "GET /v1/timeline/feed.json":                      (401, 401, 200, 401, 401, 200, 403, 200, 200, 200),
    "POST /v1/account/feeds":                          (401, 401, 201, 401, 401, 403, 403, 403, 201, 201),
    "GET /v1/account/feeds":                           (401, 401, 200, 401, 401, 403, 200, 200, 200, 200),
    "DELETE /v1/account/feeds/{id}":                   (401, 401, 404, 401, 401, 403, 204, 403, 204, 204),
    # Signing out is the same whether there is still something to end.
    "POST /logout":                                   (401, 401, 204, 204, 204, 204, 204, 403, 204, 204),
    # For everybody.
    "POST /v1/registrations":                         (200,) * 10,
    "GET /login":                                     (303,) * 10,
    "GET /login/callback":                            (400,) * 10,
    "GET /":                                          (200,) * 10,
    "GET /settings":                                   (303, 303, 200, 303, 303, 200, 200, 200, 200, 200),
    "GET /web/{name}":                                (404,) * 10,
    "GET /livez":                                     (200,) * 10,
    "GET /readyz":                                    (200,) * 10,
    "GET /metrics":                                   (200,) * 10,
    "GET /docs":                                      (200,) * 10,
    "GET /docs/{name}":                               (404,) * 10,
    "GET /openapi.json":                              (200,) * 10,
}  # fmt: skip
CASES = [(wish, *case) for wish, row in TABLE.items() for case in zip(CALLERS, row, strict=True)]


@dataclass
class World:
    """Ada with a session of each kind, and Bob."""

    ada: Person
    bob: Person
    sessions: Sessions

    async def give(self, kind=Kind.KEY, scopes=SCOPES, idle_ms=0, ago_ms=0):
        """Begin a session of Ada's, now or some time ago."""
        terms = Terms(kind, frozenset(scopes), kind, idle_ms)
        now_ms = Clock().now_ms() - ago_ms
        return await self.sessions.begin(AccountId(int(self.ada.id)), terms, now_ms=now_ms)

    async def cookie(self, ago_ms=0, name="roost_session"):
        """Sign Ada in in a browser; give what it sends with every request."""
        given = await self.give(Kind.BROWSER, idle_ms=HOUR_MS, ago_ms=ago_ms)
        return {"cookie": f"{name}={given.token}"}

    async def headers(self, caller):
        """Make the headers that this caller sends."""
        if caller == "nobody":
            return {}
        if caller in PAGES:
            return {**await self.cookie(), "sec-fetch-site": PAGES[caller]}
        return {"authorization": f"Bearer {await self._token(caller)}"}

    async def _token(self, caller):
        if caller in KEYS:
            return (await self.give(scopes=KEYS[caller])).token
        if caller == "idle":
            given = await self.give(Kind.APP, idle_ms=1)
            await Clock().sleep_ms(20)
            return given.token
        if caller == "ended":
            await self.sessions.end_all(AccountId(int(self.ada.id)))
        others = {"another": self.bob.token, "malformed": self.ada.token[:-1] + "x"}
        return others.get(caller, self.ada.token)


@pytest.fixture
async def world(people, ada, redis_db):
    """The people of the table."""
    redis = connect(redis_db)
    yield World(ada, await people.register(), Sessions(redis))
    await redis.aclose()


@pytest.mark.parametrize(
    ("wish", "caller", "status"), CASES, ids=[f"{wish} by {who}" for wish, who, _ in CASES]
)
async def test_everybody_may_do_what_the_table_says(gateway, world, wish, caller, status):
    method, path = wish.split()
    key = await world.give(Kind.FEED if "feeds" in path else Kind.KEY)
    path = path.replace("{id}", key.id if "/account/" in path else world.ada.id)
    bodies = {
        "/v1/registrations": {"oauth1": world.ada.tokens["oauth1"]},
        "/v1/account/keys": {"name": "key", "scopes": sorted(SCOPES)},
        "/v1/account/feeds": {"name": "reader"},
        "/v1/account/mode": {"mode": "lazy"},
    }

    async with gateway.stream(
        method,
        path,
        json=bodies.get(path) if method in {"POST", "PUT"} else None,
        headers=await world.headers(caller),
    ) as answer:  # an answer may have no end
        if answer.status_code != status:
            await answer.aread()
        assert answer.status_code == status, answer.text


def test_no_route_is_left_out_of_the_table():
    app = create_app(ApiSettings(secret_keys=SECRET_KEYS))

    routes = {f"{method} {route.path}" for route in app.routes for method in route.methods - {"HEAD"}}

    assert routes == TABLE.keys()


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 204),
        ({"sec-fetch-site": "none"}, 204),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "{own}"}, 403),
        ({"origin": "{own}"}, 204),
        ({"origin": "https://roost.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"referer": "{own}/"}, 403),
        ({}, 403),
    ],
)
async def test_a_change_with_a_cookie_must_come_from_a_page_of_ours(
    gateway, gateway_url, world, page, status
):
    headers = await world.cookie() | {name: value.format(own=gateway_url) for name, value in page.items()}

    answer = await gateway.put("/v1/account/pause", headers=headers)

    assert answer.status_code == status, answer.text
    if status == 403:
        assert "page of this gateway" in answer.json()["detail"]


async def test_a_change_with_a_bearer_token_may_come_from_anywhere(gateway, world):
    headers = {**world.ada.headers, "sec-fetch-site": "cross-site", "origin": "https://roost.example"}

    assert (await gateway.put("/v1/account/pause", headers=headers)).status_code == 204


@pytest.mark.parametrize("name", ["roost_session", "__Host-roost_session"])
async def test_either_name_of_the_cookie_is_taken(gateway, world, name):
    answer = await gateway.get("/v1/account", headers=await world.cookie(name=name))

    assert answer.json()["id"] == world.ada.id


async def test_of_a_bearer_token_and_a_cookie_the_token_counts(gateway, world):
    both = {**await world.cookie(), **world.bob.headers}
    bad = {**await world.cookie(), "authorization": "Bearer roost_1_x"}
    basic = {**await world.cookie(), "authorization": "Basic dTpw"}

    assert (await gateway.get("/v1/account", headers=both)).json()["id"] == world.bob.id
    assert (await gateway.get("/v1/account", headers=bad)).status_code == 401
    assert (await gateway.get("/v1/account", headers=basic)).json()["id"] == world.ada.id


async def test_what_outlives_a_browser_takes_one_who_has_just_signed_in(gateway, world):
    page = {"sec-fetch-site": "same-origin"}
    long_ago = await world.cookie(ago_ms=FRESH_MS + 1000) | page
    just_now = await world.cookie(ago_ms=FRESH_MS - 60_000) | page

    for method, path in (("DELETE", "/v1/account"), ("POST", "/v1/account/keys")):
        refused = await gateway.request(method, path, headers=long_ago, json={"name": "a key"})
        assert refused.status_code == 403
        assert "/login?return_to=" in refused.json()["detail"]
    assert (await gateway.put("/v1/account/pause", headers=long_ago)).status_code == 204
    assert (await gateway.delete("/v1/account", headers=just_now)).status_code == 200
