"""How X treats everybody, as it is noted."""

from shared.domain.account import AccountId
from shared.domain.parking import LATELY_MS, Climate
from tests.integration.store.conftest import ADA, BOB, NOW_MS


async def test_refused_accounts_are_counted_once_each(store):
    await store.climates.note_refused(ADA, now_ms=NOW_MS)
    await store.climates.note_refused(ADA, now_ms=NOW_MS + 1)

    assert await store.climates.note_refused(BOB, now_ms=NOW_MS + 2) == Climate(2, 0, 0)


async def test_one_is_no_canary_of_ones_own(store):
    await store.climates.note_accepted(ADA, now_ms=NOW_MS)
    assert (await store.climates.note_refused(ADA, now_ms=NOW_MS)).other_accepted_at_ms == 0
    assert (await store.climates.note_refused(BOB, now_ms=NOW_MS)).other_accepted_at_ms == NOW_MS

    await store.climates.note_accepted(BOB, now_ms=NOW_MS + 5_000)
    assert (await store.climates.note_refused(BOB, now_ms=NOW_MS)).other_accepted_at_ms == NOW_MS


async def test_accepted_accounts_are_a_sample(store):
    for number in range(10):
        await store.climates.note_accepted(AccountId(number + 1), now_ms=NOW_MS + number * 1_000)

    assert (await store.climates.now(now_ms=NOW_MS + 10_000)).accepted == 2


async def test_refreshes_are_weighed_apart(store):
    for number in range(1, 7):
        climate = await store.climates.note_refused(AccountId(number), now_ms=NOW_MS, to_refresh=True)
    for number in range(100, 200):
        await store.redis.zadd("{app}:accepted", {str(number): NOW_MS})

    assert climate.is_outage()
    assert not (await store.climates.note_refused(ADA, now_ms=NOW_MS)).is_outage()
    assert (await store.climates.now(now_ms=NOW_MS)).is_outage()
    for number in range(200, 230):
        await store.climates.note_refreshed(AccountId(number), now_ms=NOW_MS)
    assert not (await store.climates.now(now_ms=NOW_MS)).is_outage()


async def test_what_is_long_ago_counts_for_nothing(store):
    await store.climates.note_accepted(ADA, now_ms=NOW_MS)
    await store.climates.note_refused(BOB, now_ms=NOW_MS)

    later = await store.climates.now(now_ms=NOW_MS + LATELY_MS + 1)

    assert (later.refused, later.accepted) == (0, 0)


async def test_a_forgotten_account_is_in_no_note(store):
    await store.climates.note_accepted(ADA, now_ms=NOW_MS)
    await store.climates.note_refused(ADA, now_ms=NOW_MS)

    await store.climates.forget(ADA)

    assert await store.dump() == {}
