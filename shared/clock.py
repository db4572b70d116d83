"""
The one place that reads the time and waits.

Everything else is handed a `Clock` or takes `now_ms`. A clock with another
speed is real time played faster from a fixed origin: every process given the
same origin and speed reads the same time, so a whole deployment can live ten
minutes in one without its code knowing.
"""

import asyncio
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """
    Tell the time and wait.

    Units: `speed` is clock milliseconds per real millisecond; `origin_at_ms` is
           the instant, in epoch milliseconds, at which clock and real time agree.
    """

    speed: float = 1.0
    origin_at_ms: int = 0

    def now_ms(self) -> int:
        """Tell the instant in epoch milliseconds."""
        real_ms = time.time_ns() / 1e6
        return int(self.origin_at_ms + (real_ms - self.origin_at_ms) * self.speed)

    async def sleep_ms(self, duration_ms: float) -> None:
        """Wait for that many milliseconds of this clock."""
        await asyncio.sleep(max(0.0, duration_ms) / 1000 / self.speed)
