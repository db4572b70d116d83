"""How the caller's account is kept: archive, fresh or lazy, of what this gateway offers."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from services.api.auth import caller, ended
from services.api.faults import Fault, invalid
from services.api.gateway import Gateway
from services.api.parameters import read_params
from services.api.registrations import read_body
from shared.domain.account import AccountId
from shared.domain.mode import Mode
from shared.store.sessions import ACCOUNT_WRITE


class Choice(msgspec.Struct, forbid_unknown_fields=True):
    """What a mode is chosen with."""

    mode: Mode


async def choose(request: Request) -> Response:
    """Answer `PUT /v1/account/mode`: how the caller's account is kept from now on."""
    account_id = await caller(request, ACCOUNT_WRITE)
    read_params(request, frozenset())
    gateway: Gateway = request.app.state.gateway
    try:
        mode = msgspec.json.decode(await read_body(request), type=Choice).mode
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise invalid("body", "", f"The body does not name a mode: {fault}.") from None
    if mode not in gateway.rules.modes_offered:
        offered = ", ".join(sorted(gateway.rules.modes_offered)) or "none"
        raise Fault(403, f"This gateway does not offer the mode {mode}; it offers: {offered}.")
    return await _spend(gateway, account_id, mode)


async def choose_nothing(request: Request) -> Response:
    """Answer `DELETE /v1/account/mode`: as this gateway keeps those who choose nothing."""
    account_id = await caller(request, ACCOUNT_WRITE)
    read_params(request, frozenset())
    return await _spend(request.app.state.gateway, account_id, None)


async def _spend(gateway: Gateway, account_id: AccountId, mode: Mode | None) -> Response:
    if not await gateway.accounts.spend(account_id, mode, now_ms=gateway.clock.now_ms()):
        raise ended()
    return Response(status_code=204)
