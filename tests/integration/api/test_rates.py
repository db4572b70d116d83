"""How often a caller may ask: counted for each token in Redis, and told as X tells it."""

import httpx2
import pytest
import redis

from shared.clock import Clock
from tests.integration.api.people import People, ids_now, page_of
from tests.servers.programs import Programs

LIMIT = 5
HOME_OF_2016 = "/1.1/statuses/home_timeline.json"
NAMES = ("x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset")


@pytest.fixture(scope="module")
def strict_url(redis_url, simulator_url, tmp_path_factory):
    """A gateway where one may ask five times."""
    programs = Programs(tmp_path_factory.mktemp("strict"))
    yield programs.start_gateway(
        redis_url=redis_url,
        x_api_url=simulator_url,
        x_consumer_key="roost-simulator",
        x_consumer_secret="roost-simulator-secret",
        calls_limit=LIMIT,
    )
    programs.end()


@pytest.fixture
async def strict(strict_url, redis_db):
    async with httpx2.AsyncClient(base_url=strict_url, timeout=30) as client:
        yield client


@pytest.fixture
async def eve(strict, x, redis_db):
    async with People.at(strict, x, redis_db) as people:
        person = await people.register("oauth1")
        await people.show(person, page_of(ids_now(3)))
        yield person


def _rates(answer):
    return tuple(int(answer.headers[name]) for name in NAMES)


async def test_every_read_counts_and_says_what_is_left(strict, eve):
    paths = ["/v1/timeline", eve.home, "/2/users/me", f"{eve.home}?max_results=0", f"{eve.home}?x=y"]

    told = [_rates(await strict.get(path, headers=eve.headers)) for path in paths]

    assert [left for _, left, _ in told] == [4, 3, 2, 1, 0]
    assert {limit for limit, _, _ in told} == {LIMIT}
    assert len({reset for _, _, reset in told}) == 1
    assert 0 < told[0][2] - Clock().now_ms() / 1000 <= 901


async def test_who_asks_too_often_is_told_when_to_ask_again(strict, eve):
    for _ in range(LIMIT):
        assert (await strict.get("/v1/timeline", headers=eve.headers)).status_code == 200

    own, theirs, me = [
        await strict.get(path, headers=eve.headers) for path in ("/v1/timeline", eve.home, "/2/users/me")
    ]

    assert [own.status_code, theirs.status_code, me.status_code] == [429] * 3
    assert own.headers["content-type"] == "application/problem+json"
    assert theirs.json()["title"] == "Too Many Requests"
    for answer in (own, theirs, me):
        assert _rates(answer)[1] == 0
        assert 0 < int(answer.headers["retry-after"]) <= 900


@pytest.mark.parametrize("path", ["/2/users/{id}/timelines/reverse_chronological", HOME_OF_2016])
async def test_who_asks_wrongly_too_often_is_refused_too(strict, eve, path):
    wrong = {"since_id": "x"}
    answers = [
        await strict.get(path.format(id=eve.id), params=wrong, headers=eve.headers) for _ in range(LIMIT + 1)
    ]

    assert [each.status_code for each in answers] == [400] * LIMIT + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_each_token_has_a_window_of_its_own(strict, eve):
    for _ in range(LIMIT + 1):
        await strict.get("/v1/timeline", headers=eve.headers)

    again = await strict.post("/v1/registrations", json={"oauth1": eve.tokens["oauth1"]})
    answer = await strict.get("/v1/timeline", headers={"authorization": f"Bearer {again.json()['token']}"})

    assert answer.status_code == 200


async def test_a_window_begins_anew_when_it_has_ended(strict, eve, redis_db):
    for _ in range(LIMIT + 1):
        last = await strict.get("/v1/timeline", headers=eve.headers)
    with redis.Redis.from_url(redis_db) as client:  # a quarter of an hour passes
        for key in client.scan_iter("*:session:*"):
            client.hset(key, "calls_reset_at_ms", Clock().now_ms())

    assert last.status_code == 429
    assert _rates(await strict.get("/v1/timeline", headers=eve.headers))[1] == LIMIT - 1


@pytest.mark.parametrize("path", ["/2/users/me", "/2/nothing", "/2/users/1/timelines/reverse_chronological"])
async def test_who_is_not_known_is_told_what_a_caller_may(strict, path):
    answer = await strict.get(path)

    assert answer.status_code in {401, 404}
    assert _rates(answer)[:2] == (LIMIT, LIMIT)
