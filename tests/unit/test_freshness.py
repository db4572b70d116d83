"""Whether a timeline is stale, and why."""

from shared.domain.account import Account, AccountId, Standing, shard_of
from shared.domain.freshness import Polling, stale_because
from shared.domain.timeline import Held

NOW_MS = 1_800_000_000_000


def stale(as_of_ms, outcome, standing=Standing.ACTIVE, parked="", **polling):
    account = Account(AccountId(12), "ada", "Ada", standing, 0, parked)
    state = Polling(outcome, **polling)
    return stale_because(account, Held(as_of_ms=as_of_ms), state, now_ms=NOW_MS, stale_ms=180_000)


def test_a_timeline_read_lately_is_fresh_whatever_happened_since():
    assert stale(NOW_MS - 180_000, "page") is None
    assert stale(NOW_MS - 1000, "unavailable") is None


def test_an_old_timeline_says_what_the_last_poll_came_to():
    assert stale(NOW_MS - 180_001, "limited") == "limited"
    assert stale(NOW_MS - 180_001, "sign-in-needed") == "sign-in-needed"


def test_an_old_timeline_whose_last_poll_went_well_is_behind():
    assert stale(NOW_MS - 180_001, "page") == "behind"


def test_one_whose_reader_has_just_come_back_is_catching_up():
    assert stale(NOW_MS - 9 * 86_400_000, "page", asleep=True) == "catching-up"
    assert stale(NOW_MS - 1000, "page", is_owed=True) == "catching-up"
    assert stale(NOW_MS - 9 * 86_400_000, "unavailable", asleep=True) == "unavailable"
    assert stale(NOW_MS - 1000, "page", asleep=True) is None


def test_a_timeline_that_was_never_read_says_so():
    assert stale(0, "") == "not-polled-yet"
    assert stale(0, "unavailable") == "unavailable"


def test_a_paused_timeline_says_so():
    assert stale(NOW_MS, "page", Standing.PAUSED) == "paused"


def test_a_parked_timeline_says_why_at_once():
    assert stale(NOW_MS, "sign-in-needed", parked="sign-in-needed") == "sign-in-needed"
    assert stale(NOW_MS, "unavailable", parked="locked") == "locked"


def test_accounts_are_spread_evenly_over_the_shards():
    snowflakes = [AccountId((number << 22) | 4096 * (number % 7)) for number in range(10_000, 30_000)]
    counts = [0] * 256
    for each in snowflakes:
        counts[shard_of(each)] += 1

    assert min(counts) > 0
    assert max(counts) < 4 * len(snowflakes) / 256
