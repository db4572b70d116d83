"""
What one fetch came to. Expected answers of X are values; whoever reads them must read them all.

    Page            X answered                                           (account)
    Limited         429: this window is spent until it resets            (account)
    Unaffordable    the budget holds no further post, or request: X was not asked (app)
    Refused         401/403: X does not let this person's token read     (account)
    Stopped         402 or a usage cap: the whole app may not read       (app)
    Unavailable     5xx, a time-out, a broken connection                 (X)
    Malformed       an answer that is not what X documents               (X)

One status has several meanings at X: a 429 may be a window or a usage cap, a 403
an account that is locked or an app that is not enrolled. `shared.x` tells them
apart; here each has its own name and scope.
"""

from dataclasses import dataclass
from typing import assert_never

from shared.domain.budget import Window
from shared.domain.timeline import Page


@dataclass(frozen=True, slots=True)
class Limited:
    """The window is spent."""

    resets_at_ms: int


@dataclass(frozen=True, slots=True)
class Unaffordable:
    """The app's budget of money, or of requests, holds nothing until then; X was not asked."""

    until_ms: int
    reason: str = "budget-spent"  # or "requests-spent"


@dataclass(frozen=True, slots=True)
class Refused:
    """
    X does not accept this person's credential, or not now.

    `certain` says that no outage of X's can be the cause.
    """

    reason: str  # "sign-in-needed" | "locked" | "suspended" | "forbidden"
    certain: bool = False


@dataclass(frozen=True, slots=True)
class Stopped:
    """X refuses the whole app: its credit is empty or its usage cap reached."""

    reason: str  # "credit-empty" | "usage-capped" | "app-forbidden" | "client-refused"


#: Why X is unavailable when no connection could be made: then the request never left.
UNSENT = "unreached"


@dataclass(frozen=True, slots=True)
class Unavailable:
    """X did not answer, or not with sense, through no fault of the account."""

    reason: str  # "status-503", "timeout", "connection", "clock", "sign-in-outage", or UNSENT

    def is_unsent(self) -> bool:
        """Tell whether the request surely never left."""
        return self.reason == UNSENT


@dataclass(frozen=True, slots=True)
class Malformed:
    """X answered with something that cannot be read."""

    reason: str


#: Every word that `word_for` says.
WORDS = (
    "page",
    "limited",
    "budget-spent",
    "requests-spent",
    "sign-in-needed",
    "locked",
    "suspended",
    "forbidden",
    "credit-empty",
    "usage-capped",
    "app-forbidden",
    "client-refused",
    "unavailable",
    "malformed",
)

Failure = Limited | Unaffordable | Refused | Stopped | Unavailable | Malformed
Outcome = Page | Failure


@dataclass(frozen=True, slots=True)
class Answer:
    """One fetch: what it came to, and the window as the headers tell it (None without headers)."""

    outcome: Outcome
    window: Window | None


def may_have_cost(failure: Failure) -> bool:
    """Tell whether X may have billed an answer that never came whole."""
    return isinstance(failure, Malformed) or (isinstance(failure, Unavailable) and not failure.is_unsent())


def word_for(outcome: Outcome) -> str:
    """Say in one word what a fetch came to; it stands in the account's state, in log lines and in metrics."""
    match outcome:
        case Page():
            return "page"
        case Limited():
            return "limited"
        case Unaffordable(_, reason) | Refused(reason) | Stopped(reason):
            return reason
        case Unavailable():
            return "unavailable"
        case Malformed():
            return "malformed"
        case _:
            assert_never(outcome)
