"""Who may still ask: the app's budget as each design keeps it. Roost's own is `shared.domain.price`."""

from dataclasses import dataclass, field

from bench.freshness.people import BEGINS_AT_MS, DAY_MS
from shared.domain.price import Price, adjust, may_poll, may_read

_BUCKET_S = 3 * 3600


@dataclass(slots=True)
class Purse:
    """What a run has spent, by day; this one is never empty."""

    days: dict[int, int] = field(default_factory=dict)

    def may_poll(self) -> bool:
        """Tell whether a poll may be made."""
        return True

    def may_read(self) -> bool:
        """Tell whether a read may be answered by a request."""
        return True

    def spend(self, now_ms: int) -> None:
        """Count one request."""
        day = (now_ms - BEGINS_AT_MS) // DAY_MS
        self.days[day] = self.days.get(day, 0) + 1

    def tick(self, now_ms: int) -> None:
        """Do what is done once a minute."""

    def overdrawn(self) -> int:
        """Count the requests beyond what the budget could have allowed at any time."""
        return 0


@dataclass(slots=True)
class DailyCap(Purse):
    """The 2016 design's: so many requests a day, and nothing after them."""

    cap: int = 0
    today: int = 0
    day: int = 0

    def may_poll(self) -> bool:
        """Tell whether the day has a request left."""
        return self.today < self.cap

    def may_read(self) -> bool:
        """Tell whether the day has a request left."""
        return self.today < self.cap

    def spend(self, now_ms: int) -> None:
        """Count one request in its day."""
        Purse.spend(self, now_ms)
        self.today += 1

    def tick(self, now_ms: int) -> None:
        """Begin a new day when it has come."""
        day = (now_ms - BEGINS_AT_MS) // DAY_MS
        if day > self.day:
            self.day, self.today = day, 0

    def overdrawn(self) -> int:
        """Count the requests beyond the cap, of all days."""
        return sum(max(0, spent - self.cap) for spent in self.days.values())


@dataclass(slots=True)
class Priced(Purse):
    """Roost's: a bucket, and a price that is steered once a minute, as is the one knob of its rivals."""

    price: Price = field(kw_only=True)
    spent: int = 0
    total: int = 0
    beyond: float = 0.0

    def may_poll(self) -> bool:
        """Tell whether the bucket has a request that is not kept for reads."""
        return may_poll(self.price, self.spent)

    def may_read(self) -> bool:
        """Tell whether the bucket has a request."""
        return may_read(self.price, self.spent)

    def spend(self, now_ms: int) -> None:
        """Count one request."""
        Purse.spend(self, now_ms)
        self.spent += 1

    def tick(self, now_ms: int) -> None:
        """Steer the price by what was spent."""
        self.total += self.spent
        allowed = self.price.rate * ((now_ms - BEGINS_AT_MS) / 1000 + _BUCKET_S)
        self.beyond = max(self.beyond, self.total - allowed)
        self.price = adjust(self.price, self.spent, now_ms)
        self.spent = 0

    def overdrawn(self) -> int:
        """Count the requests beyond the budget's rate and one bucket, where they were most."""
        return round(self.beyond)
