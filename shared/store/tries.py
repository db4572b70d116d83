"""
How often somebody has lately spoken with a token that does not hold.

Counted for the address that tried and for the account that the token named, each in
a fixed window. The names of the keys spell out neither.

Keys: tries
"""

import hashlib
from dataclasses import dataclass

from shared.domain.account import AccountId
from shared.store import keys, scripts
from shared.store.connection import Connection

WINDOW_MS = 60_000


@dataclass(frozen=True, slots=True)
class Tally:
    """Failures in a window, this one among them; the window ends in `left_ms`."""

    failures: int
    left_ms: int


class Tries:
    """The failed tries of the last minute."""

    def __init__(self, redis: Connection) -> None:
        self._tried = scripts.register(redis, "tried")

    async def count(self, address: str, account_id: AccountId | None) -> tuple[Tally, Tally]:
        """Count a failure, in one round trip; tells the tallies of address and account."""
        names = [keys.tries_from(hashlib.sha256(address.encode()).hexdigest())]
        if account_id is not None:
            names.append(keys.tries_for(account_id))
        counted = [
            Tally(*each) for each in await self._tried.call_all([([name], [WINDOW_MS]) for name in names])
        ]
        return counted[0], counted[1] if account_id is not None else Tally(0, 0)
