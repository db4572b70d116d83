"""
Never a request above X's window: the store against a model of X's accounting.

X counts in a fixed window that starts with the first request it gets. Whatever is
lost (answers, headers, whole fetchers), what the store lets through X would accept.
"""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.budget import Window
from shared.domain.timeline import Page
from shared.store.connection import connect
from shared.store.polls import Begun, Ended
from tests.integration.store.conftest import ADA, NOW_MS, Store, tweet_ids

WINDOW_MS = 900_000


class X:
    """X's accounting for one person."""

    def __init__(self, limit):
        self.limit = limit
        self.left = 0
        self.resets_at_ms = 0

    def ask(self, at_ms):
        if at_ms >= self.resets_at_ms:
            self.left, self.resets_at_ms = self.limit, at_ms + WINDOW_MS
        assert self.left > 0, "X had to refuse a request"
        self.left -= 1

    def headers(self):
        return Window(self.limit, self.left, self.resets_at_ms)


#: What becomes of a request: answered, answered without headers, failed with headers, or never heard of
#: again, sent or not.
ends = st.sampled_from(["page", "page without headers", "failed", "killed after sending", "killed before"])
polls = st.lists(st.tuples(st.integers(0, 400_000), st.lists(ends, min_size=1, max_size=4)), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 5), happenings=polls)
def test_x_never_gets_a_request_that_its_window_does_not_hold(redis_db, limit, happenings):
    asyncio.run(_live(redis_db, X(limit), happenings))


async def _live(url, x, happenings):
    connection = connect(url)
    await connection.flushdb()
    store = Store(connection)
    await store.register(ADA)
    now_ms = NOW_MS
    for waited_ms, requests in happenings:
        now_ms += waited_ms
        for lease in await store.claim(now_ms):
            begun = await store.begin(lease, now_ms)
            if isinstance(begun, Begun):
                now_ms = await _poll(store, x, begun, (now_ms, requests))
    await connection.aclose()


async def _poll(store, x, begun, plan):
    """Live through one poll: every request it reserves reaches X within moments, or is lost."""
    now_ms, requests = plan
    for end in requests:
        if end == "killed before":
            break
        now_ms += 3000
        x.ask(now_ms)
        if end == "killed after sending":
            break
        headers = None if end == "page without headers" else x.headers()
        if end == "failed":
            await store.polls.settle(begun.lease, Ended("unavailable", 1, headers), due_at_ms=now_ms)
            break
        if not await store.commit(
            begun, Page(ids=tweet_ids(1)), window=headers, lease_ms=60_000, now_ms=now_ms
        ):
            break
    return now_ms
