"""How far one poll goes, and how soon the next is due."""

from dataclasses import dataclass

from shared.domain.mode import Mode
from shared.domain.money import Budget

DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Rules:
    """
    What an operator has chosen.

    Shape: `mode` is that of accounts that have chosen none; `check_days` counts the days before today whose
           tweets are looked up for having been deleted.
    """

    lease_ms: int
    cadence_ms: int
    pages: int
    page_size: int
    backfill_tweets: int
    budget: Budget
    mode: Mode = Mode.FRESH
    dormant_ms: int = 7 * DAY_MS
    catch_up_tweets: int = 400
    check_days: int = 1
