"""What the descriptions of routes are made of: OpenAPI's own words, written once."""

from collections.abc import Mapping
from typing import Any

from services.api.faults import TITLES
from services.api.parameters import LISTS
from shared.store.sessions import SCOPES

Json = dict[str, Any]

ID = {"type": "string", "pattern": "^[0-9]{1,19}$"}
PROBLEM = "application/problem+json"
INSTANT = {"type": "string", "format": "date-time"}
SECURITY: list[Json] = [{"bearer": []}]
GIVEN_BY = "The token that POST /v1/registrations answered."
SCHEMES: Json = {"bearer": {"type": "http", "scheme": "bearer", "description": GIVEN_BY}}
COUNT = {"type": "integer", "minimum": 0}


def header(description: str, schema: Json | None = None) -> Json:
    """Describe a header of an answer."""
    return {"description": description, "schema": schema or {"type": "string"}}


FRESHNESS = {
    "Roost-As-Of": header("When this answer was true. Left out before the first poll.", INSTANT),
    "Roost-Stale": header("Why the answer is stale, in one word. Left out while it is fresh."),
}
RATES = {
    "x-rate-limit-limit": header("Calls that this token may make in 15 minutes.", COUNT),
    "x-rate-limit-remaining": header("Calls that are left of them.", COUNT),
    "x-rate-limit-reset": header("When they begin anew, in epoch seconds.", COUNT),
}
WAITED = {
    "Preference-Applied": header("How long the answer would have waited for a poll, as `Prefer` asked.")
}
CHANGED = {
    "ETag": header("A strong tag of this answer, for If-None-Match."),
    "Link": header("The pages after (`next`) and before (`prev`) this one (RFC 8288)."),
    "Vary": header("What of a request the answer depends on."),
}
RETRY = {"Retry-After": header("Seconds to wait before asking again.", COUNT)}
CHALLENGE = {"WWW-Authenticate": header("Which token, or which scope, this takes.")}
PREFER = {
    "name": "Prefer",
    "in": "header",
    "schema": {"type": "string", "pattern": "^wait=[0-9]{1,2}$"},
    "description": "`wait=5`: answer when a poll has ended, or after so many seconds, 10 at most (RFC 7240).",
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The ETag of the answer that you have: 304 when nothing has changed.",
}
#: Headers that come with a fault, whatever the route.
_FAULT_HEADERS: dict[int, Json] = {401: CHALLENGE, 403: CHALLENGE, 429: RETRY, 503: RETRY}


def query(name: str, schema: Json, description: str) -> Json:
    """Describe a query parameter."""
    return {"name": name, "in": "query", "schema": schema, "description": description}


def tweet_range(most: int, usual: int) -> list[Json]:
    """Describe the parameters that say which part of a timeline is wanted."""
    count = {"type": "integer", "minimum": 1, "maximum": most, "default": usual}
    return [
        query("max_results", count, "Most tweets on the page."),
        query("since_id", ID, "Only tweets newer than this id."),
        query("until_id", ID, "Only tweets older than this id."),
        query("pagination_token", {"type": "string"}, "`next_token` or `previous_token` of another page."),
    ]


EXCLUDE = query(
    "exclude",
    {"type": "string", "pattern": "^(retweets|replies)(,(retweets|replies))*$"},
    "Leave these out: `retweets`, `replies`, or both with a comma between. Pages are filled all the same.",
)
#: What our own form takes besides.
TIMELINE_WISHES = [
    query("order", {"enum": ["newest", "oldest"], "default": "newest"}, "Which end comes first."),
    EXCLUDE,
    query(
        "author",
        {"type": "string", "pattern": "^(@[A-Za-z0-9_]{1,15}|[0-9]{1,19})$"},
        "Only tweets of this account: its id, or its handle with `@` before it.",
    ),
    query("has", {"enum": ["media"]}, "Only tweets with media."),
]


def field_lists(lists: Mapping[str, frozenset[str]] = LISTS) -> list[Json]:
    """Describe X's lists of fields and expansions."""
    return [
        query(name, {"type": "string", "example": sorted(values)[0]}, f"Any of {', '.join(sorted(values))}.")
        for name, values in lists.items()
    ]


def answers(ok: Json, faults: dict[int, str], media_type: str) -> Json:
    """Describe all answers of a route: its successes, and its faults by their status."""
    schema = PROBLEM_SCHEMA if media_type == PROBLEM else X_ERROR
    return ok | {
        str(status): {
            "description": description,
            "headers": {**_FAULT_HEADERS.get(status, {}), **({} if media_type == PROBLEM else RATES)},
            "content": {media_type: {"schema": schema, "example": _fault_example(status, media_type)}},
        }
        for status, description in faults.items()
    }


def success(
    description: str, schema: Json, example: object, *, headers: Json | None = None, status: int = 200
) -> Json:
    """Describe a success that is JSON, by its schema and an example."""
    content = {"application/json": {"schema": schema, "example": example}}
    return {str(status): {"description": description, "headers": headers or {}, "content": content}}


def _fault_example(status: int, media_type: str) -> Json:
    title = TITLES[status]
    if media_type == PROBLEM:
        return {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": "What is wrong.",
        }
    if status == 400:
        return X_INVALID
    return {"title": title, "type": "about:blank", "status": status, "detail": "What is wrong."}


X_INVALID: Json = {
    "errors": [
        {"parameters": {"max_results": ["0"]}, "message": "`max_results` is a number from 1 to 100; not `0`."}
    ],
    "title": "Invalid Request",
    "detail": "One or more parameters to your request was invalid.",
    "type": "https://api.x.com/2/problems/invalid-request",
}
PROBLEM_SCHEMA: Json = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("parameter", "value", "detail")},
            },
        },
    },
}
V1_ERROR: Json = {
    "type": "object",
    "required": ["errors"],
    "properties": {
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
            },
        }
    },
}
X_ERROR: Json = {
    "type": "object",
    "required": ["title", "type", "detail"],
    "properties": {
        "title": {"type": "string"},
        "type": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
LIMITED = {
    429: "Too many tokens from this address did not hold; see Retry-After.",
    503: "The store does not answer.",
}
AUTH_FAULTS = {
    401: "No token, or one that is not good.",
    403: "The token has not the scope that this takes; or another site's page sent the cookie.",
    **LIMITED,
    429: "This token has asked too often, or too many from this address did not hold; see Retry-After.",
}
BAD = {400: "A parameter or header cannot be taken; the answer names it."}
X_PAGE: Json = {
    "type": "object",
    "required": ["meta"],
    "properties": {
        "data": {"type": "array", "items": {"type": "object"}},
        "includes": {"type": "object"},
        "errors": {"type": "array", "items": {"type": "object"}},
        "meta": {
            "type": "object",
            "required": ["result_count"],
            "properties": {
                "newest_id": ID,
                "oldest_id": ID,
                "result_count": {"type": "integer"},
                "next_token": {"type": "string"},
                "previous_token": {"type": "string"},
            },
        },
    },
}
GAP: Json = {
    "type": "object",
    "required": ["older_id", "newer_id", "reason"],
    "properties": {
        "older_id": ID,
        "newer_id": ID,
        "reason": {
            "enum": ["filling", "when-read", "unfillable"],
            "description": "Polls fill it; or it is read from X when somebody comes to it, as this request "
            "did; or X no longer gives it.",
        },
    },
}
OWN_PAGE: Json = {
    **X_PAGE,
    "required": ["meta", "gaps"],
    "properties": {**X_PAGE["properties"], "gaps": {"type": "array", "items": GAP}},
}

_WORD = {"type": ["string", "null"]}
ACCOUNT: Json = {
    "type": "object",
    "required": ["id", "username", "standing", "as_of", "stale", "mode", "tweets", "gaps", "window", "spent"],
    "properties": {
        "id": ID,
        "username": {"type": "string"},
        "name": {"type": "string"},
        "standing": {"enum": ["active", "paused"]},
        "parked": {**_WORD, "description": "Why X refuses the account, in one word."},
        "registered_at": INSTANT,
        "as_of": {**INSTANT, "type": ["string", "null"]},
        "stale": {**_WORD, "description": "Why it is not fresh, in one word."},
        "mode": {"enum": ["archive", "fresh", "lazy"]},
        "asleep": {"type": "boolean"},
        "last_outcome": _WORD,
        "failures": COUNT,
        "tweets": COUNT,
        "gaps": COUNT,
        "window": {"type": ["object", "null"], "description": "X's window, as X last told it."},
        "spent": {
            "type": "object",
            "properties": {"posts_today": COUNT, "dollars_today": {"type": "number"}},
        },
    },
}
KEY: Json = {
    "type": "object",
    "required": ["id", "name", "scopes", "made_at"],
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "scopes": {"type": "array", "items": {"enum": sorted(SCOPES)}},
        "made_at": INSTANT,
        "used_at": {**INSTANT, "type": ["string", "null"], "description": "Exact to a minute."},
    },
}


def own_part(ok: Json, more: dict[int, str] | None = None) -> Json:
    """Describe the answers of a route of our own side that takes a token."""
    faults = {**BAD, **AUTH_FAULTS, **(more or {})}
    return {"responses": answers(ok, faults, PROBLEM), "security": SECURITY}
