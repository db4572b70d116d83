"""A home timeline as X's API v2 has it: with its parameters, its page and its errors."""

from starlette.requests import Request
from starlette.responses import Response

from services.api.answers import answer
from services.api.auth import claimed
from services.api.faults import Fault, invalid
from services.api.filters import Filters, read_excluded
from services.api.freshen import read_wait
from services.api.gateway import Gateway
from services.api.page import write_meta, write_page
from services.api.parameters import LISTS, RANGE, TIMES, read_params, read_range
from services.api.reading import Asked, read, with_rates
from services.api.timelines import bodies_of, headers_of
from services.api.v2.expansions import select, unread
from services.api.v2.selection import Selection

_PARAMS = RANGE | TIMES | LISTS.keys() | {"exclude"}
_MOST = 100


async def serve(request: Request) -> Response:
    """Answer `GET /2/users/{id}/timelines/reverse_chronological`: the same as X's API v2 has it."""
    claim = await claimed(request)
    try:
        asked, selection = _read(request)
    except Fault as fault:
        raise await with_rates(request, claim, fault) from None
    part = await read(request, claim, asked)
    gateway: Gateway = request.app.state.gateway
    shown = await bodies_of(gateway, part)
    besides = unread(selection, shown)
    content = select(selection, shown, await gateway.bodies.find(besides) if besides else ())
    body = write_page(content, write_meta(asked.range, part, len(content.tweets)), None)
    return answer(request, body, headers_of(gateway, part, asked.wait_seconds))


def _read(request: Request) -> tuple[Asked, Selection]:
    params = read_params(request, _PARAMS)
    excluded = read_excluded(params)
    asked = Asked(
        read_range(params, most=_MOST, usual=_MOST),
        filters=Filters("retweets" in excluded, "replies" in excluded),
        wait_seconds=read_wait(request),
        owner=_owner(request),
    )
    return asked, Selection.read(params)


def _owner(request: Request) -> int:
    """Read whose timeline the path asks for."""
    path_id = request.path_params["id"]
    if not (path_id.isascii() and path_id.isdigit() and len(path_id) <= 19):
        raise invalid("id", path_id[:80], f"`id` is an id of at most 19 digits; not `{path_id[:80]}`.")
    return int(path_id)
