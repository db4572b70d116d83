"""Feeds and the links to them as OpenAPI describes them."""

from services.api import examples
from services.api.schema import (
    CHANGED,
    EXCLUDE,
    FRESHNESS,
    IF_NONE_MATCH,
    INSTANT,
    RATES,
    TIMELINE_WISHES,
    Json,
    own_part,
    query,
    success,
)

_LINK: Json = {
    "type": "object",
    "required": ["id", "name", "made_at"],
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "made_at": INSTANT,
        "used_at": {**INSTANT, "type": ["string", "null"], "description": "Exact to a minute."},
    },
}


def feed(media_type: str) -> Json:
    """Describe a feed of this media type."""
    headers = {name: each for name, each in {**FRESHNESS, **RATES, **CHANGED}.items() if name != "Link"}
    ok: Json = {
        "200": {
            "description": "The newest tweets, newest first.",
            "headers": headers,
            "content": {media_type.partition(";")[0]: {"schema": {}}},
        },
        "304": {"description": "Nothing has changed since.", "headers": headers},
    }
    wishes = [each for each in TIMELINE_WISHES if each["name"] != "order" and each is not EXCLUDE]
    limit = {"type": "integer", "minimum": 1, "maximum": 800, "default": 50}
    parameters = [
        query("link", {"type": "string"}, "The token of a private link, in place of a bearer token."),
        query("limit", limit, "Most tweets of the feed."),
        EXCLUDE,
        *wishes,
        IF_NONE_MATCH,
    ]
    return {"parameters": parameters, **own_part(ok)}


def new_link() -> Json:
    """Describe the making of a link."""
    schema = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}},
        "additionalProperties": False,
    }
    content = {"schema": schema, "example": {"name": "my reader"}}
    addresses = {name: {"type": "string", "format": "uri"} for name in ("atom", "json")}
    answer = {**_LINK, "properties": {**_LINK["properties"], **addresses}}
    faults = {
        400: "The body does not describe a link; the answer says where.",
        409: "The account has as many keys and links as it may.",
        413: "The body is too large.",
    }
    return {
        "requestBody": {"required": True, "content": {"application/json": content}},
        **own_part(
            success("The link; its addresses are shown this once.", answer, examples.NEW_LINK, status=201),
            faults,
        ),
    }


def link_list() -> Json:
    """Describe the list of links."""
    listed = {"type": "object", "properties": {"feeds": {"type": "array", "items": _LINK}}}
    return own_part(success("The caller's links, newest first.", listed, examples.LINKS))


def revocation() -> Json:
    """Describe the end of a link."""
    link_id = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    ok = {"204": {"description": "The link opens nothing more."}}
    return {"parameters": [link_id], **own_part(ok, {404: "The caller has no link of this id."})}
