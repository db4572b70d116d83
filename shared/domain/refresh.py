"""
When a credential is refreshed, and what its refresh came to.

X's refresh tokens are good for one use, and using one twice ends the person's whole
sign-in. So what matters of a refresh that failed is whether X may have done it: if
surely not, the token is as good as before; if that is unclear, it is never shown
to X again, and the access token serves until it expires.

Source: field reports, gathered 2026-11-22; X documents two hours for access tokens.
"""

from dataclasses import dataclass

from shared.domain.credential import Credential, OAuth2Credential
from shared.domain.outcome import Failure

#: So long before it expires an access token is refreshed, and up to as much again earlier, by account.
EARLY_MS = 5 * 60_000


@dataclass(frozen=True, slots=True)
class Refreshed:
    """X gave a new credential; the old refresh token is dead."""

    credential: OAuth2Credential


@dataclass(frozen=True, slots=True)
class NotDone:
    """X surely did nothing: the refresh token is as good as before."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Unclear:
    """X may have used the refresh token up."""

    failure: Failure


Refreshing = Refreshed | NotDone | Unclear


def is_refresh_due(credential: Credential, *, now_ms: int, spread: float) -> bool:
    """Say whether a credential expires shortly; `spread`, in [0, 1), differs from account to account."""
    if not isinstance(credential, OAuth2Credential):
        return False
    return now_ms >= credential.expires_at_ms - EARLY_MS - int(EARLY_MS * spread)
