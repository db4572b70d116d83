"""
OAuth 1.0a signatures, really verified.

They carry real time: signing libraries know no other, so a simulation with another
clock still checks them by the real one.
"""

import hmac
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit
from urllib.request import parse_http_list, parse_keqv_list

from authlib.oauth1.rfc5849.signature import construct_base_string, hmac_sha1_signature

#: X refuses signatures whose timestamp is further off than this.
_TIMESTAMP_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Signed:
    """A request that came with an `OAuth` header: `protocol` is what stands there."""

    method: str
    url: str
    protocol: dict[str, str] = field(repr=False)
    form: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def token(self) -> str:
        """Tell the token in whose name it is signed; nothing for the app's own."""
        return self.protocol.get("oauth_token", "")

    def param(self, name: str) -> str:
        """Find a parameter in header, form or query."""
        return self.protocol.get(name) or dict(self._given()).get(name, "")

    def base(self) -> str:
        """Write down what the signature is of."""
        signed = [*self._given(), *self.protocol.items()]
        return str(construct_base_string(self.method, self.url, signed))

    def _given(self) -> list[tuple[str, str]]:
        return [*parse_qsl(urlsplit(self.url).query, keep_blank_values=True), *self.form]


@dataclass(frozen=True, slots=True)
class Consumer:
    """The one app that X knows by OAuth 1.0a."""

    key: str
    secret: str = field(repr=False)

    def has_signed(self, request: Signed, token_secret: str) -> bool:
        """Tell whether a request was signed by the app, just now, with this token's secret."""
        if request.protocol.get("oauth_consumer_key") != self.key or not _is_timely(request):
            return False
        expected = hmac_sha1_signature(request.base(), self.secret, token_secret)
        given = request.protocol.get("oauth_signature", "")
        return hmac.compare_digest(expected.encode(), given.encode())


def read_signed(method: str, url: str, authorization: str, form: Iterable[tuple[str, str]] = ()) -> Signed:
    """Read a signed request; what cannot be read of its header is not there."""
    try:
        params = parse_keqv_list(parse_http_list(authorization.partition(" ")[2]))
    except (IndexError, ValueError):
        params = {}
    protocol = {unquote(name): unquote(value) for name, value in params.items() if name != "realm"}
    return Signed(method, url, protocol, tuple(form))


def _is_timely(request: Signed) -> bool:
    timestamp = request.protocol.get("oauth_timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit()):
        return False
    return abs(int(timestamp) - time.time_ns() // 10**9) <= _TIMESTAMP_SECONDS
