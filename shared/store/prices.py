"""
The price of a request and the app's bucket of requests, one for all schedulers and fetchers.

    adjust  once a minute, by whichever scheduler is first
    take    a block of requests at a time, by fetchers

A block is spent when it is taken; what is left of it is given back with the next. So a
fetcher that dies has wasted a few requests and nobody ever makes one too many. Besides
the bucket the requests of each UTC day are counted, and none is granted beyond the limit.

One limit is admitted: a call whose connection breaks after Redis carried it out is made
twice, and may give the same few requests back twice.

Keys: {app}:price
"""

from dataclasses import dataclass

from shared.domain.price import Allowance, Price, adjust, first, take_over
from shared.store import keys, scripts, wire
from shared.store.connection import Connection

#: The price is adjusted so often.
EVERY_MS = 60_000
_DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Taken:
    """How many requests were granted, and the price; None while nobody has made one."""

    granted: int
    price: float | None


class Prices:
    """The app's price and its bucket."""

    def __init__(self, redis: Connection) -> None:
        self._redis = redis
        self._adjust = scripts.register(redis, "adjust")
        self._take = scripts.register(redis, "take")

    async def adjust(self, allowance: Allowance, *, now_ms: int) -> Price | None:
        """Adjust the price, or make the first; None when it was adjusted less than a minute ago."""
        before, spent = await self._read()
        if before is None:
            after, told = first(allowance, now_ms), ""
        else:
            if now_ms - before.adjusted_at_ms < EVERY_MS:
                return None
            after, told = take_over(adjust(before, spent, now_ms), allowance), str(before.adjusted_at_ms)
        fields = [word for field in write(after, allowance).items() for word in field]
        written = await self._adjust(keys=[keys.APP_PRICE], args=[told, spent, *fields])
        return after if written else None

    async def take(self, wanted: int, given_back: int, *, for_reader: bool, now_ms: int) -> Taken:
        """
        Take up to so many requests out of the bucket, and give back some taken earlier the same UTC day.

        Shape: 0 where the bucket or the day holds none, or only what polls leave to those who read.
        """
        args = [wanted, given_back, int(for_reader), now_ms // _DAY_MS]
        granted, price = await self._take(keys=[keys.APP_PRICE], args=args)
        return Taken(granted, float(price) if price else None)

    async def now(self) -> Price | None:
        """Tell the price as it was last adjusted; None while nobody has made one."""
        return (await self._read())[0]

    async def left(self, *, now_ms: int) -> int | None:
        """Tell how many requests may be made now, those kept for readers among them; None without a limit."""
        names = ("tokens", "spent", "daily", "day_spent", "day")
        (kept,) = await self._redis.ask_all([("HMGET", keys.APP_PRICE, *names)])
        tokens, spent, daily, day_spent, day = (float(each or 0) for each in kept)
        if not daily:
            return None
        today = day_spent if day >= now_ms // _DAY_MS else 0
        return max(0, int(min(tokens - spent, daily - today)))

    async def _read(self) -> tuple[Price | None, int]:
        """Read the price, and how many requests were taken since it was adjusted."""
        kept = {
            wire.read_text(name): text for name, text in (await self._redis.hgetall(keys.APP_PRICE)).items()
        }
        if "value" not in kept:
            return None, 0
        value, rate, tokens, spending, debt, filling = (
            float(kept[name]) for name in ("value", "rate", "tokens", "spending", "debt", "filling")
        )
        price = Price(value, rate, tokens, spending, debt, int(kept["adjusted_at_ms"]), filling)
        return price, int(kept.get("spent", 0))


def write(price: Price, allowance: Allowance) -> dict[str, str | int]:
    """Write a price as the fields of its hash."""
    return {
        "value": repr(price.value),
        "rate": repr(price.rate),
        "spending": repr(price.spending),
        "debt": repr(price.debt),
        "tokens": repr(price.tokens),
        "filling": repr(price.filled()),
        "reserve": repr(price.reserve()),
        "adjusted_at_ms": price.adjusted_at_ms,
        "daily": allowance.daily,
        "accounts": allowance.accounts,
    }
