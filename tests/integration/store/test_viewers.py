"""What X shows one viewer and not another is not shown to the other, though both hold the same tweet."""

import json

from shared.domain.account import AccountId
from shared.store.sessions import Terms, read_token
from shared.store.timelines import Range
from shared.x.page import read_page
from tests.integration.store.conftest import ADA, BOB, NOW_MS, tweet_ids

QUOTING, QUOTED = (str(each) for each in tweet_ids(2, 1))


def answer(*, with_quoted: bool) -> bytes:
    """X's page with a tweet that quotes another, which X shows along or not."""
    quoting = {
        "id": QUOTING,
        "text": "see this",
        "author_id": "1",
        "referenced_tweets": [{"type": "quoted", "id": QUOTED}],
    }
    quoted = {"id": QUOTED, "text": "for followers", "author_id": "3"}
    users = [{"id": "1", "name": "A", "username": "a"}, {"id": "3", "name": "C", "username": "c"}]
    includes = {"users": users if with_quoted else users[:1]} | ({"tweets": [quoted]} if with_quoted else {})
    return json.dumps({"data": [quoting], "includes": includes, "meta": {"result_count": 1}}).encode()


async def poll(store, account_id: AccountId, raw: bytes, now_ms: int) -> None:
    page = read_page(raw)
    await store.bodies.write(page.bodies)
    (begun,) = [
        await store.begin(lease, now_ms)
        for lease in await store.claim(now_ms)
        if lease.account_id == account_id
    ]
    await store.commit(begun, page, now_ms=now_ms)


async def shown(store, account_id: AccountId) -> dict[str, list[str]]:
    given = await store.sessions.begin(account_id, Terms.app(60_000), now_ms=NOW_MS)
    claimed = read_token(given.token)
    part = await store.timelines.read(claimed, Range(None, None, 10), now_ms=NOW_MS)
    bodies = await store.bodies.read(part.ids, withheld=part.withheld, now_ms=NOW_MS)
    return {kind: [body.key for body in each] for kind, each in bodies.includes.items()}


async def test_a_quoted_tweet_is_shown_only_to_whom_x_showed_it(store):
    await store.register(ADA)
    await poll(store, ADA, answer(with_quoted=False), NOW_MS)
    await store.register(BOB)
    await poll(store, BOB, answer(with_quoted=True), NOW_MS)

    assert await shown(store, ADA) == {"user": ["user:1"]}
    assert await shown(store, BOB) == {"user": ["user:1", "user:3"], "tweet": [f"tweet:{QUOTED}"]}


async def test_a_tweet_that_two_people_see_is_kept_once(store):
    for account_id in (ADA, BOB):
        await store.register(account_id)
        await poll(store, account_id, answer(with_quoted=True), NOW_MS)

    keys = [key async for key in store.redis.scan_iter() if key.startswith((b"tweet:", b"user:"))]

    assert sorted(keys) == sorted(
        [f"tweet:{QUOTING}".encode(), f"tweet:{QUOTED}".encode(), b"user:1", b"user:3"]
    )


async def test_what_x_shows_at_last_is_shown(store):
    await store.register(ADA)
    await poll(store, ADA, answer(with_quoted=False), NOW_MS)
    # An answer without headers leaves the window as it was assumed: it has ended by then.
    later = NOW_MS + 1_000_000

    await poll(store, ADA, answer(with_quoted=True), later)

    assert f"tweet:{QUOTED}" in (await shown(store, ADA))["tweet"]
