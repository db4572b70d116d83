"""
Whose request this is: the bearer token says, nothing else.

No parameter, path or header can name another account; a route that has an id in
its path only compares it.
"""

from starlette.requests import Request

from services.api.faults import unauthorized
from services.api.gateway import Gateway
from shared.domain.account import AccountId


async def caller(request: Request) -> AccountId:
    """
    Say whose token the request carries, in one round trip.

    Errors: Fault 401 without a token, or with one that is not, or no longer, good.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthorized("Send `Authorization: Bearer …` with a token from POST /v1/registrations.")
    gateway: Gateway = request.app.state.gateway
    account_id = await gateway.sessions.owner(token.strip())
    if account_id is None:
        raise forgotten()
    return account_id


def forgotten() -> Exception:
    """Make the fault for a token whose session or account is no more."""
    return unauthorized("This token is unknown, has expired or was ended; register again for a new one.")
