"""Counting: what is shown is what the library's own kinds would show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from prometheus_client import Histogram as TheirHistogram

from shared.metrics.kinds import OTHER, Histogram, Label, Metric, Tally
from tests.unit.metrics.text import samples

BUCKETS = (0.5, 1.0, 10.0)
FRUIT = Label("fruit", ("apple", "pear"))


def counter(*labels):
    return Metric("roost_things_total", "counter", "Things.", "Nothing.", labels)


def histogram(*labels):
    return Metric("roost_thing_seconds", "histogram", "Things.", "Nothing.", labels, BUCKETS)


def test_every_series_is_there_before_anything_is_counted():
    registry = CollectorRegistry()
    Tally(counter(FRUIT), registry)

    assert samples(registry) == {
        ("roost_things_total", ("fruit", "apple")): 0,
        ("roost_things_total", ("fruit", "pear")): 0,
    }


def test_what_is_counted_is_shown():
    registry = CollectorRegistry()
    tally = Tally(counter(FRUIT), registry)

    tally.add("pear")
    tally.add("pear", by=3)

    assert samples(registry)["roost_things_total", ("fruit", "pear")] == 4


def test_a_value_that_was_not_foreseen_makes_one_more_series_and_no_further_one():
    registry = CollectorRegistry()
    tally, times = Tally(counter(FRUIT), registry), Histogram(histogram(FRUIT), registry)

    for strange in ("885690310456246272", "@ada"):
        tally.add(strange)
        times.observe(0.1, strange)

    found = samples(registry)
    assert found["roost_things_total", ("fruit", OTHER)] == 2
    assert found["roost_thing_seconds_count", ("fruit", OTHER)] == 2
    assert {value for _, *labels in found for name, value in labels if name == "fruit"} == {
        "apple", "pear", OTHER,
    }  # fmt: skip


def test_where_one_label_is_open_the_first_of_its_values_brings_a_zero_for_each_of_the_others():
    registry = CollectorRegistry()
    times = Histogram(histogram(Label("tree", said="whatever grows"), FRUIT), registry)

    times.observe(0.1, "old", "apple")

    found = samples(registry)
    assert found["roost_thing_seconds_count", ("fruit", "apple"), ("tree", "old")] == 1
    assert found["roost_thing_seconds_count", ("fruit", "pear"), ("tree", "old")] == 0


def test_a_gauge_shows_what_it_was_last_set_to():
    registry = CollectorRegistry()
    gauge = Tally(Metric("roost_things", "gauge", "Things.", "Nothing."), registry)

    gauge.set(5)
    gauge.set(2)

    assert samples(registry) == {("roost_things",): 2}


@given(st.lists(st.one_of(st.sampled_from(BUCKETS), st.floats(0, 100)), max_size=20))
def test_a_histogram_shows_what_the_librarys_own_would(observed):
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    times = Histogram(histogram(), ours)
    reference = TheirHistogram("roost_thing_seconds", "Things.", registry=theirs, buckets=BUCKETS)

    for each in observed:
        times.observe(each)
        reference.observe(each)

    expected = {name: number for name, number in samples(theirs).items() if "created" not in name[0]}
    assert samples(ours) == pytest.approx(expected)
