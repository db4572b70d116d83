"""X's accounting: fixed windows per person and endpoint, which start at the first call."""

import pytest

from tests.unit.simulator.x import AT_MS, X, bearer

TOO_MANY = {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}


def window(answer):
    """Read limit, remaining and reset from an answer's headers."""
    return tuple(int(answer.headers[f"x-rate-limit-{each}"]) for each in ("limit", "remaining", "reset"))


@pytest.fixture
async def strict():
    """A world whose home timelines may be asked for three times in a minute."""
    x = X(AT_MS + 1, simulator_window_limit=3, simulator_window_seconds=60)
    yield x
    await x.client.aclose()


async def test_a_window_starts_at_the_first_call_and_its_end_is_told_in_whole_seconds(strict):
    ada = await strict.person()
    strict.clock.at_ms += 5000

    first = window(await strict.home(ada))
    strict.clock.at_ms += 7000
    second = window(await strict.home(ada))

    assert first == (3, 2, AT_MS // 1000 + 66)
    assert second == (3, 1, first[2])


async def test_an_empty_window_refuses_until_it_ends_and_counts_what_it_refused(strict):
    ada = await strict.person()
    reset = [window(await strict.home(ada)) for _ in range(3)][-1][2]

    strict.clock.at_ms = reset * 1000 - 1
    refused = await strict.home(ada)
    strict.clock.at_ms = reset * 1000
    fresh = await strict.home(ada)

    assert (refused.status_code, refused.json(), window(refused)) == (429, TOO_MANY, (3, 0, reset))
    assert (fresh.status_code, window(fresh)) == (200, (3, 2, reset + 60))
    assert (await strict.control("GET", "/stats"))["refused_by_window"] == 1


async def test_windows_are_each_persons_and_each_endpoints_own(strict):
    ada, bob = await strict.person(), await strict.person()
    for _ in range(4):
        await strict.home(ada)

    me = await strict.ask("GET", "/2/users/me", headers=bearer(ada))
    lookup = await strict.lookup(ada, 20)

    assert (await strict.home(bob)).status_code == 200
    assert window(me)[:2] == (75, 74)
    assert window(lookup)[:2] == (900, 899)


async def test_somebody_can_be_given_another_limit(strict):
    ada = await strict.person()
    await strict.control("PUT", f"/users/{ada['id']}/limit", {"limit": 1, "window_seconds": 10})

    answers = [await strict.home(ada) for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 429]
    assert window(answers[0]) == (1, 0, AT_MS // 1000 + 11)


async def test_a_request_that_x_does_not_understand_is_counted_all_the_same(strict):
    ada = await strict.person()

    answer = await strict.home(ada, max_results=101)

    assert (answer.status_code, window(answer)[:2]) == (400, (3, 2))


async def test_nobodys_request_empties_no_window(strict):
    ada = await strict.person()
    stranger = ada | {"oauth2": {"access_token": "none"}}

    refused = await strict.home(stranger)

    assert refused.status_code == 401
    assert "x-rate-limit-limit" not in refused.headers
    assert window(await strict.home(ada))[:2] == (3, 2)
