"""What a gateway counts."""

import asyncio
from types import SimpleNamespace

import pytest

from services.api import health
from services.api.counts import Counts
from shared.clock import Clock
from shared.domain.account import Account, AccountId, Standing
from shared.domain.freshness import Polling
from shared.domain.timeline import Held
from shared.domain.tweet import TweetId
from shared.store.accounts import Kept
from tests.unit.metrics.text import samples, samples_of

NOW_MS = 1_795_262_400_000


def kept(as_of_ms, standing=Standing.ACTIVE, parked=""):
    account = Account(AccountId(12), "ada", "Ada", standing, 1, parked)
    held = Held(newest=TweetId(2), floor=TweetId(1), gaps=(), as_of_ms=as_of_ms, tweets=1)
    return Kept(account, held, Polling("page"), 0, None)


def stale(counts, account, suffix="sum"):
    return samples(counts.registry)[f"roost_read_stale_seconds_{suffix}", ("account", account)]


def test_a_read_is_counted_by_how_old_what_it_shows_is():
    counts = Counts()

    counts.read(kept(NOW_MS - 45_000), NOW_MS)
    counts.read(kept(NOW_MS - 5_000), NOW_MS)

    assert stale(counts, "kept") == 50
    assert stale(counts, "kept", "count") == 2
    found = samples(counts.registry)
    assert found["roost_read_stale_seconds_bucket", ("account", "kept"), ("le", "5.0")] == 1
    assert found["roost_read_stale_seconds_bucket", ("account", "kept"), ("le", "60.0")] == 2


@pytest.mark.parametrize(
    ("standing", "parked", "account"),
    [
        (Standing.PAUSED, "", "paused"),
        (Standing.ACTIVE, "locked", "parked"),
        (Standing.PAUSED, "locked", "paused"),
    ],
)
def test_what_is_not_polled_is_counted_apart(standing, parked, account):
    counts = Counts()

    counts.read(kept(NOW_MS - 86_400_000, standing, parked), NOW_MS)

    assert stale(counts, account) == 86_400
    assert stale(counts, "kept", "count") == 0


def test_what_was_never_polled_shows_nothing_and_a_clock_that_is_behind_nothing_older_than_now():
    counts = Counts()

    counts.read(kept(0), NOW_MS)
    assert stale(counts, "kept", "count") == 0

    counts.read(kept(NOW_MS + 300), NOW_MS)
    assert stale(counts, "kept") == 0


def test_a_request_is_counted_by_its_template_and_the_class_of_its_status():
    counts = Counts()

    counts.answered("/v1/account/keys/{id}", 404, 12)
    counts.answered(None, 404, 1)

    found = samples(counts.registry)
    name = "roost_request_seconds_count"
    assert found[name, ("route", "/v1/account/keys/{id}"), ("status", "4xx")] == 1
    assert found[name, ("route", "none"), ("status", "4xx")] == 1


async def test_while_redis_is_slow_the_counts_come_before_prometheus_has_gone(monkeypatch):
    async def never(**_):
        await asyncio.Event().wait()

    gateway = SimpleNamespace(
        clock=Clock(),
        counts=Counts(),
        listeners=SimpleNamespace(count=lambda: 3),
        climates=SimpleNamespace(now=never),
    )
    request = SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace(gateway=gateway)))
    monkeypatch.setattr(health, "_SCRAPE_SECONDS", 0.05)

    async with asyncio.timeout(5):
        shown = samples_of((await health.measure(request)).body.decode())

    assert shown["roost_redis_up",] == 0
    assert shown["roost_stream_listeners",] == 3
