"""
`make bench`: measure and print one table.

    python -m bench                all measurements, three runs each
    python -m bench --only 1,3     some of them
    python -m bench --quick        one short run each, to see that they work
"""

import sys

import typer

from bench import capacity, cluster, dispatch, fetch, listeners, memory, serve
from bench.table import Row, show

#: Each is told how many runs to make and how many seconds each is to last.
MEASUREMENTS = {
    1: ("polls", fetch.measure),
    2: ("dispatch", dispatch.measure),
    3: ("pages", serve.measure),
    4: ("memory", memory.measure),
    5: ("listeners", listeners.measure),
    6: ("capacity", capacity.measure),
    7: ("cluster", cluster.measure),
}


def main(only: str = "", *, quick: bool = False) -> None:
    """Measure; each figure stands beside its yardstick from the same run."""
    chosen = [int(each) for each in only.split(",") if each] or list(MEASUREMENTS)
    runs, seconds = (1, 3.0) if quick else (3, 10.0)
    rows: list[Row] = []
    for number in chosen:
        name, measure = MEASUREMENTS[number]
        sys.stderr.write(f"bench: measuring {name}\n")
        rows += measure(runs, seconds)
    show(f"medians of {runs} runs (least–most)" if runs > 1 else "one run", rows)  # noqa: RUF001 (a range)


if __name__ == "__main__":
    typer.run(main)
