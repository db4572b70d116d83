"""Deletions and edits at X: found by checks, removed for whom they concern, and not charged for."""

import pytest

from shared.domain.account import AccountId
from shared.domain.credential import OAuth2Credential
from shared.domain.deletion import DAY_MS, MINUTE_MS, check_at_ms
from shared.domain.outcome import Limited, Malformed, Refused, Unavailable
from shared.domain.timeline import Page, join, want_newest
from shared.domain.tweet import written_at_ms
from shared.store import keys
from shared.store.polls import Step
from tests.integration.checking import MIDNIGHT_MS, checking

POLLED_EVERY_MS = 60 * MINUTE_MS


@pytest.fixture
async def fetching(redis_db):
    async with checking(redis_db) as parts:
        yield parts


async def test_what_was_deleted_at_x_vanishes_and_nothing_is_billed_for_it(fetching):
    ada = await fetching.register()
    one, two, three, four = await fetching.x.post(ada, count=4)
    await fetching.poll(ada)
    billed = await fetching.billed()
    for each in (two, four):
        await fetching.x.control("DELETE", f"/tweets/{each}")

    assert (await fetching.check(ada)).removed == 2

    assert await fetching.ids(ada) == [three, one]
    assert (await fetching.bodies.read([two], now_ms=fetching.clock.at_ms)).tweets == []
    assert await fetching.billed() == billed
    (asked,) = (await fetching.x.control("GET", "/requests"))["requests"][-1:]
    assert (asked["endpoint"], list(asked["params"])) == ("lookup", ["ids"])


async def test_a_timeline_from_which_everything_was_deleted_is_empty(fetching):
    ada = await fetching.register()
    for each in await fetching.x.post(ada, count=5):
        await fetching.poll(ada)
        await fetching.x.control("DELETE", f"/tweets/{each}")

    await fetching.check(ada)

    assert await fetching.ids(ada) == []


async def test_a_day_of_several_pages_is_compared_to_its_first_tweet(fetching):
    ada = await fetching.register()
    ids = await fetching.x.post(ada, count=350)
    await fetching.poll(ada)
    deleted = set(ids[::7])
    for each in deleted:
        await fetching.x.control("DELETE", f"/tweets/{each}")

    await fetching.check(ada)

    assert set(await fetching.ids(ada)) == set(ids) - deleted
    assert fetching.asked == 1


async def test_where_a_gap_lies_in_the_day_only_what_is_held_is_asked_about(fetching):
    ada = await fetching.register()
    ids = await fetching.x.post(ada, count=150)
    begun, credential = await fetching.begin(ada)
    page = await fetching.fetch(begun, credential, want_newest(begun.held, 0))
    held = join(begun.held, want_newest(begun.held, 0), page)
    await fetching.commit(begun, Step(page, held, fetching.plenty(), None))
    billed = await fetching.billed()
    await fetching.x.control("DELETE", f"/tweets/{ids[-1]}")

    await fetching.check(ada)

    assert await fetching.ids(ada) == sorted(ids[50:-1], reverse=True)
    assert await fetching.billed() == billed
    assert sum(billed.values()) == 100


async def test_an_edit_shows_once_and_nobody_is_asked_about_its_older_version(fetching):
    ada = await fetching.register()
    (old,) = await fetching.x.post(ada, count=1)
    await fetching.poll(ada)
    fetching.clock.at_ms += MINUTE_MS
    new = old + (2 * MINUTE_MS << 22)
    await fetching.x.post(ada, {"id": str(new), "edit_history_tweet_ids": [str(old), str(new)]})
    await fetching.poll(ada)

    await fetching.check(ada)

    assert await fetching.ids(ada) == [new]
    assert fetching.asked == 0


async def test_an_original_that_was_deleted_goes_and_what_quotes_it_stays(fetching):
    ada, bob = await fetching.register(), await fetching.register()
    (original,) = await fetching.x.post(bob, count=1)
    quoting = {"id": str(original + 1), "referenced_tweets": [{"type": "quoted", "id": str(original)}]}
    (quote,) = await fetching.x.post(ada, quoting)
    await fetching.poll(ada)
    assert len((await fetching.bodies.read([original], now_ms=0)).tweets) == 1
    await fetching.x.control("DELETE", f"/tweets/{original}")

    await fetching.check(ada)

    assert await fetching.ids(ada) == [quote]
    assert (await fetching.bodies.read([original], now_ms=0)).tweets == []


async def test_what_somebody_no_longer_follows_stays_with_those_who_received_it(fetching):
    ada, bob = await fetching.register(), await fetching.register()
    (first,) = await fetching.x.post(bob, count=1)
    (tweet,) = await fetching.x.post(ada, count=1)
    await fetching.poll(ada)
    begun, _ = await fetching.begin(bob)  # as if it had been in Bob's timeline once
    page = Page(ids=(tweet, first))
    held = join(begun.held, want_newest(begun.held, 0), page)
    await fetching.commit(begun, Step(page, held, fetching.plenty(), None))

    assert (await fetching.check(bob)).removed == 0

    assert await fetching.ids(bob) == [tweet, first]
    assert fetching.asked == 1


async def test_x_is_asked_about_a_deleted_tweet_in_one_persons_name_only(fetching):
    ada, bob = await fetching.register(), await fetching.register()
    (tweet,) = await fetching.x.post(ada, count=1)
    await fetching.x.post(bob, tweet)
    await fetching.poll(ada)
    await fetching.poll(bob)
    await fetching.x.control("DELETE", f"/tweets/{tweet}")

    await fetching.check(ada)
    await fetching.check(bob)

    assert await fetching.ids(ada) == await fetching.ids(bob) == []
    assert fetching.asked == 1


@pytest.mark.parametrize("fault", [{"status": 503}, {"drop": True}, {"truncate": True}, {"status": 429}])
async def test_what_x_does_not_answer_stays_and_is_asked_again_half_an_hour_later(fetching, fault):
    ada = await fetching.register()
    one, two = await fetching.x.post(ada, count=2)
    await fetching.poll(ada)
    await fetching.x.control("DELETE", f"/tweets/{two}")
    await fetching.x.control("POST", "/faults", fault | {"endpoint": "lookup", "times": 1})

    await fetching.check(ada, ended=False)

    assert await fetching.ids(ada) == [two, one]
    fields = await fetching.store.redis.hmget(
        keys.account(AccountId(int(ada["id"]))), "checked_at_ms", "recheck_at_ms"
    )
    assert fields == [None, str(fetching.clock.at_ms + 30 * MINUTE_MS).encode()]
    fetching.clock.at_ms += 30 * MINUTE_MS
    await fetching.check(ada)
    assert await fetching.ids(ada) == [one]


async def test_many_questions_are_asked_and_all_are_answered(fetching):
    ada = await fetching.register()
    ids = await fetching.x.post(ada, count=2000)
    await fetching.poll(ada)
    deleted = ids[::3]
    for each in deleted:
        await fetching.x.control("DELETE", f"/tweets/{each}")

    await fetching.check(ada)

    assert set(await fetching.ids(ada)) == set(ids) - set(deleted)
    assert fetching.asked > 10  # half of the day was read again, and then the rest asked about


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"status": 401}, Refused),
        ({"status": 429}, Limited),
        ({"status": 503}, Unavailable),
        ({"drop": True}, Unavailable),
        ({"truncate": True}, Malformed),
    ],
)
async def test_whatever_x_answers_to_a_question_is_a_value(fetching, fault, outcome):
    ada = await fetching.register()
    credential = OAuth2Credential(ada["oauth2"]["access_token"], None, 2**50, "")
    await fetching.x.control("POST", "/faults", fault | {"endpoint": "lookup"})

    assert isinstance((await fetching.lookup.fetch([20], credential)).outcome, outcome)


async def test_what_is_deleted_at_x_is_gone_everywhere_within_a_day(fetching):
    fetching.clock.at_ms = MIDNIGHT_MS
    people = [await fetching.register(follow=40) for _ in range(2)]
    seen_deleted_at_ms = {}
    while fetching.clock.at_ms < MIDNIGHT_MS + 5 * DAY_MS // 2:
        for person in people:
            await _poll_or_check(fetching, person)
            for each in set(await fetching.ids(person)) - set(await fetching.x.truth(person)):
                seen_deleted_at_ms.setdefault(each, fetching.clock.at_ms)
                assert fetching.clock.at_ms - seen_deleted_at_ms[each] <= DAY_MS
        fetching.clock.at_ms = await _next_at_ms(fetching, people)

    assert len(seen_deleted_at_ms) > 20
    for person in people:
        young = {each for each in await fetching.x.truth(person) if written_at_ms(each) >= MIDNIGHT_MS}
        assert young - set(await fetching.ids(person)) <= _unasked(fetching, young)


async def _poll_or_check(fetching, person):
    await fetching.poll(person)
    if await _check_at_ms(fetching, person) <= fetching.clock.at_ms:
        await fetching.check(person, days=1)


async def _next_at_ms(fetching, people):
    """Name the next full hour, or the moment of a check that comes before it."""
    hour_at_ms = (fetching.clock.at_ms // POLLED_EVERY_MS + 1) * POLLED_EVERY_MS
    return min([hour_at_ms, *[await _check_at_ms(fetching, each) for each in people]])


async def _check_at_ms(fetching, person):
    account_id = AccountId(int(person["id"]))
    checked_at_ms = int(await fetching.store.redis.hget(keys.account(account_id), "checked_at_ms") or 0)
    return check_at_ms(account_id, checked_at_ms, now_ms=fetching.clock.at_ms)


def _unasked(fetching, ids):
    """Name those written since the last poll, an hour ago at most."""
    return {each for each in ids if fetching.clock.at_ms - written_at_ms(each) <= POLLED_EVERY_MS}
