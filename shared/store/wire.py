"""How our values are written in an account's hash, and read back."""

from typing import assert_never

import msgspec

from shared.domain.credential import Credential, OAuth1Credential, OAuth2Credential
from shared.domain.timeline import Gap, Held, clip
from shared.domain.tweet import TweetId
from shared.store import keys


class _OAuth1(msgspec.Struct, tag="oauth1"):
    token: str
    token_secret: str


class _OAuth2(msgspec.Struct, tag="oauth2"):
    access_token: str
    refresh_token: str | None
    expires_at_ms: int
    scope: str


_credentials: msgspec.json.Decoder[_OAuth1 | _OAuth2] = msgspec.json.Decoder(_OAuth1 | _OAuth2)


def write_credential(credential: Credential) -> bytes:
    """Write a credential as JSON, to be sealed."""
    match credential:
        case OAuth1Credential():
            return msgspec.json.encode(_OAuth1(credential.token, credential.token_secret))
        case OAuth2Credential():
            return msgspec.json.encode(
                _OAuth2(
                    credential.access_token,
                    credential.refresh_token,
                    credential.expires_at_ms,
                    credential.scope,
                )
            )
        case _:
            assert_never(credential)


def read_credential(raw: bytes) -> Credential:
    """Read what `write_credential` wrote."""
    kept = _credentials.decode(raw)
    if isinstance(kept, _OAuth1):
        return OAuth1Credential(kept.token, kept.token_secret)
    return OAuth2Credential(kept.access_token, kept.refresh_token, kept.expires_at_ms, kept.scope)


def write_gaps(gaps: tuple[Gap, ...]) -> str:
    """Write gaps as `older-newer` pairs, separated by spaces; `older-newer-x` for one that is unfillable."""
    return " ".join(f"{gap.older}-{gap.newer}" + "-x" * gap.unfillable for gap in gaps)


def read_gaps(raw: bytes | None) -> tuple[Gap, ...]:
    """Read what `write_gaps` wrote."""
    parts = (each.split(b"-") for each in (raw or b"").split())
    return tuple(
        Gap(TweetId(int(older)), TweetId(int(newer)), unfillable=bool(mark)) for older, newer, *mark in parts
    )


def read_held(
    newest: bytes | None, floor: bytes | None, gaps: bytes | None, as_of_ms: bytes | None, tweets: int
) -> Held:
    """Read what of a timeline is held; trimming raises the floor past gaps, which are left out here."""
    return clip(
        Held(
            newest=TweetId(int(newest or 0)),
            floor=TweetId(int(floor or 0)),
            gaps=read_gaps(gaps),
            as_of_ms=int(as_of_ms or 0),
            tweets=tweets,
        )
    )


def read_text(raw: bytes | str) -> str:
    """Read text; this client is never told to decode, but its types allow for both."""
    return raw if isinstance(raw, str) else raw.decode()


def write_cursor(tweet_id: int) -> str:
    """Write a cursor so that scripts may compare it as text."""
    return keys.padded(tweet_id)
