"""
The whole system in a made-up world, beside the policy alone in the very same one.

    python -m bench.freshness.whole            30 people, 2 days, a fifth of "everyone every 60 s"
    python -m bench.freshness.whole --quick    10 people, to see that it works

Redis, scheduler, fetcher and gateway are the real ones, X answers over HTTP, and the clock jumps
from event to event. People read through the gateway; what it serves is held against what X shows
at that instant. The first day is not measured.
"""

import asyncio
import logging
import sys
from time import monotonic

import structlog
import typer
from rich.console import Console
from rich.table import Table

from bench.freshness.designs import AT_ONCE, DESIGNS, THROUGH, WIDE
from bench.freshness.figures import Figures
from bench.freshness.lived import Lived
from bench.freshness.people import World, make_world
from bench.ground import ground

BUDGET = 0.2


def main(*, quick: bool = False) -> None:
    """Live through the world twice, at once and read through, and print both beside the policy alone."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    world = make_world(3, 10 if quick else 30, 2)
    rows = []
    for name, wait in ((AT_ONCE, 0), (THROUGH, 2)):
        design = next(each for each in DESIGNS if each.name == name)
        rows.append((f"{name}: the policy alone", design.run(world, BUDGET)))
        began = monotonic()
        rows.append((f"{name}: the whole system", _live(world, wait)))
        sys.stderr.write(f"bench: {name}, whole: {monotonic() - began:.0f} s\n")
    show(rows)


def show(rows: list[tuple[str, Figures]]) -> None:
    """Print one row for each run."""
    table = Table(title=f"the whole system beside the policy alone, at {BUDGET:.0%}", title_justify="left")
    for name in ("", "requests", "staleness at read", "p95", "delay to held", "p95", "empty polls", "429s"):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    for name, figures in rows:
        table.add_row(
            name,
            f"{figures.share:.2%}",
            f"{figures.read_s:.2f} s",
            f"{figures.read_tail_s:.1f} s",
            f"{figures.delay_s:.1f} s",
            f"{figures.delay_tail_s:.0f} s",
            f"{figures.empty_share:.0%}",
            str(figures.refusals_by_x),
        )
    Console(width=None if Console().is_terminal else 150).print(table)


def _live(world: World, wait: int) -> Figures:
    with ground() as place:
        run = Lived.through(world, place.redis().url, budget=BUDGET, limit=WIDE, wait_seconds=wait)
        return asyncio.run(run)


if __name__ == "__main__":
    typer.run(main)
