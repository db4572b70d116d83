"""Days of a deployment while people at X delete and edit what they wrote."""

import json
from collections import defaultdict

import pytest

from shared.domain.deletion import DAY_MS
from shared.domain.mode import Mode
from shared.domain.tweet import written_at_ms
from shared.store import keys
from shared.store.connection import connect
from tests.integration.fetching import fetching
from tests.integration.serving import serving
from tests.unit.simulator.x import X
from tests.warped.deployment import MINUTE_MS, Deployment, Pace

PEOPLE = 3
DAYS = 3
HOUR_MS = 60 * MINUTE_MS
BEGINS_AT_MS = 1_800_057_600_000  # a midnight UTC
RULES = {"mode": Mode.ARCHIVE, "cadence_ms": 20 * MINUTE_MS, "page_size": 100, "pages": 10}


@pytest.fixture
async def x():
    x = X(BEGINS_AT_MS, simulator_access_token_seconds=10**9, simulator_window_limit=180)
    yield x
    await x.client.aclose()


async def held(redis, account_id):
    return {int(each) for each in await redis.zrange(keys.timeline(account_id), 0, -1)}


async def shown(fetcher, ids, now_ms):
    """Name those of these tweets whose text would be served."""
    bodies = await fetcher.stores.bodies.read(sorted(ids), now_ms=now_ms)
    return {int(each.key.partition(":")[2]) for each in bodies.tweets}


async def test_what_is_deleted_goes_within_a_day_and_an_edit_shows_once(redis_db, x):
    redis, gone_since_ms = connect(redis_db), defaultdict(dict)
    async with serving(x.app) as url, fetching(redis_db, url, clock=x.clock, **RULES) as fetcher:
        deployment = Deployment(redis, fetcher, Pace(RULES["cadence_ms"], most_ms=10 * MINUTE_MS))
        people = {}
        for _ in range(PEOPLE):
            person = await x.person(follow=40)
            people[await fetcher.register(person, lasts_ms=10**12)] = person
        deployment.follow(people)
        while x.clock.at_ms < BEGINS_AT_MS + DAYS * DAY_MS:
            await deployment.live_until(x.clock.at_ms + HOUR_MS)
            for account_id, person in people.items():
                wrong = await held(redis, account_id) - set(await x.truth(person))
                still = await shown(fetcher, wrong, x.clock.at_ms)
                since = gone_since_ms[account_id]
                for each in still:
                    since.setdefault(each, x.clock.at_ms)
                    assert x.clock.at_ms - since[each] <= DAY_MS, "a deleted tweet is shown for over a day"
        deployment.close()
        for account_id, person in people.items():
            truth = set(await x.truth(person))
            young = {each for each in truth if BEGINS_AT_MS <= written_at_ms(each) < x.clock.at_ms - HOUR_MS}
            assert young <= await held(redis, account_id)
        edits = [
            each for account_id in people for each in await edited(fetcher, await held(redis, account_id))
        ]
        assert edits, "nothing was edited"
        assert [each for each in edits if each > 1] == []
    await redis.aclose()
    assert sum(map(len, gone_since_ms.values())) > 10, "hardly anything was deleted"


async def edited(fetcher, ids):
    """Tell for each edited tweet that is held how many of its versions are."""
    bodies = (await fetcher.stores.bodies.read(sorted(ids), now_ms=0)).tweets
    histories = [json.loads(each.raw)["edit_history_tweet_ids"] for each in bodies]
    return [len(ids & set(map(int, history))) for history in histories if len(history) > 1]
