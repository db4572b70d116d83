"""
Whose request this is: the bearer token says, nothing else.

No parameter, path or header can name another account; a route that has an id in
its path only compares it.
"""

from starlette.requests import Request

from services.api.faults import Fault, unauthorized
from services.api.gateway import Gateway
from shared.domain.account import AccountId
from shared.store.sessions import Claimed, read_token


def claimed(request: Request) -> Claimed:
    """
    Read whose the request says it is; whoever reads for it must have the session confirmed.

    Errors: Fault 401 without a token, or with one that was never given out.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized("Send `Authorization: Bearer …` with a token from POST /v1/registrations.")
    claim = read_token(token.strip())
    if claim is None:
        raise ended()
    return claim


async def caller(request: Request) -> AccountId:
    """
    Say whose token the request carries, in one round trip.

    Errors: Fault 401 without a token, or with one that is not, or no longer, good.
    """
    claim = claimed(request)
    gateway: Gateway = request.app.state.gateway
    if not await gateway.sessions.confirm(claim):
        raise ended()
    return claim.account_id


def ended() -> Fault:
    """Make the fault for a token whose session or account is no more."""
    return unauthorized("This token is unknown, has expired or was ended; register again for a new one.")
