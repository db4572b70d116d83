"""Gateway, scheduler and fetcher as processes, after polls and reads: every metric is there, and no name."""

import asyncio
import re
from dataclasses import dataclass

import httpx2
import pytest

from roost.ports import reserve_port
from shared.metrics.named import EVERY
from tests.integration.test_fetcher_process import until
from tests.servers.programs import is_ok
from tests.unit.metrics.text import samples_of

PEOPLE = 6
APP = {
    "x_consumer_key": "roost-simulator",
    "x_consumer_secret": "roost-simulator-secret",
    "x_client_id": "roost-simulator-client",
    "x_client_secret": "roost-simulator-client-secret",
}
STORED, GATEWAY, SCHEDULER, FETCHER, EVERYBODY = (
    {metric.name for metric in metrics} for metrics in EVERY.values()
)
#: What a sample of a histogram is named after its family.
FAMILY = re.compile(r"_(bucket|sum|count)$")


@dataclass
class Deployment:
    """One of each process, some people, and where each process shows what it counts."""

    client: httpx2.AsyncClient
    people: list[dict]
    tokens: list[str]
    urls: dict[str, str]

    async def ask(self, path, token, **more):
        return await self.client.get(path, headers={"authorization": f"Bearer {token}"}, **more)

    async def scrape(self, name):
        """Read what one process shows: as text, and as Prometheus reads it."""
        answer = await self.client.get(f"{self.urls[name]}/metrics")
        assert answer.status_code == 200
        return answer.text, samples_of(answer.text)

    async def shows(self, name, *key, least):
        """Tell whether a process has counted so many."""
        return (await self.scrape(name))[1].get(key, 0) >= least


@pytest.fixture
async def deployment(programs, redis_db, broker):
    x_url = programs.start_simulator(simulator_users=PEOPLE, simulator_window_limit=9000)
    common = {"redis_url": redis_db, "x_api_url": x_url, **APP}
    gateway = programs.start_gateway(**common, x_site_url=x_url)
    own = {name: {"broker_url": broker, "metrics_port": reserve_port()} for name in ("scheduler", "fetcher")}
    urls = {name: f"http://127.0.0.1:{each['metrics_port']}" for name, each in own.items()}
    async with httpx2.AsyncClient(base_url=gateway, timeout=30) as client:
        people = (await client.get(f"{x_url}/_sim/users")).json()["users"]
        tokens = [await register(client, each) for each in people]
        programs.start("scheduler", redis_url=redis_db, requests_daily=100_000, **own["scheduler"])
        programs.start("fetcher", **common, **own["fetcher"])
        await until(lambda: asyncio.to_thread(lambda: all(is_ok(f"{url}/livez") for url in urls.values())))
        yield Deployment(client, people, tokens, {**urls, "gateway": gateway})


async def register(client, person):
    """Register somebody whose access token is about to expire, so that it is refreshed."""
    tokens = {**person["oauth2"], "expires_in": 60}
    tokens = {name: tokens[name] for name in ("access_token", "refresh_token", "expires_in", "scope")}
    answer = await client.post("/v1/registrations", json={"oauth2": tokens})
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()["token"]


async def test_everything_is_shown_after_polls_and_reads(deployment):
    await until(lambda: polled(deployment, PEOPLE))
    read = await read_every_way(deployment)
    listening = asyncio.create_task(listen(deployment, deployment.tokens[0]))
    await until(lambda: deployment.shows("gateway", "roost_stream_listeners", least=1))

    texts = {name: await deployment.scrape(name) for name in ("gateway", "scheduler", "fetcher")}
    listening.cancel()

    shown = {name: {FAMILY.sub("", key[0]) for key in found} for name, (_, found) in texts.items()}
    assert shown == {
        "gateway": STORED | GATEWAY | EVERYBODY,
        "scheduler": SCHEDULER | EVERYBODY,
        "fetcher": FETCHER | EVERYBODY,
    }
    gateway, scheduler, fetcher = (found for _, found in texts.values())
    assert gateway["roost_read_stale_seconds_count", ("account", "kept")] == read
    assert 0 < gateway["roost_read_stale_seconds_sum", ("account", "kept")] < 60 * read
    assert gateway["roost_budget_left", ("scope", "requests")] > 0
    assert scheduler["roost_jobs_claimed_total",] >= PEOPLE
    assert scheduler["roost_ticks_total", ("result", "sent")] >= 1
    assert fetcher["roost_polls_total", ("outcome", "page")] >= PEOPLE
    assert fetcher["roost_fetch_seconds_count", ("outcome", "page")] >= PEOPLE
    assert fetcher["roost_refreshes_total", ("result", "refreshed")] == PEOPLE
    assert fetcher["roost_queue_age_seconds_count",] >= 1
    assert fetcher["roost_queue_age_seconds_sum",] < 60
    assert fetcher["roost_tweets_added_total",] >= PEOPLE


async def test_nobody_is_named_whatever_was_asked_for(deployment):
    await until(lambda: polled(deployment, PEOPLE))
    await read_every_way(deployment)
    for strange in ("/2/users/1234567890123/nothing", "/@ada", "/v1/account/keys/999999"):
        await deployment.ask(strange, deployment.tokens[0])

    for name in ("gateway", "scheduler", "fetcher"):
        text, _ = await deployment.scrape(name)
        for person in deployment.people:
            assert person["id"] not in text
            assert person["username"] not in text
        assert not re.search(r'="[^"]*(\d{6,}|@|ada)', text)


async def test_requests_are_counted_by_their_templates(deployment):
    token = deployment.tokens[0]
    await deployment.ask("/v1/timeline", token)
    await deployment.ask("/v1/account", token)
    await deployment.ask("/2/users/1/timelines/reverse_chronological", token)
    await deployment.ask("/nowhere", token)

    _, found = await deployment.scrape("gateway")

    counted = {
        (dict(labels)["route"], dict(labels)["status"])
        for (name, *labels), number in found.items()
        if name == "roost_request_seconds_count" and number
    }
    assert {
        ("/v1/timeline", "2xx"),
        ("/v1/account", "2xx"),
        ("/v1/registrations", "2xx"),
        ("/2/users/{id}/timelines/reverse_chronological", "4xx"),
        ("none", "4xx"),
    } <= counted


async def test_while_redis_hangs_the_gateway_shows_what_it_counts(deployment, redis_server):
    redis_server.hang()
    try:
        _, found = await deployment.scrape("gateway")
    finally:
        redis_server.go_on()

    assert found["roost_redis_up",] == 0
    assert found["roost_redis_failures_total", ("reason", "timeout")] >= 1
    assert ("roost_late_seconds",) not in found
    await until(lambda: deployment.shows("gateway", "roost_redis_up", least=1))


async def polled(deployment, count):
    """Tell whether so many polls have brought a page."""
    return await deployment.shows("fetcher", "roost_polls_total", ("outcome", "page"), least=count)


async def read_every_way(deployment):
    """Read a timeline by each route that serves one, and once more to be told that nothing changed; count."""
    token, own = deployment.tokens[0], deployment.people[0]["id"]
    paths = [
        "/v1/timeline",
        "/v1/timeline/feed.atom",
        "/v1/timeline/feed.json",
        f"/2/users/{own}/timelines/reverse_chronological",
        "/1.1/statuses/home_timeline.json",
    ]
    for path in paths:
        answer = await deployment.ask(path, token)
        assert answer.status_code == 200
    return len(paths)


async def listen(deployment, token):
    """Listen to a stream until cancelled."""
    headers = {"authorization": f"Bearer {token}"}
    async with deployment.client.stream("GET", "/v1/timeline/stream", headers=headers) as answer:
        async for _ in answer.aiter_bytes():
            pass
