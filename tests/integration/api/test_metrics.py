"""What an operator's alarms are made of."""

from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.price import Allowance
from shared.store.breaker import Breaker
from shared.store.climate import Climates
from shared.store.connection import connect
from shared.store.prices import Prices
from shared.store.schedule import Schedule


async def test_many_refusals_at_once_raise_an_alarm(gateway, redis_db):
    assert "roost_sign_in_outage 0.0" in (await gateway.get("/metrics")).text
    redis = connect(redis_db)
    for number in range(1, 6):
        await Climates(redis).note_refused(AccountId(number), now_ms=Clock().now_ms())
    await redis.aclose()

    text = (await gateway.get("/metrics")).text

    assert "roost_sign_in_outage 1.0" in text
    assert "roost_accounts_refused 5.0" in text


async def test_metrics_are_what_prometheus_reads(gateway):
    answer = await gateway.get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "# HELP roost_sign_in_outage" in answer.text


async def test_what_stops_all_polls_raises_an_alarm(gateway, redis_db):
    text = (await gateway.get("/metrics")).text
    assert "roost_x_out 0.0" in text
    assert "roost_app_stopped 0.0" in text
    redis, now_ms = connect(redis_db), Clock().now_ms()
    for number in range(1, 7):
        await Breaker(redis).note_fault(AccountId(number), now_ms=now_ms - 12_000 + number * 2_000)
    for number in range(1, 4):
        await Schedule(redis).strike(AccountId(number), "credit-empty", for_ms=60_000)
    await redis.aclose()

    text = (await gateway.get("/metrics")).text

    assert "roost_x_out 1.0" in text
    assert "roost_app_stopped 1.0" in text


async def test_how_polls_go_is_measured(gateway, redis_db):
    redis, now_ms = connect(redis_db), Clock().now_ms()
    await Prices(redis).adjust(Allowance(120, 60_000), now_ms=now_ms)
    await redis.aclose()

    text = (await gateway.get("/metrics")).text

    assert "roost_requests_per_second_wanted 2.0" in text
    assert "roost_late_seconds" in text
