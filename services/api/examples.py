"""
What answers look like: an example of each, for whoever reads the reference.

None has a member that is null: FastAPI would leave it out of what it describes.
"""

from typing import Any

Json = dict[str, Any]

_ID, _OLDER = "2124700899293056973", "2124700641532190720"
_AT = "2026-11-23T08:00:01.000Z"
_TWEET = {
    "id": _ID,
    "text": "Well wish true other park",
    "author_id": "12",
    "created_at": _AT,
    "edit_history_tweet_ids": [_ID],
}
_USER = {"id": "12", "name": "jack", "username": "jack"}
_META = {"result_count": 1, "newest_id": _ID, "oldest_id": _ID, "next_token": "bzIxMjQ3MDA4OTkyOTMwNTY5NzM"}

X_PAGE: Json = {"data": [_TWEET], "includes": {"users": [_USER]}, "meta": _META}
OWN_PAGE: Json = {**X_PAGE, "gaps": [{"older_id": _OLDER, "newer_id": _ID, "reason": "filling"}]}
ME: Json = {"data": _USER}
ACCOUNT: Json = {
    "id": "12",
    "username": "jack",
    "name": "jack",
    "standing": "active",
    "registered_at": _AT,
    "as_of": _AT,
    "stale": "limited",
    "mode": "fresh",
    "asleep": False,
    "last_outcome": "page",
    "failures": 0,
    "tweets": 800,
    "gaps": 0,
    "window": {"limit": 180, "left": 179, "resets_at": _AT},
    "spent": {"posts_today": 120, "dollars_today": 0.6},
}
REGISTERED: Json = {
    "account": {name: ACCOUNT[name] for name in ("id", "username", "name", "standing", "registered_at")},
    "token": "roost_12_…",
    "expires_at": _AT,
}
RECEIPT: Json = {
    "account": {"id": "12", "username": "jack"},
    "forgotten_at": _AT,
    "tweets": 800,
    "revoked_at_x": True,
    "note": "Nothing is kept any more.",
}
KEY: Json = {
    "id": "5f2d7a0c9be41836",
    "name": "shelf display",
    "scopes": ["timeline:read"],
    "made_at": _AT,
    "used_at": _AT,
}
NEW_KEY: Json = {**KEY, "token": "roost_12_…"}
KEYS: Json = {"keys": [KEY]}
LINK: Json = {"id": "9be418365f2d7a0c", "name": "my reader", "made_at": _AT, "used_at": _AT}
NEW_LINK: Json = {
    **LINK,
    "atom": "https://roost.example.org/v1/timeline/feed.atom?link=roost_12_…",
    "json": "https://roost.example.org/v1/timeline/feed.json?link=roost_12_…",
}
LINKS: Json = {"feeds": [LINK]}
READY: Json = {"ready": True, "dependencies": {"redis": "ok"}}
V1_USER: Json = {"id": 12, "id_str": "12", "name": "jack", "screen_name": "jack"}
STATUSES: list[Json] = [
    {
        "created_at": "Mon Nov 23 08:00:01 +0000 2026",
        "id": int(_ID),
        "id_str": _ID,
        "text": "Well wish true other park",
        "user": V1_USER,
    }
]
LIMITS: Json = {
    "rate_limit_context": {"access_token": "12-5f2d7a0c9be41836"},
    "resources": {
        "statuses": {"/statuses/home_timeline": {"limit": 9000, "remaining": 8999, "reset": 1795420800}}
    },
}
