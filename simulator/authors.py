"""
Who writes: authors with heavy-tailed rates, each made of the seed and a number.

A few authors write every few minutes, most a few times a week. `rate_per_minute`
makes an even author for tests that need a busy world.
"""

import random
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from simulator.ids import iso, snowflake
from simulator.words import sentence

#: Pareto with this exponent: the busiest hundredth writes about a third of all tweets.
_TAIL = 1.3
_SLOWEST_PER_HOUR = 0.15
_FASTEST_PER_HOUR = 30.0
_JOINED_MS = 1_400_000_000_000


@dataclass(frozen=True)
class Author:
    """One who writes. `number` names them within the world of `seed`."""

    seed: int
    number: int
    even_rate_per_hour: float | None = None

    @cached_property
    def id(self) -> str:
        """Name the author's X id."""
        return str(snowflake(_JOINED_MS + self.number * 86_400_017, self.number + (self.seed << 10)))

    @cached_property
    def rate_per_hour(self) -> float:
        """Tell how many tweets an hour this author writes, on average."""
        if self.even_rate_per_hour is not None:
            return self.even_rate_per_hour
        chance = random.Random(f"rate:{self.seed}:{self.number}")  # noqa: S311 (repeatable, not secret)
        return min(_FASTEST_PER_HOUR, _SLOWEST_PER_HOUR * chance.paretovariate(_TAIL))

    @cached_property
    def user(self) -> dict[str, Any]:
        """Make the user object, with all fields."""
        chance = random.Random(f"user:{self.seed}:{self.number}")  # noqa: S311 (repeatable, not secret)
        first, last = sentence(chance, 1).strip(".").title(), sentence(chance, 1).strip(".").title()
        username = f"{first}{last}{self.number}"[:15]
        return {
            "id": self.id,
            "name": f"{first} {last}",
            "username": username,
            "created_at": iso(_JOINED_MS + self.number * 86_400_017),
            "description": sentence(chance, chance.randint(4, 18)),
            "entities": {"url": {"urls": [_link(0, username)]}},
            "location": sentence(chance, 2).strip("."),
            "profile_image_url": f"https://pbs.twimg.com/profile_images/{self.id}/face_normal.jpg",
            "protected": False,
            "public_metrics": {
                "followers_count": int(chance.paretovariate(0.8) * 50),
                "following_count": chance.randint(5, 3000),
                "tweet_count": chance.randint(100, 90_000),
                "listed_count": chance.randint(0, 400),
                "like_count": chance.randint(0, 50_000),
                "media_count": chance.randint(0, 5_000),
            },
            "url": "https://t.co/" + format(chance.getrandbits(50), "x")[:10].rjust(10, "0"),
            "verified": chance.random() < 0.2,
            "verified_type": chance.choice(["none", "none", "none", "blue", "business"]),
        }


def _link(start: int, path: str) -> dict[str, Any]:
    return {
        "start": start,
        "end": start + 23,
        "url": "https://t.co/" + path[:10].ljust(10, "x"),
        "expanded_url": f"https://example.org/{path}",
        "display_url": f"example.org/{path}",
    }
