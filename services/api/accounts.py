"""The caller's own account: its state, pausing, and forgetting."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from services.api import forgetting
from services.api.auth import caller, ended, fresh_or_write
from services.api.gateway import Gateway
from services.api.parameters import read_params
from services.api.timelines import freshness_headers, iso
from shared.domain.account import Standing
from shared.domain.budget import Window
from shared.domain.money import Budget, Spent
from shared.store.accounts import Kept
from shared.store.sessions import ACCOUNT_WRITE


async def show(request: Request) -> Response:
    """Answer `GET /v1/account`: what is kept and how fresh it is."""
    read_params(request, frozenset())
    gateway, kept = await _find(request)
    now_ms = gateway.clock.now_ms()
    headers = freshness_headers(kept, now_ms=now_ms, stale_ms=gateway.rules.stale_ms)
    state = describe(kept) | {
        "as_of": headers.get("roost-as-of"),
        "stale": headers.get("roost-stale"),
        "mode": (kept.mode or gateway.rules.mode).value,
        "asleep": kept.polling.asleep,
        "last_outcome": kept.polling.outcome or None,
        "failures": kept.failures,
        "tweets": kept.held.tweets,
        "gaps": len(kept.held.gaps),
        "window": _window(kept.window),
        "spent": _spent(await gateway.ledger.spent(kept.account.id, now_ms=now_ms), gateway.budget),
    }
    return Response(msgspec.json.encode(state), headers=headers, media_type="application/json; charset=utf-8")


async def pause(request: Request) -> Response:
    """Answer `PUT /v1/account/pause`: poll no more, go on serving what is held."""
    return await _stand(request, Standing.PAUSED)


async def resume(request: Request) -> Response:
    """Answer `DELETE /v1/account/pause`: due now."""
    return await _stand(request, Standing.ACTIVE)


async def forget(request: Request) -> Response:
    """Answer `DELETE /v1/account`: remove everything of the caller's."""
    found = await fresh_or_write(request)
    read_params(request, frozenset())
    return await forgetting.forget(request, found.account_id)


def describe(kept: Kept) -> dict[str, object]:
    """Say who an account is and whether it is polled."""
    account = kept.account
    return {
        "id": str(account.id),
        "username": account.username,
        "name": account.name,
        "standing": account.standing.value,
        "parked": account.parked or None,
        "registered_at": iso(account.registered_at_ms),
    }


async def _find(request: Request) -> tuple[Gateway, Kept]:
    account_id = await caller(request)
    gateway: Gateway = request.app.state.gateway
    kept = await gateway.accounts.find(account_id)
    if kept is None:
        raise ended()
    return gateway, kept


async def _stand(request: Request, standing: Standing) -> Response:
    account_id = await caller(request, ACCOUNT_WRITE)
    read_params(request, frozenset())  # a change that carries a wish we do not know is not made without it
    gateway: Gateway = request.app.state.gateway
    if not await gateway.accounts.stand(account_id, standing, now_ms=gateway.clock.now_ms()):
        raise ended()
    return Response(status_code=204)


def _spent(spent: Spent, budget: Budget) -> dict[str, object]:
    """Say what was read for an account today, as X bills it: each post once, to whoever read it first."""
    return {"posts_today": spent.account, "dollars_today": spent.account * budget.price / 1_000_000}


def _window(window: Window | None) -> dict[str, object] | None:
    if window is None:
        return None
    return {"limit": window.limit, "left": window.left, "resets_at": iso(window.resets_at_ms)}
