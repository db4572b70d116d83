"""Who asks: somebody's OAuth 2.0 bearer token, or a signature in their name."""

from collections.abc import Iterable, Mapping

from simulator.grants import Grants
from simulator.people import Person
from simulator.signatures import Consumer, read_signed
from simulator.signers import Signers


class Doorkeeper:
    """Knows everybody by the tokens that the app has for them."""

    def __init__(self, consumer: Consumer, grants: Grants, signers: Signers) -> None:
        self._consumer = consumer
        self._grants = grants
        self._signers = signers

    def admit(self, people: Iterable[Person]) -> None:
        """Know the tokens that these people have from the start."""
        for person in people:
            self._grants.admit(person)
            self._signers.admit(person)

    def who(self, url: str, headers: Mapping[str, str], now_ms: int) -> Person | None:
        """Say in whose name a GET of `url` is made; None when X would not believe it."""
        authorization = headers.get("authorization", "")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() == "bearer":
            return self._grants.who(token, now_ms)
        return self._signed(url, authorization) if scheme.lower() == "oauth" else None

    def shut_out(self, person: Person) -> None:
        """Make every token of a person worthless, as when they remove the app at X."""
        self._grants.kill_all(person)
        self._signers.kill_all(person)

    def _signed(self, url: str, authorization: str) -> Person | None:
        request = read_signed("GET", url, authorization)
        signer = self._signers.of(request.token)
        is_theirs = signer is not None and self._consumer.has_signed(request, signer.secret)
        return signer.person if signer and is_theirs else None
