"""
The routes as OpenAPI describes them: parameters, bodies, and every answer there is.

The handlers read the request themselves, for the reads are hot; so what they take
is written down here, once, beside nothing that runs.
"""

import msgspec

from services.api import examples
from services.api.apikeys import NewKey
from services.api.parameters import ME_LISTS
from services.api.registrations import Registration
from services.api.schema import (
    ACCOUNT,
    AUTH_FAULTS,
    BAD,
    CHANGED,
    EXCLUDE,
    FRESHNESS,
    ID,
    IF_NONE_MATCH,
    INSTANT,
    KEY,
    LIMITED,
    OWN_PAGE,
    PREFER,
    PROBLEM,
    RATES,
    SECURITY,
    TIMELINE_WISHES,
    WAITED,
    X_PAGE,
    Json,
    answers,
    field_lists,
    own_part,
    query,
    success,
    tweet_range,
)


def home() -> Json:
    """Describe X's home timeline."""
    times = [
        query(name, INSTANT, "Used where the id of that end is not given.")
        for name in ("start_time", "end_time")
    ]
    path = {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": ID,
        "description": "The caller's own id.",
    }
    faults = {**BAD, **AUTH_FAULTS, 403: "The id is somebody else's; or the token has not the scope."}
    return {
        "parameters": [path, *tweet_range(100, 100), *times, EXCLUDE, *field_lists(), PREFER],
        "responses": answers(
            success(
                "A page, newest first.", X_PAGE, examples.X_PAGE, headers={**FRESHNESS, **RATES, **WAITED}
            ),
            faults,
            "application/json",
        ),
        "security": SECURITY,
    }


def timeline() -> Json:
    """Describe our own form of it."""
    headers = {**FRESHNESS, **RATES, **WAITED, **CHANGED}
    ok = success("A page, and the gaps within what it covers.", OWN_PAGE, examples.OWN_PAGE, headers=headers)
    ok |= {"304": {"description": "The page that If-None-Match names has not changed.", "headers": headers}}
    parameters = [*tweet_range(800, 50), *TIMELINE_WISHES, IF_NONE_MATCH, PREFER]
    return {"parameters": parameters, **own_part(ok)}


def me() -> Json:
    """Describe X's word on who the caller is."""
    user = {
        "type": "object",
        "properties": {"id": ID, "name": {"type": "string"}, "username": {"type": "string"}},
    }
    ok = success("The caller.", {"type": "object", "properties": {"data": user}}, examples.ME, headers=RATES)
    return {
        "parameters": field_lists(ME_LISTS),
        "responses": answers(ok, {**BAD, **AUTH_FAULTS}, "application/json"),
        "security": SECURITY,
    }


def account() -> Json:
    """Describe the account's state."""
    ok = success("Who it is, what is held, how fresh it is.", ACCOUNT, examples.ACCOUNT, headers=FRESHNESS)
    return own_part(ok)


def forgetting() -> Json:
    """Describe forgetting, and its receipt."""
    receipt = {
        "type": "object",
        "required": ["account", "forgotten_at", "revoked_at_x", "note"],
        "properties": {
            "account": {"type": "object"},
            "forgotten_at": INSTANT,
            "tweets": {"type": "integer", "description": "How many its timeline held."},
            "revoked_at_x": {"type": "boolean", "description": "Whether X has taken our access back."},
            "note": {"type": "string"},
        },
    }
    faults = {**BAD, **AUTH_FAULTS, 403: "The token may not write; or the browser's sign-in is not fresh."}
    return own_part(success("The receipt.", receipt, examples.RECEIPT), faults)


def change() -> Json:
    """Describe a change that answers nothing."""
    return own_part({"204": {"description": "Done."}})


def choice() -> Json:
    """Describe the choice of a mode."""
    schema = {
        "type": "object",
        "required": ["mode"],
        "properties": {"mode": {"enum": ["archive", "fresh", "lazy"]}},
        "additionalProperties": False,
    }
    content = {"schema": schema, "example": {"mode": "lazy"}}
    faults = {
        400: "The body does not name a mode.",
        403: "The token may not write; or this gateway does not offer the mode.",
        413: "The body is too large.",
    }
    return {
        "requestBody": {"required": True, "content": {"application/json": content}},
        **own_part({"204": {"description": "Done."}}, faults),
    }


def new_key() -> Json:
    """Describe the making of an API key."""
    (schema,), components = msgspec.json.schema_components([NewKey], ref_template="#/$defs/{name}")
    example = {"name": "shelf display", "scopes": ["timeline:read"]}
    content = {"schema": components[schema["$ref"].rpartition("/")[2]], "example": example}
    answer = {**KEY, "properties": {**KEY["properties"], "token": {"type": "string"}}}
    faults = {
        400: "The body does not describe a key; the answer says where.",
        409: "The account has as many keys as it may.",
        413: "The body is too large.",
    }
    return {
        "requestBody": {"required": True, "content": {"application/json": content}},
        **own_part(
            success("The key; its token is shown this once.", answer, examples.NEW_KEY, status=201), faults
        ),
    }


def key_list() -> Json:
    """Describe the list of API keys."""
    listed = {"type": "object", "properties": {"keys": {"type": "array", "items": KEY}}}
    return own_part(success("The caller's keys, newest first.", listed, examples.KEYS))


def revocation() -> Json:
    """Describe the end of an API key."""
    key_id = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    ok = {"204": {"description": "Its token holds no more."}}
    return {"parameters": [key_id], **own_part(ok, {404: "The caller has no key of this id."})}


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
        "properties": {"account": {"type": "object"}, "token": {"type": "string"}, "expires_at": INSTANT},
    }
    ok = success("A new account is registered.", answer, examples.REGISTERED, status=201)
    ok |= success("It was registered before.", answer, examples.REGISTERED)
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
        "responses": answers(ok, faults, PROBLEM),
    }


def health() -> Json:
    """Describe a probe."""
    ok = success("Yes.", {"type": "object"}, examples.READY)
    return {"responses": ok | {"503": {"description": "No; the answer says what is down."}}}


def begin_sign_in() -> Json:
    """Describe the way to X."""
    return _sign_in(
        {
            "return_to": "A path of this gateway, for afterwards.",
            "oauth": "`1.0a` for the older way, where both are set up; else `2.0`.",
        }
    )


def finish_sign_in() -> Json:
    """Describe the way back from X."""
    names = ("state", "code", "error", "oauth_token", "oauth_verifier", "denied")
    return _sign_in(dict.fromkeys(names, "As X gives it."))


def _sign_in(parameters: dict[str, str]) -> Json:
    page = {"text/html": {"schema": {"type": "string"}}}
    says = {
        303: "On to X; or, from X, to where the person wanted to go, with a session cookie.",
        400: "The address, or what X's answer came with, is not, or no longer, good; the page says which.",
        403: "The person said no at X, or X does not let this account read.",
        429: "X may not be asked before its window resets.",
        503: "X or the store does not answer, or this gateway has no X app.",
    }
    return {
        "parameters": [query(name, {"type": "string"}, text) for name, text in parameters.items()],
        "responses": {
            str(status): {"description": text} | ({} if status == 303 else {"content": page})
            for status, text in says.items()
        },
    }


def sign_out() -> Json:
    """Describe signing out."""
    everywhere = query("everywhere", {"type": "boolean"}, "End every session, but no API key.")
    ok = {
        "204": {"description": "Signed out."},
        "303": {"description": "Signed out; on to `/`, in a browser."},
    }
    return {
        "parameters": [everywhere],
        "responses": answers(ok, AUTH_FAULTS, PROBLEM),
        "security": SECURITY,
    }


def web_page() -> Json:
    """Describe the page that is there for people to look at."""
    page = {"text/html": {"schema": {"type": "string"}}}
    return {"responses": answers({"200": {"description": "The page.", "content": page}}, LIMITED, PROBLEM)}


def settings_page() -> Json:
    """Describe the page of the caller's account."""
    page = {"text/html": {"schema": {"type": "string"}}}
    ok: Json = {
        "200": {"description": "The page.", "content": page},
        "303": {"description": "Sign in first, at /login."},
    }
    return {"responses": answers(ok, LIMITED, PROBLEM)}


def asset() -> Json:
    """Describe the styles and scripts of our pages."""
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
    found: Json = {
        "200": {"description": "The file."},
        "304": {"description": "The file that If-None-Match names has not changed."},
    }
    return {"parameters": [name], "responses": answers(found, {404: "There is no such file."}, PROBLEM)}


def measures() -> Json:
    """Describe the metrics."""
    ok = {"200": {"description": "Prometheus's text format.", "content": {"text/plain": {}}}}
    return {"responses": ok}
