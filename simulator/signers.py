"""
Whom people let in by OAuth 1.0a: tokens that sign, and how one comes by them.

A request token is what a sign-in is known by until the person has decided. A user
token never expires; the app has one for each person as long as it is good, and is
given the same one again.
"""

from dataclasses import dataclass, field

from simulator.ledger import Ledger
from simulator.people import Person


@dataclass(frozen=True, slots=True)
class Signer:
    """A token in whose name the app signs."""

    person: Person
    token: str
    secret: str = field(repr=False)


@dataclass(slots=True)
class Wish:
    """A sign-in under way: `person` is who consented, as `verifier` proves."""

    callback: str
    secret: str = field(repr=False)
    person: Person | None = None
    verifier: str = field(default="", repr=False)


class Signers:
    """All user tokens that are good, and all request tokens that are not used up."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._by_token: dict[str, Signer] = {}
        self._by_person: dict[str, Signer] = {}
        self._wishes: dict[str, Wish] = {}

    def admit(self, person: Person) -> None:
        """Know the token that a person has from the start."""
        self._add(Signer(person, person.token, person.token_secret))

    def of(self, token: str) -> Signer | None:
        """Find a token that is good."""
        return self._by_token.get(token)

    def wish(self, callback: str) -> tuple[str, Wish]:
        """Begin a sign-in: a request token, and what is known of it."""
        token, wish = self._ledger.mint(), Wish(callback, self._ledger.mint())
        self._wishes[token] = wish
        return token, wish

    def wished(self, request_token: str) -> Wish | None:
        """Find a sign-in under way."""
        return self._wishes.get(request_token)

    def consent(self, wish: Wish, person: Person) -> str:
        """Give the verifier that a person's consent is worth."""
        wish.person, wish.verifier = person, self._ledger.mint()
        return wish.verifier

    def deny(self, request_token: str) -> None:
        """End a sign-in that the person did not want."""
        self._wishes.pop(request_token, None)

    def trade(self, request_token: str, verifier: str) -> Signer | None:
        """Give the person's token for a request token they consented to, once."""
        wish = self._wishes.get(request_token)
        if wish is None or wish.person is None or wish.verifier != verifier:
            return None
        del self._wishes[request_token]
        return self._by_person.get(wish.person.id) or self._made(wish.person)

    def kill(self, signer: Signer) -> None:
        """Make a token worthless."""
        self._by_token.pop(signer.token, None)
        self._by_person.pop(signer.person.id, None)

    def kill_all(self, person: Person) -> None:
        """Make a person's token worthless, and what they consented to but was not fetched yet."""
        if signer := self._by_person.get(person.id):
            self.kill(signer)
        self._wishes = {token: wish for token, wish in self._wishes.items() if wish.person is not person}

    def _made(self, person: Person) -> Signer:
        signer = Signer(person, self._ledger.mint(f"{person.id}-"), self._ledger.mint())
        return self._add(signer)

    def _add(self, signer: Signer) -> Signer:
        self._ledger.keep(signer.token)
        self._ledger.keep(signer.secret)
        self._by_token[signer.token] = self._by_person[signer.person.id] = signer
        return signer
