"""
Forget an account: X takes the credential back, its key is destroyed, every key of Redis goes.

In this order: what is asked of X needs the credential; once the data key is gone no
copy of the credential opens, whatever happens to us next; and until the last step
the account is there to be forgotten once more.
"""

import asyncio

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from services.api.auth import ended
from services.api.gateway import Gateway
from services.api.timelines import iso
from shared.domain.account import AccountId
from shared.domain.outcome import word_for
from shared.sealing import UnknownKeyError

#: X is waited for no longer: what it does not take back, the person can.
_PATIENCE_SECONDS = 8
_JSON = "application/json; charset=utf-8"
_AT_X = "https://x.com/settings/connected_apps"


async def forget(request: Request, account_id: AccountId) -> Response:
    """Remove everything of an account's, and answer with a receipt."""
    gateway: Gateway = request.app.state.gateway
    kept = await gateway.accounts.find(account_id)
    if kept is None:
        raise ended()
    refusal = await _revoke(gateway, account_id)
    await gateway.credentials.destroy(account_id)
    now_ms = gateway.clock.now_ms()
    await gateway.accounts.forget(account_id, now_ms=now_ms)
    await gateway.credentials.destroy(account_id)  # one who signed in meanwhile has made another
    await gateway.climates.forget(account_id)
    await gateway.breaker.forget(account_id)
    await gateway.ledger.forget(account_id, now_ms=now_ms)
    structlog.get_logger().info("account forgotten", revoked=refusal is None)
    receipt = {
        "account": {"id": str(account_id), "username": kept.account.username},
        "forgotten_at": iso(now_ms),
        "tweets": kept.held.tweets,
        "revoked_at_x": refusal is None,
        "note": "Nothing of this account is left here."
        if refusal is None
        else f"Nothing of this account is left here. X did not take our access back ({refusal}): see {_AT_X}",
    }
    return Response(msgspec.json.encode(receipt), headers={"cache-control": "no-store"}, media_type=_JSON)


async def _revoke(gateway: Gateway, account_id: AccountId) -> str | None:
    """Have X take the credential back; says why it has not, None when it has, or had before."""
    sealed = await gateway.accounts.find_sealed(account_id)
    try:
        credential = (
            await gateway.credentials.open(account_id, sealed, now_ms=gateway.clock.now_ms())
            if sealed
            else None
        )
        if credential is None:
            return "unreadable"
        async with asyncio.timeout(_PATIENCE_SECONDS):
            failure = await gateway.tokens.revoke(credential)
    except UnknownKeyError:
        return "unreadable"
    except TimeoutError:
        return "unavailable"
    return word_for(failure) if failure else None
