"""X's API v1.1, as far as it is offered, as OpenAPI describes it."""

from services.api import examples
from services.api.schema import (
    AUTH_FAULTS,
    BAD,
    FRESHNESS,
    ID,
    PREFER,
    RATES,
    SECURITY,
    V1_ERROR,
    WAITED,
    Json,
    query,
    success,
)

_FLAG = {"type": "string", "enum": ["true", "false", "1", "0", "t", "f"]}


def home_timeline() -> Json:
    """Describe the home timeline."""
    status = {
        "type": "object",
        "required": ["id", "id_str", "created_at", "user"],
        "properties": {"id": {"type": "integer"}},
    }
    headers = {**FRESHNESS, **RATES, **WAITED}
    parameters = [
        query(
            "count", {"type": "integer", "minimum": 1, "default": 20}, "Most statuses; 200 at most are given."
        ),
        query("since_id", ID, "Only statuses newer than this id."),
        query("max_id", ID, "Only this status and older ones."),
        query(
            "tweet_mode", {"enum": ["extended", "compat"]}, "`extended` for the whole text, as `full_text`."
        ),
        query("trim_user", _FLAG, "Authors by their ids only."),
        query("exclude_replies", _FLAG, "Without replies; pages are filled all the same."),
        query("include_entities", _FLAG, "`false` to leave out entities."),
        PREFER,
    ]
    schema = {"type": "array", "items": status}
    ok = success("Statuses, newest first; [] at the end.", schema, examples.STATUSES, headers=headers)
    return {"parameters": parameters, **_answers(ok)}


def rate_limit_status() -> Json:
    """Describe how often one may ask."""
    schema = {"type": "object", "required": ["resources"]}
    ok = success("What is left of each resource.", schema, examples.LIMITS, headers=RATES)
    resources = query(
        "resources", {"type": "string", "example": "statuses"}, "Only these, with commas between."
    )
    return {"parameters": [resources], **_answers(ok)}


def verify_credentials() -> Json:
    """Describe who the caller is."""
    schema = {"type": "object", "required": ["id", "id_str", "screen_name"]}
    ok = success("The caller.", schema, examples.V1_USER, headers=RATES)
    return _answers(ok)


def _answers(ok: Json) -> Json:
    content = {
        "application/json": {"schema": V1_ERROR, "example": {"errors": [{"code": 89, "message": "…"}]}}
    }
    told = {
        str(status): {"description": text, "headers": RATES, "content": content}
        for status, text in {**BAD, **AUTH_FAULTS}.items()
    }
    return {"responses": ok | told, "security": SECURITY}
