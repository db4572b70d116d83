"""The compose stack, as `docker compose up --scale fetcher=3` makes it: HTTP in, HTTP out."""

from collections.abc import Awaitable, Callable

import httpx2
import pytest

from shared.clock import Clock
from tests.e2e.compose import Compose, docker_answers
from tests.e2e.people import Apps, People, Person
from tests.e2e.truth import compare

PEOPLE = 5
DEPTH = 800
#: Somebody's X allows this much here, so that the test need not wait for windows.
WINDOW = {"limit": 900, "window_seconds": 900}
#: What differs from compose.yaml: polls come often.
CHANGES = "services: {fetcher: {environment: {ROOST_CADENCE_SECONDS: 2}}}\n"
PATIENCE_MS = 90_000
FETCHERS = 3


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
    """The stack, up with all its fetchers."""
    try:
        stack.up(fetchers=FETCHERS)
        yield stack
    finally:
        request.node.add_report_section("teardown", "compose", stack.logs())


async def test_timelines_are_true_and_stay_so_when_a_fetcher_is_killed(compose):
    async with People(compose.simulator_url) as people, Apps(compose.gateway_url) as apps:
        everybody = await people.add(PEOPLE)
        await people.limit(everybody, **WINDOW)
        registered = list(zip(everybody, await apps.register(everybody), strict=True))
        for person, token in registered:
            await _until(_is_true(people, apps, person, token))

        compose.kill_a_fetcher()

        assert len(compose.running("fetcher")) == FETCHERS - 1
        for person, token in registered:
            made = await people.ask("POST", f"/_sim/users/{person.id}/tweets", json={"count": 3})
            await _until(_holds(apps, token, {int(each) for each in made.json()["ids"]}))
            await _until(_is_true(people, apps, person, token))
        assert (await people.stats())["refused_by_window"] == 0


async def test_it_keeps_its_secrets_and_its_key_and_lets_people_sign_in(compose):
    lines, key = compose.command_lines(), compose.master_key()

    assert {each for each in compose.kept_secret() if each in lines} == set()
    assert "redis-server" in lines  # they were seen
    assert await _end_of("/login", compose) == "/i/oauth2/authorize"

    compose.stop()
    compose.up(fetchers=FETCHERS)

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
