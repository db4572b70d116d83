"""
Requests that are signed with OAuth 1.0a, by keys that this gateway gave out.

What is signed is the address as the caller sees it, the query and the header's own words; a
signature holds for five minutes and once.
Source: RFC 5849, section 3.
"""

import hmac
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import parse_qsl, unquote
from urllib.request import parse_http_list

from authlib.oauth1.rfc5849.signature import construct_base_string, hmac_sha1_signature
from starlette.requests import Request

from services.api.faults import BAD_CLOCK, BAD_SIGNATURE, Fault, invalid, unauthorized
from services.api.gateway import Gateway
from services.api.sites import asked_at, site_of
from shared.store.sessions import Claimed
from shared.store.signers import SIGNED_MS, Signer, claim_of

_LONGEST_HEADER = 2000
_NAMES = ("oauth_consumer_key", "oauth_nonce", "oauth_signature", "oauth_signature_method", "oauth_timestamp")
#: Where X's clients ask, the older ones and those of today.
_X_SITES = ("https://api.twitter.com", "https://api.x.com")
_FORM = "application/x-www-form-urlencoded"


def is_signed(request: Request) -> bool:
    """Tell whether a request says that it is signed."""
    return request.headers.get("authorization", "")[:6].lower() == "oauth "


def read_signed(request: Request) -> tuple[dict[str, str], Claimed | None]:
    """
    Read the words of a signed request's header, still escaped, and whose it says it is.

    Errors: Fault 400 or 401 that says what is missing, or cannot be taken.
    """
    header = request.headers["authorization"]
    if len(header) > _LONGEST_HEADER:
        raise invalid("authorization", "", "The Authorization header is too long.")
    pairs = (each.partition("=") for each in parse_http_list(header[6:]))
    words = {name.strip(): value.strip().strip('"') for name, _, value in pairs}
    for name in _NAMES:
        if not words.get(name):
            raise unauthorized(
                f"The signature has no {name}; sign with OAuth 1.0a, in the header.", BAD_SIGNATURE
            )
    if words["oauth_signature_method"] != "HMAC-SHA1" or words.get("oauth_version", "1.0") != "1.0":
        raise unauthorized("Sign with HMAC-SHA1, oauth_version 1.0.", BAD_SIGNATURE)
    if _carries_form(request):
        raise invalid("content-type", _FORM, "A signed request carries JSON, not a form.")
    return words, claim_of(unquote(words.get("oauth_token", "")))


def _carries_form(request: Request) -> bool:
    """Tell whether there is a form in the body; some clients say so of every request, and send none."""
    is_form = request.headers.get("content-type", "").lower().startswith(_FORM)
    is_empty = (
        request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers
    )
    return is_form and not is_empty


async def verify(request: Request, words: dict[str, str], claim: Claimed) -> bool:
    """
    Tell whether a request was signed with the secrets of the token that it names.

    Errors: Fault 401 for a signature that was made at another time, or was used before.
    """
    gateway: Gateway = request.app.state.gateway
    now_ms = gateway.clock.now_ms()
    signer = await gateway.signers.find(unquote(words["oauth_token"]), now_ms=now_ms)
    if signer is None or not is_signed_by(signer, request, words, _sites(request)):
        return False
    timestamp, nonce = (unquote(words[name]) for name in ("oauth_timestamp", "oauth_nonce"))
    _must_be_now(timestamp, now_ms)
    # Unescaped, as it was signed: the same nonce can be written in many ways.
    if not await gateway.signers.is_new(claim, f"{timestamp} {nonce}"):
        raise unauthorized("This oauth_nonce was used before: sign each request anew.", BAD_SIGNATURE)
    return True


def is_signed_by(signer: Signer, request: Request, words: dict[str, str], sites: Iterable[str]) -> bool:
    """Tell whether these secrets made a request's signature, for one of the sites where it may be asked."""
    if unquote(words["oauth_consumer_key"]) != signer.consumer_key:
        return False
    given = unquote(words["oauth_signature"]).encode()
    for base in _bases(request, words, sites):
        expected = hmac_sha1_signature(base, signer.consumer_secret, signer.token_secret)
        if hmac.compare_digest(expected.encode(), given):
            return True
    return False


def does_not_hold(request: Request) -> Fault:
    """Make the fault for a signature that is not that of a key of this gateway."""
    address = f"{_sites(request)[0]}{_path(request)}"
    return unauthorized(
        "This signature does not hold. What the gateway checks is one of "
        f"{request.method} {address} and its query, with the four values of a key that was not revoked.",
        BAD_SIGNATURE,
    )


def _bases(request: Request, words: dict[str, str], sites: Iterable[str]) -> list[str]:
    query = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    signed, bases = [*query, *words.items()], []
    for site in sites:
        with suppress(ValueError):  # where the Host header names no host there is no address to sign
            bases.append(str(construct_base_string(request.method, f"{site}{_path(request)}", signed)))
    return bases


def _path(request: Request) -> str:
    """Tell the path as the caller wrote it, escaped: so it was signed."""
    path: bytes = request.scope["raw_path"]
    return path.decode("latin-1")


def _sites(request: Request) -> tuple[str, ...]:
    """
    Name where the caller may think that they ask.

    Somebody may have come by a proxy that took TLS off, or asks by a host name of its own; and a client
    whose host cannot be changed signs for X's, whatever carries its requests here.
    """
    return tuple(dict.fromkeys((site_of(request), asked_at(request), *_X_SITES)))


def _must_be_now(timestamp: str, now_ms: int) -> None:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise unauthorized("oauth_timestamp is a number of seconds since 1970.", BAD_CLOCK)
    off_ms = int(timestamp) * 1000 - now_ms
    if abs(off_ms) > SIGNED_MS:
        raise unauthorized(
            f"oauth_timestamp is {off_ms // 1000} s off the gateway's clock, 300 s at most: set your clock.",
            BAD_CLOCK,
        )
