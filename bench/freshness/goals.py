"""The goals that the study set, each figure beside its target; all in the same worlds and run."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.freshness.designs import AT_ONCE, EVEN, FIXED, LAZY, NARROWED, ORACLE, THROUGH
from bench.freshness.figures import Figures

#: By design and budget.
Results = Mapping[tuple[str, float], Figures]
#: A second of a tweet's delay, in seconds of staleness at read: what the policies trade at.
_TWEET_WORTH = 3e-4


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that is to be at most its target."""

    name: str
    what: str
    figure: float
    target: float
    unit: str

    @property
    def met(self) -> bool:
        """Tell whether it is."""
        return self.figure <= self.target

    def write(self, figure: float) -> str:
        """Write a figure in the goal's unit."""
        if self.unit == "%":
            return f"{figure:.1%}"
        return f"{figure:.2f} s" if self.unit == "s" else f"{figure:,.0f}"


def goals(results: Results) -> list[Goal]:
    """Hold what was measured against the study's goals."""
    return [
        *_read_through(results[THROUGH, 0.05]),
        *_served_at_once(results),
        *_near_the_oracle(results),
        *_safe(results),
        *_bound(results[NARROWED, 1.0]),
        Goal("G7", "lazy: posts read, of all posts", results[LAZY, 1.0].read_share, 0.06, "%"),
    ]


def _read_through(roost: Figures) -> list[Goal]:
    return [
        Goal("G1", "read through at 5 %: staleness at read", roost.read_s, 0.5, "s"),
        Goal("G1", "the same, 95th percentile", roost.read_tail_s, 5, "s"),
        Goal("G1", "tweets lost", roost.lost_share, 0.003, "%"),
    ]


def _served_at_once(results: Results) -> list[Goal]:
    whole, half, fifth = (results[AT_ONCE, budget] for budget in (1.0, 0.5, 0.2))
    fixed, even = results[FIXED, 1.0], results[EVEN, 0.2]
    return [
        Goal("G2", "at once at 20 %: staleness, of even pacing's", fifth.read_s / even.read_s, 0.15, "%"),
        Goal("G2", "staleness, of 2016's at 100 %", fifth.read_s / fixed.read_s, 1.7, "%"),
        Goal("G2", "tweet delay, of even pacing's", fifth.delay_s / even.delay_s, 0.7, "%"),
        Goal("G3", "at once at 50 %: staleness, of 2016's at 100 %", half.read_s / fixed.read_s, 0.45, "%"),
        Goal("G3", "tweet delay, of 2016's at 100 %", half.delay_s / fixed.delay_s, 1.3, "%"),
        Goal("G4", "at once at 100 %: staleness, of 2016's", whole.read_s / fixed.read_s, 0.17, "%"),
        Goal("G4", "tweet delay, of 2016's at 100 %", whole.delay_s / fixed.delay_s, 0.65, "%"),
    ]


def _near_the_oracle(results: Results) -> list[Goal]:
    budgets = (0.5, 0.2, 0.1)
    pairs = [(each, results[AT_ONCE, each], results[ORACLE, each]) for each in budgets]
    return [
        Goal("oracle", f"at {each:.0%}: staleness and delay together", _cost(roost) / _cost(best), 1.2, "%")
        for each, roost, best in pairs
    ] + [
        Goal("oracle", f"at {each:.0%}: staleness alone", roost.read_s / best.read_s, 1.2, "%")
        for each, roost, best in pairs
    ]


def _cost(figures: Figures) -> float:
    """Add up what the policies are to make small."""
    return figures.read_s * len(figures.behind_s) + _TWEET_WORTH * figures.delay_s * figures.tweets


def _safe(results: Results) -> list[Goal]:
    roosts = [each for (name, _), each in results.items() if name in (AT_ONCE, THROUGH, NARROWED, LAZY)]
    budgeted = [each for (name, _), each in results.items() if name in (AT_ONCE, THROUGH)]
    off = max(abs(day - 1) for each in budgeted for day in each.days)
    return [
        Goal("G5", "refusals by X (429)", sum(each.refusals_by_x for each in roosts), 0, ""),
        Goal("G5", "requests overdrawn", sum(each.overdrawn for each in roosts), 0, ""),
        Goal("G5", "a day's spending off its budget by", off, 0.02, "%"),
    ]


def _bound(roost: Figures) -> list[Goal]:
    return [
        Goal("G6", "15 requests a window: reads refused a refresh", roost.refused_share, 0.01, "%"),
        Goal("G6", "staleness at read", roost.read_s, 0.5, "s"),
    ]
