"""What the descriptions of routes are made of: OpenAPI's own words, written once."""

from typing import Any

from services.api.parameters import LISTS
from shared.store.sessions import SCOPES

Json = dict[str, Any]

ID = {"type": "string", "pattern": "^[0-9]{1,19}$"}
PROBLEM = "application/problem+json"
INSTANT = {"type": "string", "format": "date-time"}
SECURITY: list[Json] = [{"bearer": []}]
GIVEN_BY = "The token that POST /v1/registrations answered."
SCHEMES: Json = {"bearer": {"type": "http", "scheme": "bearer", "description": GIVEN_BY}}
HEADERS = {
    "Roost-As-Of": {
        "description": "The instant at which this answer was true. Left out before the first poll.",
        "schema": INSTANT,
    },
    "Roost-Stale": {
        "description": "Why the answer is stale, in one word. Left out while it is fresh.",
        "schema": {"type": "string"},
    },
}


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


def field_lists() -> list[Json]:
    """Describe X's lists of fields and expansions."""
    return [
        query(name, {"type": "string"}, f"Checked, not selecting yet. Takes {', '.join(sorted(values))}.")
        for name, values in LISTS.items()
    ]


def answers(ok: Json, faults: dict[int, str], media_type: str) -> Json:
    """Describe all answers of a route: its successes, and its faults by their status."""
    content = {media_type: {"schema": {"type": "object"}}}
    return ok | {
        str(status): {"description": description, "content": content}
        for status, description in faults.items()
    }


def success(description: str, schema: Json, *, fresh: bool = False, status: int = 200) -> Json:
    """Describe a success that is JSON; `fresh` says that it tells as of when it is true."""
    answer: Json = {"description": description, "content": {"application/json": {"schema": schema}}}
    if fresh:
        answer["headers"] = HEADERS
    return {str(status): answer}


LIMITED = {
    429: "Too many tokens from this address did not hold; see Retry-After.",
    503: "The store does not answer.",
}
AUTH_FAULTS = {
    401: "No token, or one that is not good.",
    403: "The token has not the scope that this takes; or another site's page sent the cookie.",
    **LIMITED,
}
BAD = {400: "A parameter cannot be taken; the answer names it."}
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
