"""How far back a poll asks again: what is learned from tweets that surface late, and what comes of it."""

import random
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.overlap import EDGES_S, Histogram, count_late, late_ms, overlap_ms
from shared.domain.timeline import Gap, Held, Page, Want, join, want_newest
from shared.domain.tweet import TweetId, first_id_at

MINUTE_MS, DAY_MS = 60_000, 86_400_000
NOON_MS = 20_000 * DAY_MS + DAY_MS // 2
#: No poll asks at an instant that asks with the widest overlap, unless it is meant to.
ASKED_MS = NOON_MS + 1 - NOON_MS % 17


def histogram(**counts: float) -> Histogram:
    """Write one by the ends of its buckets: `on_time` and `s8` for up to eight seconds."""
    names = ["on_time", *(f"s{edge}" for edge in EDGES_S[1:])]
    return tuple(counts.get(name, 0.0) for name in names)


def written(seconds_before: float, low_bits: int = 1) -> TweetId:
    return TweetId(first_id_at(ASKED_MS - int(seconds_before * 1000)) + low_bits)


def held(newest: TweetId, *gaps: Gap) -> Held:
    return Held(newest=newest, floor=TweetId(1), gaps=gaps, as_of_ms=ASKED_MS)


def counted(before: Held, *ids: TweetId, added: tuple[TweetId, ...] = (), token: str | None = None):
    return count_late(before, want_newest(before, 120_000), Page(ids=ids, next_token=token), added)


def test_what_was_written_since_x_was_asked_is_on_time():
    assert counted(held(written(5)), written(-1), written(-20)) == histogram(on_time=2)


def test_what_is_newer_than_all_that_was_held_is_new_by_itself():
    assert counted(held(written(30)), written(5)) == histogram(s6=1)


def test_what_is_older_than_the_newest_is_late_only_if_it_was_not_held():
    before = held(written(1))

    assert counted(before, written(1), written(7), written(20)) == histogram()
    assert counted(before, written(1), written(7), written(20), added=(written(7),)) == histogram(s8=1)


def test_what_was_not_read_when_it_was_new_is_not_late():
    unread = Gap(written(20), written(3))

    assert counted(held(written(1), unread), written(5), added=(written(5),)) == histogram()


def test_what_is_older_than_x_is_ever_late_came_by_another_way():
    assert counted(held(written(9_000)), written(3_000)) == histogram()


def test_a_cut_answer_tells_nothing():
    assert counted(held(written(30)), written(-1), written(5), token="more") == histogram()


def test_what_fills_a_gap_tells_nothing():
    want = Want(since=written(60), until=written(1))

    assert count_late(held(written(1)), want, Page(ids=(written(5),)), (written(5),)) == histogram()


def test_a_first_poll_tells_nothing():
    assert count_late(Held(), want_newest(Held(), 0), Page(ids=(written(5),)), ()) == histogram()


def test_half_a_minute_is_taken_to_be_needed_until_enough_was_seen():
    assert late_ms(histogram()) == 30_000
    assert late_ms(histogram(on_time=9_999)) == 30_000
    assert late_ms(histogram(on_time=10_000)) == 0


def test_fewer_than_one_in_ten_thousand_is_later_than_what_is_needed():
    assert late_ms(histogram(on_time=99_990, s8=10)) == 8_000
    assert late_ms(histogram(on_time=99_991, s8=9)) == 0
    assert late_ms(histogram(on_time=99_000, s4=981, s8=10, s128=9)) == 8_000


@given(st.lists(st.floats(0, 1e9), min_size=len(EDGES_S), max_size=len(EDGES_S)).map(tuple))
def test_what_is_needed_is_the_least_that_leaves_out_so_few(counts):
    needed_s, total = late_ms(counts) // 1000, sum(counts)
    later = sum(count for edge, count in zip(EDGES_S, counts, strict=True) if edge > needed_s)
    from_there = sum(count for edge, count in zip(EDGES_S, counts, strict=True) if edge >= needed_s)

    assert total < 10_000 or (later <= total / 9_999 and (needed_s == 0 or from_there >= total / 10_001))


@pytest.mark.parametrize(
    ("late", "overlap"), [(0, 8_000), (4_000, 8_000), (8_000, 16_000), (30_000, 60_000), (128_000, 120_000)]
)
def test_a_poll_repeats_twice_what_is_needed_within_bounds(late, overlap):
    assert overlap_ms(late, as_of_ms=ASKED_MS, now_ms=ASKED_MS + MINUTE_MS) == overlap


@pytest.mark.parametrize("cadence_ms", [5_000, MINUTE_MS, 5 * MINUTE_MS])
def test_one_poll_in_seventeen_repeats_the_most_whatever_the_cadence(cadence_ms):
    polls = [NOON_MS + number * cadence_ms for number in range(170)]
    overlaps = [overlap_ms(0, as_of_ms=each, now_ms=each + cadence_ms) for each in polls]

    assert overlaps.count(120_000) == 10
    assert overlaps.count(8_000) == 160


def at_midnight(as_of_s: int, now_s: int) -> int:
    """Say how many seconds are repeated, of 60, when X was asked and is asked so long after midnight."""
    midnight_ms = 20_000 * DAY_MS
    as_of_ms = midnight_ms + as_of_s * 1000
    as_of_ms += as_of_ms % 17 == 0
    return overlap_ms(30_000, as_of_ms=as_of_ms, now_ms=midnight_ms + now_s * 1000) // 1000


def test_of_the_day_before_only_what_is_needed_is_repeated():
    assert at_midnight(-70, -10) == 60
    assert at_midnight(-10, 50) == 30
    assert at_midnight(20, 80) == 30
    assert at_midnight(45, 105) == 45
    assert at_midnight(60, 120) == 60


def test_the_first_poll_of_a_day_repeats_no_more_however_late_it_comes():
    assert at_midnight(-3_600, 9 * 3_600) == 30


@given(st.integers(0, 128_000), st.integers(-DAY_MS, DAY_MS), st.integers(0, DAY_MS))
def test_no_poll_leaves_out_what_is_needed(late, as_of_ms, later_ms):
    as_of_ms += NOON_MS
    overlap = overlap_ms(late, as_of_ms=as_of_ms, now_ms=as_of_ms + later_ms)

    assert max(8_000, min(late, 120_000)) <= overlap <= 120_000


class Slow:
    """Timelines, polled three times a minute, at an X that shows one tweet in 25 so late."""

    CADENCE_MS = 20_000

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 (repeatable, not secret)
        self.lateness_ms = range(500, 8_000)
        self.counts, self.late_ms = histogram(), late_ms(histogram())
        self.written = self.missed = 0
        self.now_ms = NOON_MS
        asked_ms = (NOON_MS - number * 337 for number in range(60))
        self.accounts = [Polled(Held(floor=TweetId(1), gaps=(), as_of_ms=each)) for each in asked_ms]

    def run(self, minutes: int) -> None:
        """Let everybody be polled for so long; once a minute the overlap is learned."""
        for _ in range(minutes):
            for _ in range(MINUTE_MS // self.CADENCE_MS):
                for account in self.accounts:
                    self.write(account)
                    self.poll(account)
            self.late_ms = late_ms(self.counts)

    def write(self, account: "Polled") -> None:
        """Write what comes until the account is polled again."""
        for _ in range(self.chance.choice((0, 1, 2, 3))):
            at_ms = account.held.as_of_ms + self.chance.randrange(self.CADENCE_MS)
            late = self.chance.choice(self.lateness_ms) if self.chance.random() < 0.04 else 0
            account.shows_at_ms[TweetId(first_id_at(at_ms) + self.chance.getrandbits(22))] = at_ms + late
            self.written += 1

    def poll(self, account: "Polled") -> None:
        """Ask for what is new; what is so old that nobody asks for it again is missed, and forgotten."""
        before, now_ms = account.held, account.held.as_of_ms + self.CADENCE_MS
        want = want_newest(before, overlap_ms(self.late_ms, as_of_ms=before.as_of_ms, now_ms=now_ms))
        shown = (each for each, at_ms in account.shows_at_ms.items() if at_ms <= now_ms)
        page = Page(ids=tuple(sorted((each for each in shown if each > want.since), reverse=True)))
        seen = count_late(before, want, page, set(page.ids) - account.kept)
        self.counts = tuple(map(sum, zip(self.counts, seen, strict=True)))
        account.held = replace(join(before, want, page), as_of_ms=now_ms)
        account.kept.update(page.ids)
        self.missed += account.forget(first_id_at(now_ms - 5 * MINUTE_MS))


@dataclass
class Polled:
    """An account: when X shows each of its tweets, and which of them are kept."""

    held: Held
    shows_at_ms: dict[TweetId, int] = field(default_factory=dict)
    kept: set[TweetId] = field(default_factory=set)

    def forget(self, oldest: TweetId) -> int:
        """Forget what is older; says how many of it were never kept."""
        past = {each for each in self.shows_at_ms if each < oldest}
        missed = len(past - self.kept)
        self.shows_at_ms = {each: at for each, at in self.shows_at_ms.items() if each not in past}
        self.kept -= past
        return missed


def test_it_settles_where_x_does_and_misses_nothing():
    x = Slow(seed=1)

    x.run(minutes=240)

    assert x.late_ms in {6_000, 8_000}
    assert x.missed == 0


@pytest.mark.parametrize("later_ms", [range(500, 40_000), range(39_000, 40_000)])
def test_it_grows_when_x_does_and_misses_little_meanwhile(later_ms):
    x = Slow(seed=2)
    x.run(minutes=240)
    x.lateness_ms, x.written = later_ms, 0

    x.run(minutes=60)

    assert x.late_ms in {32_000, 48_000}
    assert x.missed < x.written / 1_000
    x.missed = 0
    x.run(minutes=60)
    assert x.missed == 0
