"""
People as X's API v1.1 has them.

What v2 does not tell (colours of profiles, what the viewer follows) has the value that X gave where
there was none, so that no client misses a member.
"""

from datetime import UTC, datetime

from services.api.things import Link, User
from shared.domain.tweet import written_at_ms

Json = dict[str, object]

#: Members that v2 has no word for, as X gave them for a plain account.
_UNTOLD: Json = {
    "utc_offset": None, "time_zone": None, "geo_enabled": False, "lang": None, "contributors_enabled": False,
    "is_translator": False, "is_translation_enabled": False, "profile_background_color": "000000",
    "profile_background_image_url": None, "profile_background_image_url_https": None,
    "profile_background_tile": False, "profile_link_color": "1DA1F2",
    "profile_sidebar_border_color": "000000", "profile_sidebar_fill_color": "000000",
    "profile_text_color": "000000", "profile_use_background_image": False, "has_extended_profile": False,
    "default_profile": True, "default_profile_image": False, "following": True,
    "follow_request_sent": False, "notifications": False, "translator_type": "none",
}  # fmt: skip
_COUNTS = {
    "followers_count": "followers_count",
    "friends_count": "following_count",
    "listed_count": "listed_count",
    "favourites_count": "like_count",
    "statuses_count": "tweet_count",
}


def write_user(user: User, *, trimmed: bool = False) -> Json:
    """Write somebody; `trimmed` to the id."""
    named: Json = {"id": int(user.id or 0), "id_str": user.id}
    if trimmed:
        return named
    picture = user.profile_image_url
    return {
        **named,
        "name": user.name,
        "screen_name": user.username,
        "location": user.location,
        "description": user.description,
        "url": user.url or None,
        "entities": {
            "url": {"urls": [write_link(each) for each in user.entities.url.urls]},
            "description": {"urls": [write_link(each) for each in user.entities.description.urls]},
        },
        "protected": user.protected,
        **{name: user.public_metrics.get(metric, 0) for name, metric in _COUNTS.items()},
        "created_at": write_time(user.created_at, int(user.id or 0)),
        "verified": user.verified,
        "profile_image_url": picture.replace("https://", "http://", 1),
        "profile_image_url_https": picture,
        **_UNTOLD,
    }


def write_link(link: Link) -> Json:
    """Write a web address in a text."""
    return {
        "url": link.url,
        "expanded_url": link.expanded_url,
        "display_url": link.display_url,
        "indices": [link.start, link.end],
    }


def write_time(at: str, of_id: int = 0) -> str:
    """Write an instant of v2, or else that of an id, like `Wed Oct 10 20:19:24 +0000 2018`."""
    instant = datetime.fromisoformat(at) if at else datetime.fromtimestamp(written_at_ms(of_id) / 1000, UTC)
    return instant.astimezone(UTC).strftime("%a %b %d %H:%M:%S +0000 %Y")
