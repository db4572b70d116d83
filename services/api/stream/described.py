"""The stream as OpenAPI describes it."""

from services.api.schema import Json, own_part, query

_EXAMPLE = """retry: 2741

event: state
data: {"as_of":"2026-11-23T08:00:01.000Z","stale":null,"standing":"active","asleep":false,"tweets":800,\
"missed":false,"reconnect":false}

id: 1795349000123-0.999999

id: 1795349060456-0.0
event: tweet
data: {"data":{"id":"2124700899293056973","text":"…"},"includes":{"users":[…]}}

"""


def stream() -> Json:
    """Describe the stream."""
    last = "The `id` of the last event that the listener was told: everything after it is told."
    as_query = query("last_event_id", {"type": "string"}, f"The same, for who can set no header. {last}")
    header = {"name": "Last-Event-ID", "in": "header", "schema": {"type": "string"}, "description": last}
    content = {"text/event-stream": {"schema": {"type": "string"}, "example": _EXAMPLE}}
    description = (
        "Server-Sent Events: `tweet`, `edit` (with `replaces`), `delete`, `gap` (all gaps as they now stand) "
        "and `state`. `state` says `missed` when the timeline is to be read again, for what came between "
        "can no longer be told, and `reconnect` when the stream ends and the listener is to come again."
    )
    described = own_part({"200": {"description": description, "content": content}})
    described["responses"]["429"]["description"] += " Or as many streams are open as may be."
    return {"parameters": [header, as_query], **described}
