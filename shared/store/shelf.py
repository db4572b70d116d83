"""
Bodies lately read, kept in this process so that what many people see is decoded once.

Two generations: what is read goes into the younger one; when that holds half of
what may be held, or a new minute of the clock has begun, it becomes the older one
and the one before goes. So no body is older here than two minutes, also when nobody
read for a while, and looking one up is one or two dictionary look-ups and nothing else.
"""

from collections.abc import Iterable

from shared.domain.tweet import Body

#: An edit of a profile, or a body that was removed, shows after at most two of these.
GENERATION_MS = 60_000

#: What Python needs for a body beside its bytes, about.
_OVERHEAD_BYTES = 400


class Shelf:
    """Keeps bodies up to a number of bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self._half_bytes = limit_bytes // 2
        self._young: dict[str, Body] = {}
        self._old: dict[str, Body] = {}
        self._bytes = 0
        self._generation = 0

    def find(self, keys: Iterable[str]) -> list[Body | None]:
        """Find bodies, each in its place; None for one that is not here."""
        young, old = self._young.get, self._old.get
        return [young(key) or old(key) for key in keys]

    def put(self, body: Body) -> None:
        """Keep a body that was just read."""
        if not self._half_bytes:
            return
        self._young[body.key] = body
        self._bytes += len(body.raw) + _OVERHEAD_BYTES

    def turn(self, now_ms: int) -> bool:
        """Begin a new generation if it is time; tell whether one was begun."""
        generation = now_ms // GENERATION_MS
        if generation > self._generation + 1:
            self._young = {}  # nobody read in the minute before: what is here is too old
        if self._bytes <= self._half_bytes and generation == self._generation:
            return False
        self._old, self._young, self._bytes, self._generation = self._young, {}, 0, generation
        return True
