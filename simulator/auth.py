"""
Who asks: OAuth 1.0a signatures, really verified, and OAuth 2.0 bearer tokens.

Signatures carry real time: signing libraries know no other, so a simulation with
another clock still checks them by the real one.
"""

import hmac
import time
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, unquote, urlsplit
from urllib.request import parse_http_list, parse_keqv_list

from authlib.oauth1.rfc5849.signature import construct_base_string, hmac_sha1_signature

from simulator.grants import Grants
from simulator.people import Person

#: X refuses signatures whose timestamp is further off than this.
_TIMESTAMP_SECONDS = 300


class Doorkeeper:
    """Knows the app's keys and everybody's tokens."""

    def __init__(self, consumer_key: str, consumer_secret: str, grants: Grants) -> None:
        self._grants = grants
        self._consumer_key = consumer_key
        self._consumer_secret = consumer_secret
        self._by_token: dict[str, Person] = {}

    def admit(self, people: Iterable[Person]) -> None:
        """Know these people's tokens."""
        for person in people:
            self._grants.admit(person)
            self._by_token[person.token] = person

    def who(self, url: str, headers: Mapping[str, str], now_ms: int) -> Person | None:
        """Say in whose name a GET of `url` is made; None when X would not believe it."""
        authorization = headers.get("authorization", "")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() == "bearer":
            return self._grants.who(token, now_ms)
        if scheme.lower() == "oauth":
            person, believed = self._signed(url, authorization)
            return person if believed else None
        return None

    def shut_out(self, person: Person) -> None:
        """Make every token of a person worthless, as when they remove the app at X."""
        self._grants.kill_all(person)
        self._by_token.pop(person.token, None)

    def _signed(self, url: str, authorization: str) -> tuple[Person | None, bool]:
        given = _read_header(authorization)
        person = self._by_token.get(given.get("oauth_token", ""))
        if person is None or given.get("oauth_consumer_key") != self._consumer_key or not _is_timely(given):
            return None, False
        query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
        base = construct_base_string("GET", url, [*query, *given.items()])
        expected = hmac_sha1_signature(base, self._consumer_secret, person.token_secret)
        return person, hmac.compare_digest(expected.encode(), given.get("oauth_signature", "").encode())


def _read_header(authorization: str) -> dict[str, str]:
    """Read the protocol parameters of an `OAuth` header; none when they cannot be read."""
    try:
        params = parse_keqv_list(parse_http_list(authorization.partition(" ")[2]))
    except (IndexError, ValueError):
        return {}
    return {unquote(name): unquote(value) for name, value in params.items() if name != "realm"}


def _is_timely(given: Mapping[str, str]) -> bool:
    timestamp = given.get("oauth_timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit()):
        return False
    return abs(int(timestamp) - time.time_ns() // 10**9) <= _TIMESTAMP_SECONDS
