"""Begin, commit, settle: what a poll may write, and what nobody may who holds no lease."""

import pytest

from shared.domain.account import Standing
from shared.domain.budget import Window
from shared.domain.timeline import UNREAD, Gap, Page
from shared.domain.tweet import TweetId, first_id_at
from shared.store.polls import Begun, Empty, Ended, Late
from tests.integration.store.conftest import ADA, DAY_MS, LEASE_MS, NOW_MS, tweet_ids

PLENTY = Window(limit=15, left=10, resets_at_ms=NOW_MS + 900_000)


async def test_a_poll_begins_with_what_is_held(store):
    await store.register(ADA)

    begun = await store.begun()

    assert begun.held.gaps == (UNREAD,)
    assert begun.failures == 0
    assert begun.sealed == b"sealed"


async def test_a_job_delivered_twice_begins_once(store):
    await store.register(ADA)
    (lease,) = await store.claim()

    assert isinstance(await store.begin(lease), Begun)
    assert isinstance(await store.begin(lease), Late)


async def test_a_page_and_its_gap_are_committed_together(store):
    await store.register(ADA)
    begun = await store.begun()
    page = Page(ids=tweet_ids(1, 2, 3), next_token="more")

    assert await store.commit(begun, page, window=PLENTY, lease_ms=LEASE_MS)

    held = await store.held()
    assert await store.ids() == list(page.ids)
    assert held.gaps == (Gap(TweetId(0), page.ids[-1]),)
    assert held.newest == page.ids[0]
    assert held.tweets == 3


async def test_a_settled_poll_is_due_when_it_said(store):
    await store.register(ADA)
    assert not await store.commit(await store.begun(), Page(ids=tweet_ids(1)), window=PLENTY)

    assert await store.claim(NOW_MS + 59_999) == []
    assert len(await store.claim(NOW_MS + 60_000)) == 1


async def test_a_poll_that_goes_on_renews_its_lease(store):
    await store.register(ADA)
    begun = await store.begun()
    later = NOW_MS + 50_000

    await store.commit(begun, Page(ids=tweet_ids(1)), window=PLENTY, lease_ms=LEASE_MS, now_ms=later)

    assert await store.claim(NOW_MS + LEASE_MS) == []
    assert len(await store.claim(later + LEASE_MS)) == 1


async def test_a_late_fetcher_changes_nothing(store):
    await store.register(ADA)
    late = await store.begun()
    (newer,) = await store.claim(NOW_MS + LEASE_MS)
    before = await store.dump()

    assert not await store.commit(late, Page(ids=tweet_ids(7)), window=PLENTY)
    await store.polls.settle(late.lease, Ended("unavailable", 9, PLENTY), due_at_ms=NOW_MS)
    await store.schedule.release(late.lease, now_ms=NOW_MS)

    assert await store.dump() == before
    assert not isinstance(await store.begin(newer, NOW_MS + LEASE_MS), Late)


@pytest.mark.parametrize("ending", ["pause", "forget", "forget and register"])
async def test_a_poll_in_flight_writes_nothing_once_its_account_is_gone(store, ending):
    await store.register(ADA)
    begun = await store.begun()
    if ending == "pause":
        await store.accounts.stand(ADA, Standing.PAUSED, now_ms=NOW_MS)
    else:
        await store.accounts.forget(ADA, now_ms=NOW_MS)
    if ending == "forget and register":
        await store.register(ADA, NOW_MS + 1)
        await store.claim(NOW_MS + 1)
    before = await store.dump()

    assert not await store.commit(begun, Page(ids=tweet_ids(7)), window=PLENTY)

    assert await store.dump() == before


async def test_an_edit_takes_the_place_of_its_older_versions(store):
    await store.register(ADA)
    old, new = tweet_ids(2, 1)[::-1]
    await store.commit(await store.begun(), Page(ids=(old,)), window=PLENTY)
    begun = await store.begun(NOW_MS + 60_000)

    await store.commit(begun, Page(ids=(new,), replaced=(old,)), window=PLENTY)

    assert await store.ids() == [new]
    (_, last) = (await store.redis.xrevrange(f"{{s{ADA}}}:arrivals:{ADA}", count=1))[0]
    assert int(last[b"replaced"]) == old
    assert int(last[b"added"]) == new


async def test_arrivals_tell_only_what_was_new(store):
    await store.register(ADA)
    await store.commit(await store.begun(), Page(ids=tweet_ids(1, 2)), window=PLENTY)
    await store.commit(await store.begun(NOW_MS + 60_000), Page(ids=tweet_ids(1, 2, 3)), window=PLENTY)
    await store.commit(await store.begun(NOW_MS + 120_000), Page(ids=tweet_ids(1, 2, 3)), window=PLENTY)

    arrivals = await store.redis.xrange(f"{{s{ADA}}}:arrivals:{ADA}")

    assert [entry[b"added"].split() for _, entry in arrivals] == [
        [str(each).zfill(19).encode() for each in tweet_ids(1, 2)],
        [str(tweet_ids(3)[0]).zfill(19).encode()],
    ]


async def test_a_commit_tells_how_many_tweets_were_not_held(store):
    await store.register(ADA)

    first = await store.committed(await store.begun(), Page(ids=tweet_ids(2, 3)), window=PLENTY)
    begun = await store.begun(NOW_MS + 60_000)
    second = await store.committed(begun, Page(ids=tweet_ids(1, 2, 4)), window=PLENTY)
    late = await store.committed(begun, Page(ids=tweet_ids(9)), window=PLENTY)

    assert (first.added, first.surfaced) == (2, frozenset())
    assert (second.added, second.surfaced) == (2, frozenset(tweet_ids(1)))
    assert (late.added, late.goes_on) == (0, False)


async def test_the_count_kept_raises_the_floor_and_hides_what_lies_below_it(store):
    await store.register(ADA)
    page = Page(ids=tweet_ids(*range(60)), next_token="more")

    await store.commit(await store.begun(), page, window=PLENTY)

    held = await store.held()
    assert await store.ids() == list(page.ids[:50])
    assert held.floor == page.ids[50]
    assert held.gaps == ()


async def test_tweets_older_than_the_retention_go(store):
    await store.register(ADA)
    old, young = tweet_ids(1, at_ms=NOW_MS - 31 * DAY_MS), tweet_ids(1)

    await store.commit(await store.begun(), Page(ids=young + old), window=PLENTY)

    assert await store.ids() == list(young)
    assert (await store.held()).floor == first_id_at(NOW_MS - 30 * DAY_MS)


async def test_an_account_without_requests_is_due_when_its_window_resets(store):
    await store.register(ADA)
    spent = Window(limit=15, left=0, resets_at_ms=NOW_MS + 300_000)
    await store.commit(await store.begun(), Page(), window=spent)
    (lease,) = await store.claim(NOW_MS + 60_000)

    assert isinstance(await store.begin(lease, NOW_MS + 60_000), Empty)
    assert await store.claim(NOW_MS + 299_999) == []
    assert isinstance(await store.begun(NOW_MS + 300_000), Begun)


async def test_a_poll_that_failed_is_remembered_until_one_succeeds(store):
    await store.register(ADA)
    begun = await store.begun()
    await store.polls.settle(begun.lease, Ended("unavailable", 1, PLENTY), due_at_ms=NOW_MS + 5000)
    assert (await store.accounts.find(ADA)).polling.outcome == "unavailable"

    begun = await store.begun(NOW_MS + 5000)
    assert begun.failures == 1
    await store.commit(begun, Page(), window=PLENTY)

    kept = await store.accounts.find(ADA)
    assert (kept.polling.outcome, kept.failures) == ("page", 0)


async def test_a_request_that_never_left_is_given_back(store):
    await store.register(ADA)
    begun = await store.begun()

    await store.polls.settle(begun.lease, Ended("unavailable", 1, None, unsent=True), due_at_ms=NOW_MS)

    assert isinstance(await store.begun(NOW_MS), Begun)


async def test_the_window_outlives_a_forgotten_account(store):
    await store.register(ADA)
    spent = Window(limit=1, left=0, resets_at_ms=NOW_MS + 300_000)
    await store.commit(await store.begun(), Page(), window=spent)
    await store.accounts.forget(ADA, now_ms=NOW_MS)
    await store.register(ADA, NOW_MS + 1)
    (lease,) = await store.claim(NOW_MS + 1)

    assert isinstance(await store.begin(lease, NOW_MS + 1), Empty)


async def test_a_window_that_held_nothing_is_probed_when_it_has_ended(store):
    await store.register(ADA)
    nothing = Window(limit=0, left=0, resets_at_ms=NOW_MS + 1000)
    await store.commit(await store.begun(), Page(), window=nothing)

    assert isinstance(await store.begun(NOW_MS + 60_000), Begun)


async def test_a_request_that_x_has_not_counted_yet_stays_reserved(store):
    await store.register(ADA)
    await store.commit(await store.begun(), Page(), window=Window(15, 2, NOW_MS + 900_000))
    await store.begun(NOW_MS + 60_000)  # its request is under way
    await store.register(ADA, NOW_MS + 61_000)
    begun = await store.begun(NOW_MS + 61_000)
    told = Window(15, 1, NOW_MS + 900_000)  # X has counted this one, not yet the other

    await store.commit(begun, Page(), window=told, now_ms=NOW_MS + 61_000)

    assert (await store.accounts.find(ADA)).window.left == 0


async def test_resuming_an_account_that_is_active_disturbs_no_poll(store):
    await store.register(ADA)
    begun = await store.begun()

    assert await store.accounts.stand(ADA, Standing.ACTIVE, now_ms=NOW_MS)

    assert await store.commit(begun, Page(ids=tweet_ids(1)), window=PLENTY, lease_ms=LEASE_MS)


async def test_the_floor_never_falls(store):
    await store.register(ADA)
    begun = await store.begun()
    await store.commit(
        begun, Page(ids=tweet_ids(*range(60)), next_token="more"), window=PLENTY, lease_ms=LEASE_MS
    )
    raised = (await store.held()).floor

    await store.commit(begun, Page(ids=tweet_ids(70)), window=PLENTY)

    assert (await store.held()).floor >= raised > 0
