"""
Who the caller is, as X's API v2 has it.

What is kept of an account besides its names is what X showed of it with its own tweets. Nobody asks X
for its pinned and its latest tweet, so that these expansions find nothing, as of an account without.
"""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from services.api.answers import answer
from services.api.auth import ended, session
from services.api.faults import Fault
from services.api.gateway import Gateway
from services.api.parameters import ME_LISTS, read_params
from services.api.rates import rate_headers
from services.api.v2.selection import Selection
from shared.domain.account import Account
from shared.store.sessions import TIMELINE_READ

_PARAMS = frozenset(ME_LISTS)


async def show(request: Request) -> Response:
    """Answer `GET /2/users/me`: who the caller is."""
    found = await session(request, TIMELINE_READ)
    rates = rate_headers(found.calls)
    try:
        selection = Selection.read(read_params(request, _PARAMS), ME_LISTS)
    except Fault as fault:
        fault.headers = {**fault.headers, **rates}
        raise
    gateway: Gateway = request.app.state.gateway
    kept = await gateway.accounts.find(found.account_id)
    if kept is None:
        raise ended()
    (body,) = await gateway.bodies.find([f"user:{found.account_id}"])
    known = msgspec.json.decode(body.raw, type=dict[str, msgspec.Raw]) if body else {}
    user = selection.cut("user", msgspec.json.encode(known | _named(kept.account)))
    return answer(request, b'{"data":%b}' % user, {"cache-control": "private, no-store", **rates})


def _named(account: Account) -> dict[str, str]:
    """Tell what X said of an account when it was last registered."""
    return {"id": str(account.id), "name": account.name, "username": account.username}
