"""
The routes as OpenAPI describes them: parameters, bodies, and every answer there is.

The handlers read the request themselves, for the reads are hot; so what they take
is written down here, once, beside nothing that runs.
"""

from typing import Any

import msgspec

from services.api.apikeys import NewKey
from services.api.parameters import LISTS
from services.api.registrations import Registration
from shared.store.sessions import SCOPES

Json = dict[str, Any]

_ID = {"type": "string", "pattern": "^[0-9]{1,19}$"}
_PROBLEM = "application/problem+json"
_INSTANT = {"type": "string", "format": "date-time"}
_SECURITY: list[Json] = [{"bearer": []}]
_GIVEN_BY = "The token that POST /v1/registrations answered."
SCHEMES: Json = {"bearer": {"type": "http", "scheme": "bearer", "description": _GIVEN_BY}}
_HEADERS = {
    "Roost-As-Of": {
        "description": "The instant at which this answer was true. Left out before the first poll.",
        "schema": _INSTANT,
    },
    "Roost-Stale": {
        "description": "Why the answer is stale, in one word. Left out while it is fresh.",
        "schema": {"type": "string"},
    },
}


def _query(name: str, schema: Json, description: str) -> Json:
    return {"name": name, "in": "query", "schema": schema, "description": description}


def _range(most: int, usual: int) -> list[Json]:
    count = {"type": "integer", "minimum": 1, "maximum": most, "default": usual}
    return [
        _query("max_results", count, "Most tweets on the page."),
        _query("since_id", _ID, "Only tweets newer than this id."),
        _query("until_id", _ID, "Only tweets older than this id."),
        _query("pagination_token", {"type": "string"}, "`next_token` or `previous_token` of another page."),
    ]


def _lists() -> list[Json]:
    return [
        _query(name, {"type": "string"}, f"Checked, not selecting yet. Takes {', '.join(sorted(values))}.")
        for name, values in LISTS.items()
    ]


def _answers(ok: Json, faults: dict[int, str], media_type: str) -> Json:
    content = {media_type: {"schema": {"type": "object"}}}
    return ok | {
        str(status): {"description": description, "content": content}
        for status, description in faults.items()
    }


def _ok(description: str, schema: Json, *, fresh: bool = False, status: int = 200) -> Json:
    answer: Json = {"description": description, "content": {"application/json": {"schema": schema}}}
    if fresh:
        answer["headers"] = _HEADERS
    return {str(status): answer}


_AUTH_FAULTS = {
    401: "No token, or one that is not good.",
    403: "The token has not the scope that this takes; or another site's page sent the cookie.",
    429: "Too many tokens from this address did not hold; see Retry-After.",
    503: "The store does not answer.",
}
_BAD = {400: "A parameter cannot be taken; the answer names it."}
_X_PAGE: Json = {
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
                "newest_id": _ID,
                "oldest_id": _ID,
                "result_count": {"type": "integer"},
                "next_token": {"type": "string"},
                "previous_token": {"type": "string"},
            },
        },
    },
}
_GAP: Json = {
    "type": "object",
    "required": ["older_id", "newer_id", "reason"],
    "properties": {
        "older_id": _ID,
        "newer_id": _ID,
        "reason": {"enum": ["filling", "unfillable"], "description": "Unfillable: X no longer gives it."},
    },
}
_OWN_PAGE: Json = {
    **_X_PAGE,
    "required": ["meta", "gaps"],
    "properties": {**_X_PAGE["properties"], "gaps": {"type": "array", "items": _GAP}},
}

_KEY: Json = {
    "type": "object",
    "required": ["id", "name", "scopes", "made_at"],
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "scopes": {"type": "array", "items": {"enum": sorted(SCOPES)}},
        "made_at": _INSTANT,
        "used_at": {**_INSTANT, "type": ["string", "null"], "description": "Exact to a minute."},
    },
}


def _own(ok: Json, more: dict[int, str] | None = None) -> Json:
    """Describe the answers of a route of our own side that takes a token."""
    faults = {**_BAD, **_AUTH_FAULTS, **(more or {})}
    return {"responses": _answers(ok, faults, _PROBLEM), "security": _SECURITY}


def home() -> Json:
    """Describe X's home timeline."""
    times = [
        _query(name, _INSTANT, "Used where the id of that end is not given.")
        for name in ("start_time", "end_time")
    ]
    path = {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": _ID,
        "description": "The caller's own id.",
    }
    faults = {**_BAD, **_AUTH_FAULTS, 403: "The id is somebody else's; or the token has not the scope."}
    return {
        "parameters": [path, *_range(100, 100), *times, *_lists()],
        "responses": _answers(_ok("A page, newest first.", _X_PAGE, fresh=True), faults, "application/json"),
        "security": _SECURITY,
    }


def timeline() -> Json:
    """Describe our own form of it."""
    ok = _ok("A page, newest first, and the gaps within what it covers.", _OWN_PAGE, fresh=True)
    return {"parameters": _range(800, 50), **_own(ok)}


def me() -> Json:
    """Describe X's word on who the caller is."""
    user = {
        "type": "object",
        "properties": {"id": _ID, "name": {"type": "string"}, "username": {"type": "string"}},
    }
    ok = _ok("The caller.", {"type": "object", "properties": {"data": user}})
    lists = [
        each
        for each in _lists()
        if each["name"] in {"user.fields", "tweet.fields", "post.fields", "expansions"}
    ]
    return {
        "parameters": lists,
        "responses": _answers(ok, {**_BAD, **_AUTH_FAULTS}, "application/json"),
        "security": _SECURITY,
    }


def account() -> Json:
    """Describe the account's state."""
    ok = _ok("Who it is, what is held, how fresh it is.", {"type": "object"}, fresh=True)
    return _own(ok)


def change() -> Json:
    """Describe a change that answers nothing."""
    return _own({"204": {"description": "Done."}})


def new_key() -> Json:
    """Describe the making of an API key."""
    (schema,), components = msgspec.json.schema_components([NewKey], ref_template="#/$defs/{name}")
    example = {"name": "shelf display", "scopes": ["timeline:read"]}
    content = {"schema": components[schema["$ref"].rpartition("/")[2]], "example": example}
    answer = {**_KEY, "properties": {**_KEY["properties"], "token": {"type": "string"}}}
    faults = {
        400: "The body does not describe a key; the answer says where.",
        409: "The account has as many keys as it may.",
        413: "The body is too large.",
    }
    return {
        "requestBody": {"required": True, "content": {"application/json": content}},
        **_own(_ok("The key; its token is shown this once.", answer, status=201), faults),
    }


def key_list() -> Json:
    """Describe the list of API keys."""
    listed = {"type": "object", "properties": {"keys": {"type": "array", "items": _KEY}}}
    return _own(_ok("The caller's keys, newest first.", listed))


def revocation() -> Json:
    """Describe the end of an API key."""
    key_id = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    ok = {"204": {"description": "Its token holds no more."}}
    return {"parameters": [key_id], **_own(ok, {404: "The caller has no key of this id."})}


def registration() -> Json:
    """Describe a registration."""
    (schema,), components = msgspec.json.schema_components([Registration], ref_template="#/$defs/{name}")
    schema = msgspec.json.decode(msgspec.json.encode(components[schema["$ref"].rpartition("/")[2]]))
    for name, of in (("oauth1", "OAuth1"), ("oauth2", "OAuth2")):
        schema["properties"][name] = components[of]
    example = {"oauth1": {"token": "12-abc", "token_secret": "def"}}
    answer = {
        "type": "object",
        "required": ["account", "token", "expires_at"],
        "properties": {"account": {"type": "object"}, "token": {"type": "string"}, "expires_at": _INSTANT},
    }
    ok = _ok("A new account is registered.", answer, status=201) | _ok("It was registered before.", answer)
    faults = {
        400: "The body is not a registration; the answer says where.",
        401: "X does not accept these tokens; nothing is kept.",
        403: "X does not let this account read.",
        413: "The body is too large.",
        429: "X may not be asked again before its window resets; see Retry-After.",
        503: "X or the store does not answer; see Retry-After.",
    }
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema, "example": example}},
        },
        "responses": _answers(ok, faults, _PROBLEM),
    }


def health() -> Json:
    """Describe a probe."""
    ok = _ok("Yes.", {"type": "object"})
    return {"responses": ok | {"503": {"description": "No; the answer says what is down."}}}


def sign_in() -> Json:
    """Describe signing in with X in a browser."""
    page = {"text/html": {"schema": {"type": "string"}}}
    says = {
        303: "On to X; or, from X, to where the person wanted to go, with a session cookie.",
        400: "The address, or what X's answer came with, is not, or no longer, good; the page says which.",
        403: "The person said no at X, or X does not let this account read.",
        429: "X may not be asked before its window resets.",
        503: "X or the store does not answer, or this gateway has no X app.",
    }
    return {
        "responses": {
            str(status): {"description": text} | ({} if status == 303 else {"content": page})
            for status, text in says.items()
        }
    }


def sign_out() -> Json:
    """Describe signing out."""
    everywhere = _query("everywhere", {"type": "boolean"}, "End every session, but no API key.")
    ok = {
        "204": {"description": "Signed out."},
        "303": {"description": "Signed out; on to `/`, in a browser."},
    }
    return {
        "parameters": [everywhere],
        "responses": _answers(ok, _AUTH_FAULTS, _PROBLEM),
        "security": _SECURITY,
    }


def web_page() -> Json:
    """Describe what is there for people to look at."""
    return {
        "responses": {"200": {"description": "The page."}, "404": {"description": "There is no such file."}}
    }


def measures() -> Json:
    """Describe the metrics."""
    ok = {"200": {"description": "Prometheus's text format.", "content": {"text/plain": {}}}}
    return {"responses": ok | {"503": {"description": "The store does not answer."}}}
