"""
Pages as X answers them, cut from the simulator's world: what every measurement reads.

They are made by the simulator's own code, from a seed, so each run measures the
same bytes; nothing here is a recording.
"""

from collections.abc import Iterator, Sequence

from shared.x.home import FIELDS
from simulator.home import Cut, write_page
from simulator.query import read_selection
from simulator.render import Renderer
from simulator.world import World

#: The made-up moment at which the world is seen; a fixed one, so that it is the same world each time.
AT_MS = 1_790_000_000_000
SEED = 7


class Samples:
    """The timelines of some people of one made-up world; another seed is another world."""

    def __init__(self, people: int, seed: int = SEED) -> None:
        self._world = World(seed, people, AT_MS)
        self._renderer = Renderer(self._world)
        self._selection = read_selection(FIELDS)

    def timelines(self) -> Iterator[list[int]]:
        """List the newest 800 ids of each person's timeline, newest first."""
        for person in self._world.people.values():
            ids = self._world.at(person, AT_MS).timeline.ids
            yield ids[:-801:-1]

    def page(self, ids: Sequence[int]) -> bytes:
        """Write the last page of an answer that holds these tweets."""
        return write_page(Cut(list(ids), None, None), self._selection, self._renderer, AT_MS)

    def pages(self, tweets: int) -> Iterator[bytes]:
        """Cut all timelines into pages of so many tweets."""
        for ids in self.timelines():
            for start in range(0, len(ids) - tweets + 1, tweets):
                yield self.page(ids[start : start + tweets])
