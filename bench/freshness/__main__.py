"""
`make bench-freshness`: every design in the same worlds, at every budget.

    python -m bench.freshness              200 people, 4 days, two worlds
    python -m bench.freshness --worlds 4   more worlds; from one to the next, staleness differs by some 7 %
    python -m bench.freshness --quick      40 people, 2 days, one world, to see that it works

The first day is not measured.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from time import monotonic

import typer

from bench.freshness.designs import DESIGNS
from bench.freshness.figures import Figures, add_up
from bench.freshness.goals import goals
from bench.freshness.oracle import session
from bench.freshness.people import World, make_world
from bench.freshness.picture import draw
from bench.freshness.report import show_goals, show_results

#: Made before the processes that run in them are forked off, which so need no copies.
_WORLDS: list[World] = []


def main(picture: Path = Path("var/freshness.png"), worlds: int = 2, *, quick: bool = False) -> None:
    """Measure, print the tables and draw the picture."""
    began = monotonic()
    people, days, seeds = (40, 2, range(1, 2)) if quick else (200, 4, range(1, 1 + worlds))
    _say(f"drawing {len(seeds)} world(s) of {people} people and {days} days")
    _WORLDS.extend(make_world(seed, people, days) for seed in seeds)
    session()
    gathered: defaultdict[tuple[str, float], list[Figures]] = defaultdict(list)
    for design, budget, figures in _run_all():
        gathered[DESIGNS[design].name, budget].append(figures)
    results = {each: add_up(runs) for each, runs in gathered.items()}
    show_results(results)
    show_goals(goals(results))
    draw(results, picture)
    _say(f"drawn into {picture}; {monotonic() - began:.0f} s in all")


def _run_all() -> Iterator[tuple[int, float, Figures]]:
    """Run everything, as many at a time as there are processors; the longest first."""
    tasks = [
        (number, budget, world)
        for number, design in enumerate(DESIGNS)
        for budget in design.budgets
        for world in range(len(_WORLDS))
    ]
    tasks.sort(key=lambda task: -task[1])
    with ProcessPoolExecutor(cpu_count(), get_context("fork")) as pool:
        running = {pool.submit(_run, *task): task for task in tasks}
        for done, future in enumerate(as_completed(running), start=1):
            number, budget, world = running[future]
            figures = future.result()
            said = f"{DESIGNS[number].name}, {budget:.0%}, world {world + 1}: {figures.took_s:.1f} s"
            _say(f"{done}/{len(tasks)} {said}")
            yield number, budget, figures


def _run(design: int, budget: float, world: int) -> Figures:
    return DESIGNS[design].run(_WORLDS[world], budget)


def _say(text: str) -> None:
    sys.stderr.write(f"bench: {text}\n")


if __name__ == "__main__":
    typer.run(main)
