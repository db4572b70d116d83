"""Every request the simulator got, the newest `KEPT` of them, and what all of them came to."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from simulator.ids import iso

KEPT = 200_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One request."""

    at_ms: int
    user: str
    endpoint: str
    params: dict[str, str]
    status: int
    posts: int = 0


_FIELDS = [field.name for field in fields(Entry)]


@dataclass(slots=True)
class Journal:
    """What was asked and what was answered."""

    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=KEPT))
    requests: Counter[str] = field(default_factory=Counter)
    posts: int = 0
    billed: dict[str, set[int]] = field(default_factory=dict)

    def note(self, entry: Entry, ids: Sequence[int] = ()) -> None:
        """Note a request and the posts that its answer held; X bills each once a UTC day."""
        self.entries.append(entry)
        self.requests[f"{entry.endpoint} {entry.status}"] += 1
        self.posts += entry.posts
        if ids:
            self.billed.setdefault(iso(entry.at_ms)[:10], set()).update(ids)

    def of(self, user: str | None) -> list[dict[str, Any]]:
        """List the requests in one person's name, or all, oldest first."""
        return [
            {"time": iso(each.at_ms), **{name: getattr(each, name) for name in _FIELDS}}
            for each in self.entries
            if user is None or user == each.user
        ]

    def stats(self) -> dict[str, Any]:
        """Count everything."""
        return {
            "requests": dict(self.requests),
            "posts_returned": self.posts,
            "posts_billed": {day: len(ids) for day, ids in sorted(self.billed.items())},
        }
