"""A feed parser that nobody here wrote reads the timeline by its private link; and what such a link opens."""

import asyncio

import feedparser
import httpx2
import pytest

FEEDS = "/v1/account/feeds"


@pytest.fixture
async def gateway(gate):
    async with httpx2.AsyncClient(base_url=gate.plain, timeout=30) as client:
        yield client


@pytest.fixture
async def link(gateway, reader):
    answer = await gateway.post(FEEDS, json={"name": "my reader"}, headers=reader.headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def _local(link, gate, form="atom"):
    """The address without TLS, which this parser knows no certificates for."""
    assert link[form].startswith(f"https://{gate.host}/v1/timeline/feed.")
    return link[form].replace(f"https://{gate.host}", gate.plain)


def _status(entry):
    return int(entry.id.rpartition("/")[2])


async def test_the_timeline_is_read_completely_and_in_order(gate, link, ids, reader):
    feed = await asyncio.to_thread(feedparser.parse, _local(link, gate) + "&limit=300")

    assert not feed.bozo
    assert [_status(entry) for entry in feed.entries] == ids
    assert feed.feed.title == f"Home timeline of @{reader.username}"
    assert feed.entries[0].author == "jack (@jack)"


async def test_nothing_new_is_not_sent_again(gate, link):
    first = await asyncio.to_thread(feedparser.parse, _local(link, gate))
    again = await asyncio.to_thread(feedparser.parse, _local(link, gate), etag=first.etag)

    assert (again.status, again.entries) == (304, [])


async def test_a_feed_is_known_by_what_it_shows_and_not_by_its_link(gate, gateway, reader, link):
    other = (await gateway.post(FEEDS, json={"name": "another"}, headers=reader.headers)).json()

    async def known_as(link, wish=""):
        answer = await gateway.get(_local(link, gate) + wish)
        return feedparser.parse(answer.content).feed.id

    assert await known_as(link) == await known_as(other) == await known_as(link, "&limit=7")
    filtered = {await known_as(link, f"&{wish}") for wish in ("has=media", "author=@jack", "exclude=replies")}
    assert len(filtered | {await known_as(link)}) == 4


async def test_the_json_feed_says_the_same(gate, gateway, link, ids):
    answer = await gateway.get(_local(link, gate, "json"))

    feed = answer.json()
    assert answer.headers["content-type"].startswith("application/feed+json")
    assert [int(item["id"]) for item in feed["items"]] == ids[:50]
    assert feed["feed_url"] == link["json"]
    assert answer.headers["x-robots-tag"] == "noindex"


async def test_a_link_opens_its_feed_and_nothing_else(gate, gateway, reader, link):
    token = link["atom"].partition("link=")[2]
    bearer = {"authorization": f"Bearer {token}"}

    for path in ("/v1/timeline", "/v1/account", reader.home, "/v1/timeline/feed.atom", "/v1/timeline/stream"):
        assert (await gateway.get(path, headers=bearer)).status_code == 403, path
    for other in (reader.token, "roost_1_x", ""):
        answer = await gateway.get("/v1/timeline/feed.atom", params={"link": other})
        assert answer.status_code in {401, 403}, other


@pytest.mark.parametrize("path", ["/", "/settings"])
async def test_a_link_opens_no_page(gateway, reader, link, path):
    token = link["atom"].partition("link=")[2]

    for headers in ({"authorization": f"Bearer {token}"}, {"cookie": f"__Host-roost_session={token}"}):
        assert reader.username not in (await gateway.get(path, headers=headers)).text


async def test_who_may_not_read_makes_no_link_that_does(gateway, reader):
    wish = {"name": "a cleaner", "scopes": ["account:write"]}
    key = (await gateway.post("/v1/account/keys", json=wish, headers=reader.headers)).json()
    writer = {"authorization": f"Bearer {key['token']}"}

    answer = await gateway.post(FEEDS, json={"name": "my reader"}, headers=writer)

    assert answer.status_code == 403
    assert 'scope="timeline:read"' in answer.headers["www-authenticate"]


async def test_a_link_is_listed_by_name_and_revoked(gate, gateway, reader, link):
    await gateway.get(_local(link, gate))
    (listed,) = (await gateway.get(FEEDS, headers=reader.headers)).json()["feeds"]
    keys = (await gateway.get("/v1/account/keys", headers=reader.headers)).json()["keys"]

    gone = [
        await gateway.delete(f"{where}/{link['id']}", headers=reader.headers)
        for where in ("/v1/account/keys", FEEDS, FEEDS)
    ]

    assert (listed["name"], keys) == ("my reader", [])
    assert listed["used_at"] is not None
    assert "atom" not in listed
    assert [each.status_code for each in gone] == [404, 204, 404]
    assert (await gateway.get(_local(link, gate))).status_code == 401


async def test_forgetting_ends_links_too(gate, gateway, reader, link):
    await gateway.delete("/v1/account", headers=reader.headers)

    assert (await gateway.get(_local(link, gate))).status_code == 401


@pytest.mark.parametrize("wish", ["limit=0", "limit=801", "limit=x", "color=red", "has=links"])
async def test_what_a_feed_cannot_be_asked_is_named(gate, gateway, link, wish):
    answer = await gateway.get(f"{_local(link, gate)}&{wish}")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == wish.partition("=")[0]
