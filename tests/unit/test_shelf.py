"""Bodies lately read are at hand, within bounds of bytes and of time."""

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.tweet import Body
from shared.store.shelf import GENERATION_MS, Shelf


def body(number, size=100):
    return Body(f"tweet:{number}", b"x" * size)


def found(shelf, number):
    return shelf.find([f"tweet:{number}"])[0]


def test_what_was_put_is_found_in_its_place():
    shelf = Shelf(10_000)
    shelf.put(body(1))

    assert shelf.find(["tweet:2", "tweet:1"]) == [None, body(1)]


def test_a_shelf_without_bytes_keeps_nothing():
    shelf = Shelf(0)
    shelf.put(body(1))

    assert found(shelf, 1) is None


@given(st.integers(0, GENERATION_MS), st.lists(st.integers(0, 3 * GENERATION_MS), min_size=1, max_size=9))
def test_no_body_is_older_than_two_generations_however_seldom_anybody_reads(began_ms, waits_ms):
    shelf, age_ms = Shelf(10**9), 0
    shelf.turn(began_ms)
    shelf.put(body(1))

    for wait_ms in waits_ms:
        age_ms += wait_ms
        shelf.turn(began_ms + age_ms)
        assert age_ms < 2 * GENERATION_MS or found(shelf, 1) is None


@given(st.integers(0, GENERATION_MS), st.lists(st.integers(0, 20_000), max_size=3))
def test_a_body_stays_for_a_generation(began_ms, waits_ms):
    shelf, now_ms = Shelf(10**9), began_ms
    shelf.turn(now_ms)
    shelf.put(body(1))

    for wait_ms in waits_ms:
        now_ms += wait_ms
        shelf.turn(now_ms)

    assert found(shelf, 1) is not None


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=100))
def test_it_holds_no_more_than_it_may_and_always_what_came_last(sizes):
    shelf = Shelf(20_000)
    for number, size in enumerate(sizes):
        shelf.turn(1)
        shelf.put(body(number, size))

    held = [each for each in shelf.find(f"tweet:{number}" for number in range(len(sizes))) if each]

    largest_overshoot = 2 * 3000  # each half is left when it is over, not before
    assert sum(len(each.raw) for each in held) <= 20_000 + largest_overshoot
    assert held[-1] == body(len(sizes) - 1, sizes[-1])
