"""
Let a person in: X says whose a credential is, and that account is registered.

Nothing is kept before X has answered; the account that X names is the one that is
registered, whatever the caller believes. X's own window is respected here too.
"""

from typing import assert_never

from services.api.faults import Fault
from services.api.gateway import Gateway
from shared.domain.account import AccountId
from shared.domain.credential import Credential
from shared.domain.outcome import Failure, Limited, Malformed, Refused, Stopped, Unaffordable, Unavailable
from shared.x.me import Person

#: When X is not there, asking again much sooner helps nobody.
_AGAIN_SECONDS = 30


async def admit(gateway: Gateway, credential: Credential) -> tuple[AccountId, bool]:
    """
    Register the account whose credential this is, as X says; tells whether it is new.

    Errors: Fault when X does not say.
    """
    person = await _ask_x(gateway, credential)
    account_id, names = person.account_id, (person.username, person.name)
    sealed = await gateway.credentials.seal(account_id, credential)
    new = await gateway.accounts.register(account_id, names, sealed, now_ms=gateway.clock.now_ms())
    if not await gateway.credentials.has_key(account_id):  # one was forgotten while this one came
        sealed = await gateway.credentials.seal(account_id, credential)
        await gateway.accounts.register(account_id, names, sealed, now_ms=gateway.clock.now_ms())
    return account_id, new


async def _ask_x(gateway: Gateway, credential: Credential) -> Person:
    """
    Ask X whose credential this is, inside its window.

    Errors: Fault when X does not say.
    """
    now_ms = gateway.clock.now_ms()
    resets_at_ms = await gateway.verifications.reserve(credential, now_ms=now_ms)
    if resets_at_ms is not None:
        raise refuse(Limited(resets_at_ms), now_ms)
    named = await gateway.me.whose(credential)
    if named.person == Refused("sign-in-needed"):
        await gateway.verifications.release(credential)
    else:
        await gateway.verifications.settle(credential, named.window, now_ms=gateway.clock.now_ms())
    if not isinstance(named.person, Person):
        raise refuse(named.person, now_ms)
    return named.person


def refuse(failure: Failure, now_ms: int) -> Fault:
    """Tell why X did not say whose credential it is."""
    match failure:
        case Refused("sign-in-needed"):
            return Fault(401, "X does not accept these tokens; sign in with X again and send the new ones.")
        case Refused(reason):
            return Fault(403, f"X does not let this account read now ({reason}).")
        case Limited(resets_at_ms) | Unaffordable(resets_at_ms):
            wait = {"retry-after": str(max(1, -(-(resets_at_ms - now_ms) // 1000)))}
            return Fault(
                429, "X may not be asked about these tokens again before its window resets.", headers=wait
            )
        case Stopped(reason):
            return Fault(503, f"X refuses this app for now ({reason}).", headers=_again())
        case Unavailable(reason) | Malformed(reason):
            return Fault(
                503, f"X did not say whose tokens these are ({reason}); try again.", headers=_again()
            )
        case _:
            assert_never(failure)


def _again() -> dict[str, str]:
    return {"retry-after": str(_AGAIN_SECONDS)}
