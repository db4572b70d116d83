"""One row of the table that the benchmarks print: a figure, its yardstick, the ratio and the aim."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """A figure beside its yardstick; `ratio` and `aim` are as they are to be read."""

    what: str
    roost: str
    yardstick: str = ""
    ratio: str = ""
    aim: str = ""


@dataclass(frozen=True, slots=True)
class Spread:
    """The figures of several runs: shown as their median, with the least and the most."""

    figures: tuple[float, ...]

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.figures)

    def __str__(self) -> str:
        low, high = min(self.figures), max(self.figures)
        if len(self.figures) == 1:
            return _short(low)
        return f"{_short(self.middle)} ({_short(low)}–{_short(high)})"  # noqa: RUF001 (a range)


def spread(figures: Sequence[float]) -> Spread:
    """Gather the figures of several runs."""
    return Spread(tuple(figures))


def show(title: str, rows: Sequence[Row]) -> None:
    """Print the rows."""
    table = Table(title=title, title_justify="left", show_lines=True)
    for name in ("measured", "Roost", "yardstick", "ratio", "aim"):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(row.what, row.roost, row.yardstick, row.ratio, row.aim)
    console = Console()
    # On paper a table needs no terminal's width.
    Console(width=None if console.is_terminal else 150).print(table)


def _short(figure: float) -> str:
    if figure >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}"
