"""The results as tables: every design at every budget, and the goals."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from bench.freshness.designs import DESIGNS
from bench.freshness.figures import Figures
from bench.freshness.goals import Goal, Results

_COLUMNS = ("requests", "staleness at read", "p95", "delay to held", "p95", "empty polls", "lost")
_MORE = ("$ a day", "overdrawn", "429s", "refused")


def show_results(results: Results) -> None:
    """Print one row for each design and budget."""
    table = Table(
        title="what each design makes of each budget; means and 95th percentiles, dollars a person",
        title_justify="left",
    )
    for name in ("design", "budget", *_COLUMNS, *_MORE):
        table.add_column(name, justify="left" if name == "design" else "right", no_wrap=name == "design")
    for design in DESIGNS:
        for number, budget in enumerate(design.budgets):
            figures = results[design.name, budget]
            bound = len(design.budgets) > 1
            table.add_row(
                design.name if number == 0 else "", f"{budget:.0%}" if bound else "none", *_cells(figures)
            )
        table.add_section()
    _print(table)


def show_goals(goals: Sequence[Goal]) -> None:
    """Print each goal's figure beside its target."""
    table = Table(title="goals", title_justify="left")
    for name in ("goal", "what", "measured", "at most", ""):
        table.add_column(name, justify="right" if name in ("measured", "at most") else "left")
    for goal in goals:
        verdict = "met" if goal.met else "missed"
        table.add_row(goal.name, goal.what, goal.write(goal.figure), goal.write(goal.target), verdict)
    _print(table)


def _cells(figures: Figures) -> list[str]:
    return [
        f"{figures.share:.2%}",
        _seconds(figures.read_s),
        _seconds(figures.read_tail_s),
        _seconds(figures.delay_s),
        _seconds(figures.delay_tail_s),
        f"{figures.empty_share:.0%}",
        f"{figures.lost_share:.2%}",
        f"{figures.dollars:.2f}",
        str(figures.overdrawn),
        str(figures.refusals_by_x),
        f"{figures.refused_share:.1%}" if figures.wanted else "",
    ]


def _seconds(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds >= 100 else f"{seconds:.2f} s"


def _print(table: Table) -> None:
    console = Console()
    # On paper a table needs no terminal's width.
    Console(width=None if console.is_terminal else 170).print(table)
