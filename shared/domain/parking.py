"""
When to stop asking for an account that X refuses: revoked is not an outage.

A 401 may mean that one person took our access back, or that X's own sign-in is
down and refuses everybody. So one refusal is a strike and the next poll a probe.
Two, on different occasions, park the account, if X accepted somebody else in
between (the canary). While many accounts are refused at once it is X that fails,
and nobody is at fault. What cannot be an outage parks at once: X says that the
account is locked or suspended, or we hold nothing that could be asked with.

A parked account is asked about seldom, for ever: it comes back by itself.
"""

from dataclasses import dataclass, replace

from shared.domain.outcome import Failure, Refused, Unavailable

#: Two refusals count as two when they are at least so far apart.
APART_MS = 60_000
#: Refusals and acceptances within so long are weighed against each other.
LATELY_MS = 10 * 60_000
#: Fewer refused accounts than this are not called many.
MANY = 5
#: Of accounts heard of lately, more refused than this share is an outage: one in five.
REFUSED_TO_ACCEPTED = 4


@dataclass(frozen=True, slots=True)
class Record:
    """
    What stands against an account since its last page.

    `strikes` counts refusals, the first of them at `struck_at_ms`; `parked` says why it is parked, in one
    word, and is empty while it is not.
    """

    strikes: int = 0
    struck_at_ms: int = 0
    parked: str = ""


#: What a page leaves of it.
CLEAN = Record()


@dataclass(frozen=True, slots=True)
class Climate:
    """How X treats everybody: accounts refused and accepted lately, and when another was last accepted."""

    refused: int
    accepted: int
    other_accepted_at_ms: int

    def is_outage(self) -> bool:
        """Tell whether so many are refused that it must be X's fault."""
        return self.refused >= MANY and self.refused * REFUSED_TO_ACCEPTED > self.accepted


@dataclass(frozen=True, slots=True)
class Judged:
    """What a failure is taken for, and what stands against the account with it."""

    outcome: Failure
    record: Record


def judge(refused: Refused, record: Record, climate: Climate, *, now_ms: int) -> Judged:
    """Say what it means that X refused an account."""
    if refused.certain or record.parked:
        return Judged(refused, replace(record, parked=refused.reason))
    if climate.is_outage():
        return Judged(Unavailable("sign-in-outage"), record)
    if record.strikes == 0:
        return Judged(refused, Record(1, now_ms))
    if now_ms - record.struck_at_ms < APART_MS:
        return Judged(refused, record)
    struck = replace(record, strikes=record.strikes + 1)
    is_healthy = climate.other_accepted_at_ms >= record.struck_at_ms
    if is_healthy and refused.reason == "sign-in-needed":
        return Judged(refused, replace(struck, parked=refused.reason))
    return Judged(refused, struck)
