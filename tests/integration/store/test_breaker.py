"""X is out for everybody, or only for some: the breaker and its canary."""

import pytest

from shared.domain.account import AccountId
from shared.store.breaker import ACCOUNTS, Breaker
from shared.store.gate import Gate
from tests.integration.store.conftest import ADA, NOW_MS


@pytest.fixture
def breaker(store):
    return Breaker(store.redis)


async def fail(breaker, accounts=ACCOUNTS, *, at_ms=NOW_MS, over_ms=12_000):
    """Let so many accounts fail one after the other; tell whether X is taken to be out."""
    is_out = False
    for number in range(accounts):
        now_ms = at_ms + number * over_ms // (accounts - 1)
        is_out = await breaker.note_fault(AccountId(100 + number), now_ms=now_ms)
    return is_out


async def test_several_accounts_that_get_no_answer_open_it(breaker):
    assert not await fail(breaker, ACCOUNTS - 1)
    assert not await breaker.is_open()
    assert await fail(breaker)
    assert await breaker.is_open()


async def test_one_account_alone_opens_nothing(breaker):
    for number in range(50):
        assert not await breaker.note_fault(ADA, now_ms=NOW_MS + number * 1_000)


async def test_faults_within_moments_open_nothing_for_what_was_accepted_may_not_be_noted_yet(breaker):
    assert not await fail(breaker, 50, over_ms=9_000)


async def test_faults_of_more_than_a_minute_open_nothing(breaker):
    assert not await fail(breaker, over_ms=100_000)


async def test_faults_open_nothing_while_others_are_accepted(breaker, store):
    await fail(breaker, ACCOUNTS - 1, over_ms=9_000)
    await store.climates.note_accepted(ADA, now_ms=NOW_MS + 9_500)

    assert not await fail(breaker, ACCOUNTS - 1, at_ms=NOW_MS + 10_000)
    assert await breaker.note_fault(ADA, now_ms=NOW_MS + 23_000)


async def test_while_it_is_open_one_canary_is_let_through_after_waits_that_double(breaker, store):
    await fail(breaker)
    opened_at_ms, gate, at_ms = NOW_MS + 12_000, Gate(store.redis), []
    for second in range(300):
        permit = await gate.ask(now_ms=opened_at_ms + second * 1_000)
        assert permit.is_out
        if permit.claims:
            assert permit.claims == 1
            gate.use(1)
            at_ms.append(second * 1_000)

    waits = [later - sooner for sooner, later in zip([0, *at_ms], at_ms, strict=False)]
    assert waits[0] == 5_000
    for wait, least in zip(waits[1:], [10_000, 20_000, 40_000, 60_000, 60_000], strict=False):
        assert least <= wait <= least * 1.5 + 1_000


async def test_of_many_schedulers_one_gets_the_canary(breaker, store):
    await fail(breaker)
    gates = [Gate(store.redis) for _ in range(5)]

    assert sum([(await each.ask(now_ms=NOW_MS + 17_000)).claims for each in gates]) == 1


async def test_a_canary_that_was_not_found_is_let_through_again_at_once(breaker, store):
    await fail(breaker)
    gate = Gate(store.redis)

    for _ in range(3):
        assert (await gate.ask(now_ms=NOW_MS + 17_000)).claims == 1
    gate.use(1)
    assert (await gate.ask(now_ms=NOW_MS + 17_000)).claims == 0


async def test_the_first_page_closes_it_and_all_flow_again(breaker, store):
    await fail(breaker)
    gate = Gate(store.redis)
    assert (await gate.ask(now_ms=NOW_MS + 17_000)).is_out

    await store.climates.note_accepted(ADA, now_ms=NOW_MS + 18_000)

    assert not await breaker.is_open()
    permit = await gate.ask(now_ms=NOW_MS + 18_000)
    assert (permit.is_out, permit.claims) == (False, 10)
    assert not await breaker.note_fault(ADA, now_ms=NOW_MS + 19_000), "it takes as many faults as before"


async def test_a_fetcher_whose_clock_was_ahead_does_not_keep_it_open(breaker, store):
    await fail(breaker, at_ms=NOW_MS + 3_600_000)
    gate = Gate(store.redis)
    assert (await gate.ask(now_ms=NOW_MS)).claims == 1, "the canary does not wait for the clock"

    await store.climates.note_accepted(ADA, now_ms=NOW_MS + 1_000)

    assert not (await gate.ask(now_ms=NOW_MS + 2_000)).is_out


async def test_it_does_not_stay_open_for_ever(breaker, store):
    await fail(breaker)
    assert await store.redis.pttl("{app}:breaker") <= 600_000
    assert await store.redis.pttl("{app}:faults") <= 60_000


async def test_x_that_stops_the_app_is_told_before_x_that_is_out(breaker, store):
    await fail(breaker)
    for number in range(3):
        await store.schedule.strike(AccountId(number), "credit-empty", for_ms=60_000)

    permit = await Gate(store.redis).ask(now_ms=NOW_MS + 17_000)
    assert (permit.claims, permit.stopped) == (0, "credit-empty")
