"""How often X is asked whose a credential is: as often as X lets us, and of a new one once."""

import pytest

from shared.domain.budget import ASSUMED_WINDOW_MS, Window
from shared.domain.credential import OAuth1Credential, OAuth2Credential
from shared.store.verifications import Verifications
from tests.integration.store.conftest import NOW_MS

ADAS, BOBS = OAuth1Credential("ada", "s"), OAuth2Credential("bob", "r", NOW_MS, "tweet.read")


@pytest.fixture
def verifications(store):
    return Verifications(store.redis)


@pytest.mark.parametrize("credential", [ADAS, BOBS])
async def test_of_a_credential_never_seen_one_request_is_let_through(verifications, credential):
    assert await verifications.reserve(credential, now_ms=NOW_MS) is None

    assert await verifications.reserve(credential, now_ms=NOW_MS + 1) == NOW_MS + ASSUMED_WINDOW_MS


async def test_each_credential_has_a_window_of_its_own(verifications):
    await verifications.reserve(ADAS, now_ms=NOW_MS)

    assert await verifications.reserve(BOBS, now_ms=NOW_MS) is None


async def test_as_many_requests_go_as_x_said_and_more_when_the_window_has_reset(verifications):
    resets_at_ms = NOW_MS + 60_000
    await verifications.reserve(ADAS, now_ms=NOW_MS)
    await verifications.settle(ADAS, Window(75, 2, resets_at_ms), now_ms=NOW_MS)

    answers = [await verifications.reserve(ADAS, now_ms=NOW_MS + 1) for _ in range(3)]

    assert answers == [None, None, resets_at_ms]
    assert await verifications.reserve(ADAS, now_ms=resets_at_ms) is None


async def test_an_answer_without_headers_leaves_the_window_as_it_was_reserved(verifications):
    await verifications.reserve(ADAS, now_ms=NOW_MS)
    await verifications.settle(ADAS, None, now_ms=NOW_MS)

    assert await verifications.reserve(ADAS, now_ms=NOW_MS) is not None


async def test_nothing_is_kept_longer_than_its_window(store, verifications):
    await verifications.reserve(ADAS, now_ms=NOW_MS)
    (key,) = await store.dump()
    assert 0 < await store.redis.pttl(key) <= ASSUMED_WINDOW_MS

    await verifications.settle(ADAS, Window(75, 74, NOW_MS + 5000), now_ms=NOW_MS)
    assert 0 < await store.redis.pttl(key) <= 5000


async def test_nothing_is_kept_of_a_credential_that_x_does_not_know(store, verifications):
    await verifications.reserve(ADAS, now_ms=NOW_MS)
    await verifications.release(ADAS)

    assert await store.dump() == {}


async def test_no_credential_can_be_read_in_the_store(store, verifications):
    secret = OAuth2Credential("a-very-secret-token", "another-secret", NOW_MS, "")
    await verifications.reserve(secret, now_ms=NOW_MS)

    kept = b"".join([*await store.dump(), *(await store.dump()).values()])
    assert b"secret" not in kept
