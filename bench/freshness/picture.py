"""The results as a picture: staleness at read and tweet delay, against the budget."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.freshness.designs import BUDGETS, DESIGNS, EVEN, FIXED
from bench.freshness.goals import Results

#: What of the figures each half shows, and its title.
_HALVES = (("read_s", "staleness at read, mean"), ("delay_s", "from a tweet's creation until held, mean"))


def draw(results: Results, path: Path) -> None:
    """Draw both halves into a PNG."""
    figure = Figure(figsize=(13, 5.5), layout="constrained")
    halves = figure.subplots(1, 2)
    for axes, (name, title) in zip(halves, _HALVES, strict=True):
        _draw_half(axes, results, name, title)
    handles, labels = halves[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)


def _draw_half(axes: Axes, results: Results, name: str, title: str) -> None:
    for design in DESIGNS:
        if design.budgets != BUDGETS:
            continue
        seconds = [getattr(results[design.name, budget], name) for budget in BUDGETS]
        style = "--" if design.name in (FIXED, EVEN) else "-"
        percents = [100 * budget for budget in BUDGETS]
        axes.plot(percents, seconds, style, marker="o", markersize=4, label=design.name)
    axes.set(xscale="log", yscale="log", title=title, ylabel="seconds")
    axes.set_xlabel("requests, as a part of everyone every 60 s (%)")
    axes.set_xticks(percents, [f"{each:g}" for each in percents], minor=False)
    axes.minorticks_off()
    axes.grid(visible=True, alpha=0.3)
