"""The histogram of lateness, which fetchers share and which fades."""

import pytest

from shared.domain.overlap import EDGES_S, HALF_LIFE_MS
from shared.store.latenesses import Latenesses
from tests.integration.store.conftest import NOW_MS

NOTHING = (0.0,) * len(EDGES_S)
SOME = (100.0, 0.0, 3.0, *NOTHING[3:])


async def test_what_all_have_counted_is_added_up(store):
    ours, theirs = Latenesses(store.redis), Latenesses(store.redis)

    assert await ours.share(SOME, now_ms=NOW_MS) == SOME
    assert await theirs.share(SOME, now_ms=NOW_MS) == tuple(2 * each for each in SOME)
    assert await ours.share(NOTHING, now_ms=NOW_MS) == tuple(2 * each for each in SOME)


async def test_counts_fade_to_a_half_and_go_on(store):
    latenesses = Latenesses(store.redis)
    await latenesses.share(SOME, now_ms=NOW_MS)

    for hours in range(1, 25):
        faded = await latenesses.share(NOTHING, now_ms=NOW_MS + hours * HALF_LIFE_MS // 24)

    assert faded == pytest.approx([each / 2 for each in SOME])


async def test_a_clock_that_is_behind_fades_nothing_twice(store):
    latenesses = Latenesses(store.redis)
    await latenesses.share(SOME, now_ms=NOW_MS)

    assert await latenesses.share(NOTHING, now_ms=NOW_MS - 60_000) == SOME
    assert await latenesses.share(NOTHING, now_ms=NOW_MS) == SOME
