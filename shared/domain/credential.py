"""
What a person entrusts to us so that we may read their home timeline.

A credential never shows itself: its repr is masked, and it is no part of a
message, a URL or a log line.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OAuth1Credential:
    """An OAuth 1.0a user token. It does not expire."""

    token: str
    token_secret: str

    def __repr__(self) -> str:
        return "OAuth1Credential(***)"


@dataclass(frozen=True, slots=True)
class OAuth2Credential:
    """
    An OAuth 2.0 user token.

    Units: `expires_at_ms` is epoch milliseconds; X gives access tokens two hours.
    """

    access_token: str
    refresh_token: str | None
    expires_at_ms: int
    scope: str

    def __repr__(self) -> str:
        return f"OAuth2Credential(***, expires_at_ms={self.expires_at_ms})"


Credential = OAuth1Credential | OAuth2Credential
