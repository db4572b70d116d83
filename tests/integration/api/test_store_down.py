"""While Redis does not answer: everybody is told so in time, and all is well once it does."""

import asyncio
from contextlib import contextmanager

from tests.integration.api.people import ids_now, page_of


@contextmanager
def _hanging(redis_server):
    """Let Redis accept and not answer for a while."""
    redis_server.hang()
    try:
        yield
    finally:
        redis_server.go_on()


async def test_everybody_is_told_that_the_store_does_not_answer(gateway, ada, redis_server):
    with _hanging(redis_server):
        own, as_x, account, ready, live = await asyncio.gather(
            *(gateway.get(path, headers=ada.headers) for path in ("/v1/timeline", ada.home, "/v1/account")),
            gateway.get("/readyz"),
            gateway.get("/livez"),
        )

    assert [each.status_code for each in (own, as_x, account, ready, live)] == [503, 503, 503, 503, 200]
    assert own.headers["content-type"] == account.headers["content-type"] == "application/problem+json"
    assert as_x.json()["title"] == own.json()["title"] == "Service Unavailable"
    assert all(int(each.headers["retry-after"]) > 0 for each in (own, as_x, account))
    assert ready.json()["ready"] is False
    assert ready.json()["dependencies"]["redis"].startswith("down")


async def test_all_is_well_once_it_answers_again(gateway, people, ada, redis_server):
    await people.show(ada, page_of(ids_now(1)))
    with _hanging(redis_server):
        assert (await gateway.get("/readyz")).status_code == 503

    answer = await gateway.get("/v1/timeline", headers=ada.headers)

    assert answer.status_code == 200
    assert answer.json()["meta"]["result_count"] == 1
    assert (await gateway.get("/readyz")).status_code == 200
