"""
What is looked for, suspected and believed of deletions, whatever X's pages look like.

A model of X deletes, hides and mutes tweets that we hold. However its pages are cut, a
check removes what was deleted and what is hidden, and nothing else.
"""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.account import AccountId
from shared.domain.deletion import (
    DAY_MS,
    MAX_ASKED,
    MINUTE_MS,
    Question,
    Removal,
    Told,
    among_themselves,
    check_at_ms,
    judge,
    of_days_before,
    of_today,
    questions,
    reread,
    reread_rest,
    suspects,
    without,
)
from shared.domain.timeline import UNREAD, Gap, Held, Page, Want, join
from shared.domain.tweet import Body, TweetId, first_id_at, written_at_ms

MIDNIGHT_MS = 1_800_057_600_000
NOON_MS = MIDNIGHT_MS + DAY_MS // 2
NIGHT_MS = MIDNIGHT_MS + 23 * 60 * MINUTE_MS
ADA = AccountId(12)
FATES = ("there", "gone", "unseen", "muted")

account_ids = st.integers(1, 2**62).map(AccountId)
instants = st.integers(MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS - 1)


def ids(*numbers, at_ms=NOON_MS):
    return tuple(TweetId(first_id_at(at_ms) + number) for number in numbers)


def held(*held_ids, gaps=()):
    return Held(newest=max(held_ids, default=TweetId(0)), gaps=tuple(gaps), as_of_ms=NOON_MS)


# When


@given(account_ids, instants)
def test_an_account_is_checked_once_in_the_late_evening_of_xs_day(account_id, now_ms):
    at_ms = check_at_ms(account_id, 0, now_ms=now_ms)
    checked_at_ms = max(at_ms, now_ms)

    assert 21 * 60 * MINUTE_MS <= at_ms % DAY_MS < (23 * 60 + 50) * MINUTE_MS
    assert check_at_ms(account_id, checked_at_ms, now_ms=checked_at_ms) == at_ms + DAY_MS


@given(account_ids)
def test_a_check_that_failed_stays_due_until_shortly_before_midnight(account_id):
    yesterday_ms = check_at_ms(account_id, 0, now_ms=MIDNIGHT_MS - DAY_MS)
    latest_ms = MIDNIGHT_MS + DAY_MS - 3 * MINUTE_MS

    assert check_at_ms(account_id, yesterday_ms, now_ms=latest_ms - 1) < latest_ms
    assert check_at_ms(account_id, yesterday_ms, now_ms=latest_ms) > MIDNIGHT_MS + DAY_MS


@pytest.mark.parametrize("first", [1, 1 << 40, 1_500_000_000 << 22])
def test_accounts_are_not_checked_all_at_once(first):
    minutes = Counter(
        check_at_ms(AccountId(first + number), 0, now_ms=NOON_MS) // MINUTE_MS for number in range(10_000)
    )

    assert max(minutes.values()) <= 2 * 10_000 / 170


# What is read once more


def test_the_day_is_read_from_its_first_moment_up_to_the_newest_that_is_held():
    (newest,) = ids(1)
    want = reread(held(newest), now_ms=NIGHT_MS)

    assert written_at_ms(want.since) == MIDNIGHT_MS - 1
    assert written_at_ms(want.since + 1) == MIDNIGHT_MS
    assert (want.until, want.token) == (newest + 1, None)


@pytest.mark.parametrize(
    "timeline",
    [
        Held(),
        held(*ids(1, at_ms=MIDNIGHT_MS - 1)),
        held(*ids(9), gaps=[Gap(*ids(2, 4))]),
        held(*ids(9), gaps=[Gap(TweetId(0), *ids(4))]),
        held(*ids(9), gaps=[Gap(*ids(2, 4), unfillable=True)]),
        held(*ids(9), gaps=[UNREAD]),
    ],
)
def test_nothing_is_read_that_was_never_read_before(timeline):
    assert reread(timeline, now_ms=NIGHT_MS) is None


def test_a_gap_of_another_day_keeps_nobody_from_reading_this_one_again():
    yesterday = Gap(*ids(2, 4, at_ms=MIDNIGHT_MS - 1000))

    assert reread(held(*ids(9), gaps=[yesterday]), now_ms=NIGHT_MS) is not None


def test_a_cut_answer_opens_no_gap_and_moves_nothing():
    before = held(*ids(1, 2, 3))
    want = reread(before, now_ms=NIGHT_MS)

    after = join(before, want, Page(ids=ids(3), next_token="more"))

    assert (after.gaps, after.newest) == ((), before.newest)


def test_days_end_at_midnight_and_keep_their_order():
    now, before = ids(0, 1, at_ms=MIDNIGHT_MS), ids(0, 1, at_ms=MIDNIGHT_MS - 1)
    older = ids(0, at_ms=MIDNIGHT_MS - DAY_MS), ids(0, at_ms=MIDNIGHT_MS - DAY_MS - 1)
    everything = (*now, *before, *older[0], *older[1])

    assert of_today(everything, now_ms=NIGHT_MS) == now
    assert of_days_before(everything, 1, now_ms=NIGHT_MS) == (*before, *older[0])
    assert of_days_before(everything, 2, now_ms=NIGHT_MS) == (*before, *older[0], *older[1])
    assert of_days_before(everything, 0, now_ms=NIGHT_MS) == ()


# Whom to suspect


def test_what_a_page_leaves_out_of_its_range_is_suspected():
    one, two, three, four = held_ids = ids(1, 2, 3, 4)
    page = Page(ids=(four, two), next_token="more")
    want = Want(TweetId(0), TweetId(four + 1))

    assert suspects(held_ids, want, page) == (three,)
    assert reread_rest(want, page) == Want(TweetId(0), two, "more")
    assert suspects(held_ids, reread_rest(want, page), Page()) == (one,)


def test_an_empty_page_that_goes_on_accuses_nobody_and_one_that_ends_accuses_all():
    one, two = held_ids = ids(1, 2)
    want = Want(TweetId(0), TweetId(two + 1))

    assert suspects(held_ids, want, Page(next_token="more")) == ()
    assert suspects(held_ids, want, Page()) == (two, one)
    assert reread_rest(want, Page()) is None


def test_an_older_version_of_an_edit_is_not_suspected():
    old, new = ids(1, 2)

    assert suspects((old,), Want(TweetId(0)), Page(ids=(new,), replaced=(old,))) == ()


def test_what_a_tweet_refers_to_and_x_did_not_send_is_suspected():
    sent, lost, quoting = ids(1, 2, 3)
    bodies = (
        Body(f"tweet:{quoting}", b"{}", ("user:7", f"tweet:{lost}", f"tweet:{sent}")),
        Body(f"tweet:{sent}", b"{}"),
    )
    page = Page(ids=(quoting,), bodies=bodies, withheld=(quoting,))

    assert suspects((), Want(TweetId(0)), page) == (lost,)


# Whom to believe


@given(st.integers(0, 400), st.integers(0, 5))
def test_every_suspect_is_asked_about_once_and_none_without_its_witnesses(many, shown):
    suspected = ids(*range(many))
    others = ids(*range(1000, 1000 + shown))

    asked = questions((*suspected, *suspected), (*suspected, *others))

    assert tuple(each for question in asked for each in question.suspects) == suspected
    assert all(len(question.ids()) <= MAX_ASKED for question in asked)
    assert all(question.witnesses == others[:3] for question in asked)


def test_x_is_not_believed_when_it_denies_what_it_has_just_shown():
    suspect, *witnesses = ids(1, 2, 3, 4)
    question = Question((suspect,), tuple(witnesses))

    assert judge([(question, Told(gone=frozenset(question.ids())))]) == Removal()
    assert judge([(question, Told(frozenset(witnesses[:1]), frozenset({suspect, witnesses[2]})))]) == Removal(
        gone=(suspect, witnesses[2])
    )


def test_without_anything_left_to_bear_witness_x_is_believed():
    question = Question(ids(1, 2))

    assert judge([(question, Told(gone=frozenset(ids(1, 2))))]) == Removal(gone=ids(1, 2))


def test_without_money_for_others_some_suspects_bear_witness_and_are_judged_themselves():
    (question,) = among_themselves([TweetId(each) for each in (6, 5, 4, 3, 2)])
    assert (question.suspects, question.witnesses) == ((6, 5), (4, 3, 2))

    assert judge([(question, Told(there=frozenset({2, 5}), gone=frozenset({3, 6})))]).gone == (6, 3)
    assert judge([(question, Told(gone=frozenset({2, 3, 4, 5, 6})))]).gone == ()
    assert among_themselves([TweetId(7), TweetId(8)]) == []


def test_what_x_is_silent_about_stays():
    suspect, witness = ids(1, 2)

    assert judge([(Question((suspect,), (witness,)), Told(there=frozenset({witness})))]) == Removal()


def test_a_page_is_committed_without_what_is_known_to_be_deleted():
    page = Page(ids=ids(2, 1), withheld=ids(1), next_token="more")

    assert without(page, frozenset(ids(1))) == Page(ids=ids(2), next_token="more")
    assert without(page, frozenset()) is page


# All of it together


@given(
    st.lists(st.sampled_from(FATES), min_size=1, max_size=60),
    st.lists(st.integers(0, 9), min_size=1, max_size=80),
)
def test_a_check_removes_what_x_no_longer_shows_and_nothing_else(fates, sizes):
    fate_of = dict(zip(ids(*range(len(fates))), fates, strict=True))
    shown = [each for each in sorted(fate_of, reverse=True) if fate_of[each] == "there"]
    timeline = held(*fate_of)

    removal = _check(timeline, fate_of, shown, sizes)

    assert set(removal.gone) == {each for each, fate in fate_of.items() if fate == "gone"}
    assert set(removal.unseen) == {each for each, fate in fate_of.items() if fate == "unseen"}


def _check(timeline, fate_of, shown, sizes):
    """Read the day again from a model of X, and ask it about whom is suspected."""
    want, suspected, witnesses = reread(timeline, now_ms=NIGHT_MS), [], []
    sizes = iter(sizes)
    while want is not None:
        fitting = [each for each in shown if want.since < each < want.until]
        size = next(sizes, len(fitting))
        page = Page(ids=tuple(fitting[:size]), next_token="more" if len(fitting) > size else None)
        suspected += suspects(fate_of, want, page)
        witnesses += page.ids
        want = reread_rest(want, page)
    return judge([(question, _told(question, fate_of)) for question in questions(suspected, witnesses)])


def _told(question, fate_of):
    of = {fate: {each for each in question.ids() if fate_of[each] == fate} for fate in FATES}
    return Told(frozenset(of["there"] | of["muted"]), frozenset(of["gone"]), frozenset(of["unseen"]))
