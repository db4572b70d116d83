"""What an operator's alarms are made of."""

from shared.clock import Clock
from shared.domain.account import AccountId
from shared.store.climate import Climates
from shared.store.connection import connect


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
