"""The compose stack, as `docker compose up --scale fetcher=3` makes it: HTTP in, HTTP out."""

from collections.abc import Awaitable, Callable

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


@pytest.fixture
def compose(tmp_path, request):
    """The stack, up with three fetchers."""
    assert docker_answers(), "this test needs a Docker engine and Compose: run .ci/run, or install docker"
    (tmp_path / "changes.yaml").write_text(CHANGES)
    compose = Compose(tmp_path / "changes.yaml")
    try:
        compose.up(fetchers=3)
        yield compose
    finally:
        request.node.add_report_section("teardown", "compose", compose.logs())
        compose.down()


async def test_timelines_are_true_and_stay_so_when_a_fetcher_is_killed(compose):
    async with People(compose.simulator_url) as people, Apps(compose.gateway_url) as apps:
        everybody = await people.add(PEOPLE)
        await people.limit(everybody, **WINDOW)
        registered = list(zip(everybody, await apps.register(everybody), strict=True))
        for person, token in registered:
            await _until(_is_true(people, apps, person, token))

        compose.kill_a_fetcher()

        assert len(compose.running("fetcher")) == 2
        for person, token in registered:
            made = await people.ask("POST", f"/_sim/users/{person.id}/tweets", json={"count": 3})
            await _until(_holds(apps, token, {int(each) for each in made.json()["ids"]}))
            await _until(_is_true(people, apps, person, token))
        assert (await people.stats())["refused_by_window"] == 0


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
