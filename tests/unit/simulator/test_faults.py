"""What goes wrong on purpose: for whom, how often, with which body."""

import pytest

from simulator import problems
from tests.unit.simulator.x import bearer

NAMED = [(status, problems.BY_NAME[name]) for status, name in problems.BY_STATUS.items()]


async def statuses(x, person, times):
    """Ask for a home timeline so often."""
    return [(await x.home(person)).status_code for _ in range(times)]


@pytest.mark.parametrize(("status", "body"), NAMED, ids=[str(status) for status, _ in NAMED])
async def test_a_status_comes_with_the_body_that_x_sends(x, status, body):
    ada = await x.person()
    await x.control("POST", "/faults", {"status": status})

    answer = await x.home(ada)

    assert (answer.status_code, answer.json()) == (status, body)
    assert answer.headers["x-rate-limit-remaining"] == "999"


@pytest.mark.parametrize("name", ["usage-capped", "client-not-enrolled", "user-suspended", "user-locked"])
async def test_a_body_can_be_named(x, name):
    ada = await x.person()
    await x.control("POST", "/faults", {"status": 403, "body": name})

    assert (await x.home(ada)).json() == problems.BY_NAME[name]


async def test_a_body_can_be_given(x):
    ada = await x.person()
    await x.control("POST", "/faults", {"status": 418, "body": {"errors": [{"code": 418}]}})

    answer = await x.home(ada)

    assert (answer.status_code, answer.json()) == (418, {"errors": [{"code": 418}]})


async def test_a_fault_lasts_as_often_as_told(x):
    ada = await x.person()
    await x.control("POST", "/faults", {"status": 500, "times": 2})
    await x.control("POST", "/faults", {"status": 503, "times": 1})

    assert await statuses(x, ada, 5) == [500, 500, 503, 200, 200]


async def test_a_fault_lasts_until_it_is_cleared(x):
    ada = await x.person()
    await x.control("POST", "/faults", {"status": 500})
    assert await statuses(x, ada, 3) == [500, 500, 500]

    await x.control("DELETE", "/faults")

    assert await statuses(x, ada, 1) == [200]


@pytest.mark.parametrize("given", [str, int])
async def test_a_fault_is_for_one_person(x, given):
    ada, bob = await x.person(), await x.person()
    await x.control("POST", "/faults", {"status": 500, "user": given(ada["id"])})

    assert (await statuses(x, ada, 1), await statuses(x, bob, 1)) == ([500], [200])


async def test_a_fault_is_for_one_endpoint(x):
    ada = await x.person()
    await x.control("POST", "/faults", {"status": 500, "endpoint": "me"})

    me = await x.ask("GET", "/2/users/me", headers=bearer(ada))

    assert (me.status_code, await statuses(x, ada, 1)) == (500, [200])


async def test_a_fault_strikes_a_share_of_requests(x):
    ada = await x.person()
    await x.control("POST", "/faults", {"status": 500, "share": 0.3})

    assert 15 < (await statuses(x, ada, 100)).count(500) < 45


async def test_an_answer_can_be_slow(x):
    ada = await x.person()
    await x.control("POST", "/faults", {"latency_ms": 9000, "times": 1})
    before_ms = x.clock.at_ms

    assert (await x.home(ada)).status_code == 200
    assert x.clock.at_ms == before_ms + 9000


async def test_an_empty_window_comes_before_any_fault(x):
    ada = await x.person()
    await x.control("PUT", f"/users/{ada['id']}/limit", {"limit": 0})
    await x.control("POST", "/faults", {"status": 500, "times": 1})

    assert await statuses(x, ada, 1) == [429]


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"body": "usage-capped"},
        {"status": 429, "body": "unheard-of"},
        {"status": 200},
        {"status": 500, "times": 0},
        {"drop": True, "share": 1.5},
        {"drop": True, "endpoint": "tweets"},
        {"latency_ms": -1},
        {"stauts": 500},
    ],
    ids=str,
)
async def test_a_fault_that_means_nothing_is_refused(x, fault):
    answer = await x.ask("POST", "/_sim/faults", json=fault)

    assert answer.status_code == 400
    assert answer.json()["detail"]
