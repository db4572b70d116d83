"""The bench of policies: its world, its X, and that Roost's policy does in it what it is for."""

from bisect import bisect_right
from pathlib import Path

import pytest

from bench.freshness.designs import AT_ONCE, DESIGNS, EVEN, FIXED, LAZY, NARROWED, ORACLE, THROUGH
from bench.freshness.figures import Figures, add_up
from bench.freshness.goals import Goal, goals
from bench.freshness.oracle import session
from bench.freshness.people import BEGINS_AT_MS, DAY_MS, MINUTE_MS, World, make_world
from bench.freshness.picture import draw
from bench.freshness.report import show_goals, show_results
from bench.freshness.upstream import Upstream

PEOPLE, DAYS = 12, 2


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(3, PEOPLE, DAYS)


def run(world: World, name: str, budget: float) -> Figures:
    return next(each for each in DESIGNS if each.name == name).run(world, budget)


def test_the_same_seed_is_the_same_world(world: World):
    assert make_world(3, PEOPLE, DAYS) == world
    assert make_world(4, PEOPLE, DAYS) != world


def test_as_many_tweets_come_as_are_to_be_expected(world: World):
    come = sum(len(person.tweets) for person in world.people)

    assert come == pytest.approx(sum(person.expected[-1] for person in world.people), rel=0.05)


def test_nothing_happens_after_the_end_and_reads_go_back_a_fortnight(world: World):
    assert all(at_ms < world.ends_at_ms for at_ms, _ in world.reads())
    assert min(each.reads[0] for each in world.people if each.reads) < BEGINS_AT_MS - 7 * DAY_MS


def test_the_fake_x_counts_in_windows_that_begin_with_the_first_request(world: World):
    x = Upstream(world.people[0], limit=2)

    answers = [x.ask(at_ms) for at_ms in (1_000, 2_000, 3_000, 15 * MINUTE_MS + 1_000)]

    assert answers == [True, True, False, True]
    assert x.refusals == 1
    assert x.window(15 * MINUTE_MS + 2_000).left == 1


def test_a_session_is_expected_to_go_on_the_less_the_longer_it_is_silent():
    table = session()

    assert table[0][-1] > table[20][-1] > table[60][-1]
    assert all(row[0] == 0 for row in table)


def test_the_design_of_2016_polls_everybody_once_a_minute_until_its_cap(world: World):
    whole, half = run(world, FIXED, 1.0), run(world, FIXED, 0.5)

    assert whole.delay_s == pytest.approx(30, rel=0.05)
    assert half.requests == PEOPLE * 24 * 60 / 2
    assert half.delay_s > 3600


@pytest.mark.parametrize("name", [AT_ONCE, THROUGH, ORACLE])
def test_a_budget_is_spent_and_never_overdrawn(world: World, name: str):
    figures = run(world, name, 0.2)

    assert figures.days == [pytest.approx(1, abs=0.03)]
    assert (figures.overdrawn, figures.refusals_by_x) == (0, 0)


def test_roost_is_fresher_than_even_pacing_for_the_same_requests(world: World):
    roost, even = run(world, AT_ONCE, 0.2), run(world, EVEN, 0.2)

    assert roost.read_s < even.read_s / 2
    assert roost.delay_s < even.delay_s


def test_who_waits_for_the_answer_reads_what_is_there(world: World):
    assert run(world, THROUGH, 0.05).read_s < 1


def test_a_window_of_fifteen_is_never_asked_for_more(world: World):
    assert run(world, NARROWED, 1.0).refusals_by_x == 0


def test_lazily_only_what_is_looked_at_is_paid_for(world: World):
    figures = run(world, LAZY, 1.0)

    assert figures.read_share < 0.3
    assert figures.read_s < 1


def test_every_tweet_is_counted_once(world: World):
    figures = run(world, EVEN, 1.0)
    after_a_day = sum(
        len(each.tweets) - bisect_right(each.tweets, BEGINS_AT_MS + DAY_MS) for each in world.people
    )

    assert figures.delayed == pytest.approx(after_a_day, rel=0.01)
    assert figures.posts + figures.lost <= figures.delayed


def test_runs_add_up():
    together = add_up([Figures(requests=1, behind_s=[1.0]), Figures(requests=2, behind_s=[3.0])])

    assert together == Figures(requests=3, behind_s=[1.0, 3.0])
    assert together.read_s == 2


def test_a_goal_is_met_by_what_is_at_most_its_target():
    assert Goal("G1", "staleness", 0.5, 0.5, "s").met
    assert not Goal("G1", "lost", 0.004, 0.003, "%").met


def test_all_results_are_shown_held_against_the_goals_and_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    one = Figures(
        person_days=1, requests=72, tweets=10, delay_sum_s=9.0, delayed=3, behind_s=[2.0], days=[1.0]
    )
    results = {(design.name, budget): one for design in DESIGNS for budget in design.budgets}

    show_results(results)
    show_goals(goals(results))
    draw(results, tmp_path / "new" / "picture.png")

    shown = capsys.readouterr().out
    assert all(text in shown for text in (AT_ONCE, "5.00%", "missed", "G7"))
    assert (tmp_path / "new" / "picture.png").read_bytes().startswith(b"\x89PNG")
