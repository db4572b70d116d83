"""docs/capacity.md says of N accounts what the formula says, and each figure names what measures it."""

import re
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from bench.__main__ import MEASUREMENTS
from bench.capacity_formula import (
    ACCOUNTS,
    CAPPED,
    EXAMPLES,
    FRESH,
    LAZY,
    MEASURED,
    POSTS_MOST,
    arrivals_bytes,
    examples,
    needs,
    timeline_bytes,
    within_cap,
)

DOC = (Path(__file__).parents[2] / "docs" / "capacity.md").read_text()
ROWS = [
    [each.strip() for each in line.strip("|").split("|")]
    for line in DOC.splitlines()
    if line.startswith("| ") and "`python -m bench" in line
]


def test_the_worked_examples_are_those_of_the_formula():
    assert examples() in DOC


@pytest.mark.parametrize(("name", "figure"), asdict(MEASURED).items())
def test_each_figure_of_the_formula_stands_in_the_docs_with_the_command_that_measures_it(name, figure):
    assert [each for each in ROWS if f"`{name}` {figure:,}" in each]


def test_each_command_that_is_named_measures_something():
    numbers = [int(each) for row in ROWS for each in re.findall(r"--only (\d)`", row[-1])]

    assert len(numbers) == len(ROWS)
    assert set(numbers) <= set(MEASUREMENTS)


def test_how_many_accounts_x_lets_one_app_read_stands_in_the_docs():
    text = " ".join(DOC.split())

    assert f"{within_cap(FRESH):,} accounts" in text
    assert f"{within_cap(LAZY):,} accounts" in text


@pytest.mark.parametrize("habits", EXAMPLES.values())
def test_more_accounts_never_need_less(habits):
    few, more, many = (asdict(needs(each, habits, MEASURED)) for each in ACCOUNTS)

    for name in few:
        assert few[name] <= more[name] <= many[name], name


def test_polls_are_those_of_the_busiest_hour_and_of_who_is_awake():
    habits = replace(FRESH, awake=0.5, polls_daily=864)

    assert needs(100_000, habits, MEASURED).polls_per_second == pytest.approx(1_500)


def test_a_limit_of_posts_bounds_money_and_bodies():
    capped = needs(10_000_000, CAPPED, MEASURED)

    assert capped.posts_daily == POSTS_MOST
    assert capped.dollars_monthly == pytest.approx(15_000)


def test_what_one_server_cannot_hold_takes_three_primaries_at_least():
    one, more = needs(1_000, LAZY, MEASURED), needs(10_000, LAZY, MEASURED)

    assert (one.redis_primaries, one.broker_nodes) == (1, 1)
    assert (more.redis_primaries, more.broker_nodes) == (3, 3)


def test_what_arrived_and_a_session_are_kept_of_everybody():
    told, nothing = needs(10_000_000, CAPPED, MEASURED), replace(MEASURED, arrival_bytes=0, told_bytes=0)

    assert told.redis_gb - needs(10_000_000, CAPPED, nothing).redis_gb == pytest.approx(
        10_000_000 * arrivals_bytes(1, MEASURED) / 1e9
    )
    assert needs(10_000_000, CAPPED, replace(MEASURED, session_bytes=0)).redis_gb < told.redis_gb


def test_a_timeline_that_is_no_longer_packed_takes_several_times_as_much():
    assert timeline_bytes(1_025, MEASURED) > 5 * timeline_bytes(1_024, MEASURED)
