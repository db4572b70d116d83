"""While the Redis of data keys is away: whoever reads notices nothing."""

import pytest

from tests.integration.api.people import ids_now, page_of


@pytest.fixture
def gateway_url(programs, redis_db, keys_redis, simulator_url):
    return programs.start_gateway(
        redis_url=redis_db,
        keys_url=keys_redis.url,
        x_api_url=simulator_url,
        x_consumer_key="roost-simulator",
        x_consumer_secret="roost-simulator-secret",
        x_client_id="roost-simulator-client",
        x_client_secret="roost-simulator-client-secret",
    )


async def test_timelines_are_served_by_gateways_that_stay_in_their_place(gateway, people, ada, keys_redis):
    await people.show(ada, page_of(ids_now(1)))
    keys_redis.kill()

    served, ready = await gateway.get("/v1/timeline", headers=ada.headers), await gateway.get("/readyz")

    assert served.status_code == 200
    assert ready.status_code == 200
    assert ready.json()["ready"] is True
    assert ready.json()["dependencies"]["redis"] == "ok"
    assert ready.json()["dependencies"]["keys"].startswith("down")
