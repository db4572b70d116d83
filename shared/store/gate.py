"""
How many accounts may be claimed now, by all schedulers together.

No herd: after a restart or an outage everybody is due at once. Claims come out of a
bucket that is filled half faster than requests are usually made, and holds one second of
them; so a backlog melts, and no second sees three times what is usual. What is usual is
the price's average of spending, which a pause does not change (`domain/price.py`). An
account that somebody reads now is not counted: `claim.lua` lets it through.

While X is out (`breaker.py`) nobody is claimed but one account, the canary, after 5 s,
and another after each wait, which doubles up to a minute.

What is permitted is taken out at once, and what was not made use of is given back with
the next question: a tick asks once. A scheduler that dies in between has taken a moment's
claims with it.

Keys: {app}:stopped, {app}:price, {app}:claims, {app}:breaker, {app}:accepted
"""

import random
from dataclasses import dataclass

from shared.store import keys, scripts, wire
from shared.store.commands import Word
from shared.store.connection import Connection


@dataclass(frozen=True, slots=True)
class Permit:
    """How many accounts may be claimed; `stopped` says why X refuses the whole app, if it does."""

    claims: int
    stopped: str | None = None
    is_out: bool = False


class Gate:
    """What one scheduler may claim; the bucket holds the claims of `burst_ms`."""

    def __init__(self, redis: Connection, *, burst_ms: int = 1000) -> None:
        self._burst_ms = burst_ms
        self._permit = scripts.register(redis, "permit")
        self._unused, self._canary = 0, False

    async def ask(self, *, now_ms: int) -> Permit:
        """
        Ask how many accounts may be claimed now, in one round trip; `use` tells how many were.

        Errors: RedisError; what was permitted is lost for this moment.
        """
        unused, canary = self._unused, self._canary
        self._unused, self._canary = 0, False
        app = [keys.APP_STOPPED, keys.APP_PRICE, keys.APP_CLAIMS, keys.APP_BREAKER, keys.APP_ACCEPTED]
        spread = f"{random.random():.6f}"  # noqa: S311 (spreads deployments, hides nothing)
        args: list[Word] = [now_ms, unused, int(canary), self._burst_ms, spread]
        claims, is_out, stopped = await self._permit(app, args)
        if is_out:
            self._canary = claims > 0
        else:
            self._unused = claims
        return Permit(claims, wire.read_text(stopped) or None, bool(is_out))

    def use(self, claims: int) -> None:
        """Tell how many accounts were claimed of those permitted."""
        self._unused = max(0, self._unused - claims)
        self._canary = self._canary and not claims
