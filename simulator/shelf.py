"""Everything that has been written so far: tweets, and what is shown with them."""

from dataclasses import dataclass, field
from typing import Any

Thing = dict[str, Any]


@dataclass(slots=True)
class Shelf:
    """Every object that the world has written so far, by X's name for it."""

    tweets: dict[str, Thing] = field(default_factory=dict)
    users: dict[str, Thing] = field(default_factory=dict)
    media: dict[str, Thing] = field(default_factory=dict)
    polls: dict[str, Thing] = field(default_factory=dict)
    places: dict[str, Thing] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
