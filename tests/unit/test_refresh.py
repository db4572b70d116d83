"""When a credential is refreshed."""

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.credential import OAuth1Credential, OAuth2Credential
from shared.domain.refresh import EARLY_MS, is_refresh_due

NOW_MS = 1_800_000_000_000


def credential(lasts_ms):
    return OAuth2Credential("access", "refresh", NOW_MS + lasts_ms, "")


@given(st.floats(0, 1, exclude_max=True))
def test_a_credential_is_refreshed_shortly_before_it_expires_and_not_hourly(spread):
    assert is_refresh_due(credential(EARLY_MS), now_ms=NOW_MS, spread=spread)
    assert not is_refresh_due(credential(2 * EARLY_MS), now_ms=NOW_MS, spread=spread)


def test_accounts_that_signed_in_together_are_not_refreshed_together():
    halfway = credential(EARLY_MS + EARLY_MS // 2)

    assert is_refresh_due(halfway, now_ms=NOW_MS, spread=0.9)
    assert not is_refresh_due(halfway, now_ms=NOW_MS, spread=0.1)


def test_the_older_kind_does_not_expire():
    assert not is_refresh_due(OAuth1Credential("t", "s"), now_ms=2**50, spread=0.5)
