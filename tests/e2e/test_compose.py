"""The compose stack with every part scaled, as `docker compose up --scale …` makes it: HTTP in, HTTP out."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx2
import pytest

from shared.clock import Clock
from tests.e2e.compose import Compose, docker_answers
from tests.e2e.people import Apps, People, Person
from tests.e2e.truth import compare

#: One stack serves all: one process is to have it, where several share the tests.
pytestmark = pytest.mark.xdist_group("compose")

PEOPLE = 5
DEPTH = 800
#: Somebody's X allows this much here, so that the test need not wait for windows.
WINDOW = {"limit": 900, "window_seconds": 900}
#: What differs from compose.yaml: polls come often.
CHANGES = "services: {fetcher: {environment: {ROOST_CADENCE_SECONDS: 2}}}\n"
PATIENCE_MS = 90_000
SCALE = {"fetcher": 3, "scheduler": 2, "api": 2}
#: Readers who ask on and on meanwhile.
READERS = 8


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """One stack for all tests here, for it takes its time; gone at the end."""
    assert docker_answers(), "this test needs a Docker engine and Compose: run .ci/run, or install docker"
    changes = tmp_path_factory.mktemp("compose") / "changes.yaml"
    changes.write_text(CHANGES)
    stack = Compose(changes)
    yield stack
    stack.down()


@pytest.fixture
def compose(stack, request):
    """The stack, up with all its parts."""
    try:
        stack.up(SCALE)
        yield stack
    finally:
        request.node.add_report_section("teardown", "compose", stack.logs())


async def test_timelines_are_true_and_stay_so_when_a_fetcher_is_killed(compose):
    async with People(compose.simulator_url) as people, Apps(compose.gateway_url) as apps:
        everybody = await people.add(PEOPLE, deletes=False)  # what X deletes just then is found later
        await people.limit(everybody, **WINDOW)
        registered = list(zip(everybody, await apps.register(everybody), strict=True))
        for person, token in registered:
            await _until(_is_true(people, apps, person, token))

        compose.kill_a_fetcher()

        assert len(compose.running("fetcher")) == SCALE["fetcher"] - 1
        for person, token in registered:
            made = await people.ask("POST", f"/_sim/users/{person.id}/tweets", json={"count": 3})
            await _until(_holds(apps, token, {int(each) for each in made.json()["ids"]}))
            await _until(_is_true(people, apps, person, token))
        assert (await people.stats())["refused_by_window"] == 0


async def test_whatever_is_restarted_one_by_one_nobody_notices(compose, tell):
    async with People(compose.simulator_url) as people, Apps(compose.gateway_url) as apps:
        everybody = await people.add(PEOPLE, deletes=False)  # what X deletes just then is found later
        await people.limit(everybody, **WINDOW)
        registered = list(zip(everybody, await apps.register(everybody), strict=True))
        for person, token in registered:
            await _until(_is_true(people, apps, person, token))

        async with _readers(compose, [token for _, token in registered]) as answers:
            for service, count in SCALE.items():
                restarting = asyncio.create_task(asyncio.to_thread(compose.restart_one_by_one, service))
                while not restarting.done():
                    await asyncio.gather(*(people.tweets(person, 1) for person in everybody))
                    await asyncio.wait([restarting], timeout=1)
                assert restarting.result() == count

        tell(f"while everything was restarted, readers were answered {dict(answers)}")
        for person, token in registered:
            await _until(_is_true(people, apps, person, token))
        assert (await people.stats())["refused_by_window"] == 0
    assert answers[200] > 100
    assert answers.keys() == {200}


@asynccontextmanager
async def _readers(compose: Compose, tokens: list[str]) -> AsyncIterator[Counter[int | str]]:
    """Read timelines on and on, each time on a new connection or an old one; count the answers."""
    answers: Counter[int | str] = Counter()

    async def read_on(token: str) -> None:
        headers = {"authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(base_url=compose.gateway_url, headers=headers, timeout=30) as client:
            while True:
                try:
                    answers[(await client.get("/v1/timeline?max_results=5")).status_code] += 1
                except httpx2.TransportError as fault:
                    answers[type(fault).__name__] += 1
                await asyncio.sleep(0.05)

    reading = [asyncio.create_task(read_on(token)) for token in (tokens * READERS)[:READERS]]
    try:
        yield answers
    finally:
        for each in reading:
            each.cancel()
        await asyncio.wait(reading)


async def test_it_keeps_its_secrets_and_its_key_and_lets_people_sign_in(compose):
    lines, key = compose.command_lines(), compose.master_key()

    assert {each for each in compose.kept_secret() if each in lines} == set()
    assert "redis-server" in lines  # they were seen
    assert await _end_of("/login", compose) == "/i/oauth2/authorize"

    compose.stop()
    compose.up(SCALE)

    assert compose.master_key() == key


async def _end_of(path: str, compose: Compose) -> str:
    """Follow a link of the gateway as a browser does; tell the path of the page at its end, which is X's."""
    async with httpx2.AsyncClient(follow_redirects=True) as browser:
        answer = await browser.get(compose.gateway_url + path)
    assert answer.status_code == 200
    assert str(answer.url).startswith(compose.simulator_url)
    return answer.url.path


def _is_true(people: People, apps: Apps, person: Person, token: str) -> Callable[[], Awaitable[object]]:
    async def wrong() -> object:
        served = await apps.read(token)
        if not served.ids or served.gaps:
            return f"{len(served.ids)} tweets are served, with gaps {served.gaps}"
        return compare(served, await people.truth(person), depth=DEPTH)

    return wrong


def _holds(apps: Apps, token: str, ids: set[int]) -> Callable[[], Awaitable[object]]:
    async def missing() -> object:
        return ids.difference((await apps.read(token)).ids)

    return missing


async def _until(wrong: Callable[[], Awaitable[object]]) -> None:
    """Wait until nothing is wrong any more."""
    clock = Clock()
    deadline_ms = clock.now_ms() + PATIENCE_MS
    while still := await wrong():
        assert clock.now_ms() < deadline_ms, still
        await clock.sleep_ms(200)
