"""How our values are written in an account's hash, and read back."""

from typing import assert_never

import msgspec

from shared.domain import interest
from shared.domain.budget import Window
from shared.domain.credential import Credential, OAuth1Credential, OAuth2Credential
from shared.domain.interest import Interest
from shared.domain.mode import Mode, Reach
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


def read_interest(raw: bytes | None, registered_at_ms: bytes | None, reads: bytes | None) -> Interest:
    """Read what is known of an account's readers, with the reads that no poll has taken in yet."""
    known = interest.read(raw.decode()) if raw else Interest(int(registered_at_ms or 0))
    for each in (reads or b"").split():
        known = interest.after_read(known, int(each))
    return known


def read_mode(raw: bytes | None) -> Mode | None:
    """Read an account's own mode; None when it takes the deployment's."""
    return Mode(raw.decode()) if raw else None


def read_reach(unhurried: bytes | None, owed: bytes | None) -> Reach:
    """Read how far down an account's polls read by themselves."""
    return Reach(TweetId(int(unhurried or 0)), int(owed) if owed else None)


def read_window(fields: list[bytes | None]) -> Window | None:
    """Read a window from its limit, what is left and when it resets; None unless X has told all three."""
    limit, left, resets_at_ms = fields
    if limit is None or left is None or resets_at_ms is None:
        return None
    return Window(limit=int(limit), left=int(left), resets_at_ms=int(resets_at_ms))


def read_text(raw: bytes | str) -> str:
    """Read text; this client is never told to decode, but its types allow for both."""
    return raw if isinstance(raw, str) else raw.decode()


def write_cursor(tweet_id: int) -> str:
    """Write a cursor so that scripts may compare it as text."""
    return keys.padded(tweet_id)
