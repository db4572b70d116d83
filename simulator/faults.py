"""
What goes wrong on purpose: statuses, slow answers, cut connections, broken bodies.

    {"status": 503}                                  the body that X usually sends with it
    {"status": 429, "body": "usage-capped"}          a body by its name in `problems`
    {"latency_ms": 15000, "times": 3}                three slow answers, right otherwise
    {"drop": true, "user": "12", "share": 0.1}       a tenth of one person's connections closed
    {"truncate": true, "endpoint": "home"}           half a body under the whole one's length
    {"drop": true, "endpoint": "token", "times": 1}  a refresh that is done, and whose answer is lost

A fault without `times` lasts until the faults are cleared. Chance is seeded. Of
several faults that concern a request, it meets the oldest.
"""

import random
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from simulator import problems

Endpoint = Literal[
    "home", "me", "lookup", "token", "revoke", "request_token", "access_token", "invalidate_token"
]


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """One thing that goes wrong, for whom and how often."""

    user: str | int | None = None
    endpoint: Endpoint | None = None
    status: Annotated[int, Meta(ge=400, le=599)] | None = None
    body: str | dict[str, Any] | None = None
    latency_ms: Annotated[int, Meta(ge=0)] = 0
    drop: bool = False
    truncate: bool = False
    share: Annotated[float, Meta(ge=0, le=1)] = 1.0
    times: Annotated[int, Meta(ge=1)] | None = None

    def __post_init__(self) -> None:
        """Errors: ValueError for a fault that would do nothing, or a body that nobody knows."""
        if self.status is None and not (self.latency_ms or self.drop or self.truncate):
            raise ValueError("a fault is one or more of status, latency_ms, drop and truncate")
        if isinstance(self.body, str) and self.body not in problems.BY_NAME:
            raise ValueError(f"body: one of {', '.join(sorted(problems.BY_NAME))}, or an object")

    def concerns(self, person_id: str, endpoint: str) -> bool:
        """Tell whether it is about this request."""
        is_theirs = self.user is None or str(self.user) == person_id
        return self.times != 0 and is_theirs and self.endpoint in {None, endpoint}

    def problem(self) -> dict[str, Any]:
        """Make the body that goes with the status."""
        if isinstance(self.body, dict):
            return self.body
        if isinstance(self.body, str):
            return problems.BY_NAME[self.body]
        return problems.of_status(self.status or 500)


@dataclass(slots=True)
class Faults:
    """All faults under way, the oldest first."""

    _faults: list[Fault] = field(default_factory=list)
    _chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 (repeatable, not secret)

    def add(self, fault: Fault) -> None:
        """Let something go wrong from now on."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Let everything go right again."""
        self._faults.clear()

    def meet(self, person_id: str, endpoint: str) -> Fault | None:
        """Say what goes wrong with this request; None when nothing does."""
        for fault in self._faults:
            if fault.concerns(person_id, endpoint) and self._chance.random() < fault.share:
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None
