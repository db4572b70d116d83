"""
Who signs in: people with their tokens, and whom they follow.

The people of the seed have ids, names and tokens that follow from it, so that they
are known in advance and after a restart; others are added while it runs.
"""

import random
import secrets
from dataclasses import dataclass, field
from typing import Any

from simulator.authors import Author
from simulator.ids import iso, snowflake
from simulator.timeline import Timeline

SCOPE = "tweet.read users.read offline.access"
_JOINED_MS = 1_500_000_000_000


@dataclass(slots=True)
class Person:
    """One who has a home timeline, and the tokens that our app has for them from the start."""

    id: str
    username: str
    name: str
    follows: tuple[Author, ...]
    access_token: str
    refresh_token: str
    expires_at_ms: int
    token: str
    token_secret: str
    deletes: bool = True
    timeline: Timeline = field(default_factory=Timeline)
    drawn_to: int | None = None  # the bucket up to which, exclusively, the timeline has been drawn

    def user(self) -> dict[str, Any]:
        """Make the user object that `users/me` answers."""
        return {
            "id": self.id,
            "name": self.name,
            "username": self.username,
            "created_at": iso(_JOINED_MS),
            "description": f"I am {self.name}, and made up.",
            "profile_image_url": f"https://pbs.twimg.com/profile_images/{self.id}/face_normal.jpg",
            "protected": False,
            "public_metrics": {
                "followers_count": 0,
                "following_count": len(self.follows),
                "tweet_count": 0,
                "listed_count": 0,
                "like_count": 0,
                "media_count": 0,
            },
            "verified": False,
            "verified_type": "none",
        }

    def tokens(self, now_ms: int) -> dict[str, Any]:
        """Tell id, name and tokens as the control surface does."""
        return {
            "id": self.id,
            "username": self.username,
            "oauth2": {
                "access_token": self.access_token,
                "refresh_token": self.refresh_token,
                "expires_in": max(0, (self.expires_at_ms - now_ms) // 1000),
                "scope": SCOPE,
            },
            "oauth1": {"token": self.token, "token_secret": self.token_secret},
        }


def seeded(seed: int, number: int, follows: tuple[Author, ...], expires_at_ms: int) -> Person:
    """Make the `number`th person of the seed."""
    chance = random.Random(f"person:{seed}:{number}")  # noqa: S311 (made-up people, the same at every start)
    person_id = str(snowflake(_JOINED_MS + number * 1000, number))
    return Person(
        id=person_id,
        username=f"person{number}",
        name=f"Person {number}",
        follows=follows,
        access_token=f"at-{chance.getrandbits(160):040x}",
        refresh_token=f"rt-{chance.getrandbits(160):040x}",
        expires_at_ms=expires_at_ms,
        token=f"{person_id}-{chance.getrandbits(120):030x}",
        token_secret=f"{chance.getrandbits(180):045x}",
    )


def added(
    person_id: str, username: str, name: str, follows: tuple[Author, ...], expires_at_ms: int
) -> Person:
    """Make somebody new, with tokens of chance."""
    return Person(
        id=person_id,
        username=username,
        name=name,
        follows=follows,
        access_token=f"at-{secrets.token_hex(20)}",
        refresh_token=f"rt-{secrets.token_hex(20)}",
        expires_at_ms=expires_at_ms,
        token=f"{person_id}-{secrets.token_hex(15)}",
        token_secret=secrets.token_hex(22),
    )
