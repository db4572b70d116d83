"""
Whom people let in by OAuth 2.0: codes, and the families of tokens that come of them.

A family is all that came of one consent: access tokens, which expire, and one refresh
token after the other, each good once. A code or a refresh token that is shown again
may be in strange hands, so its whole family dies. Everybody has a family from the
start, which nobody needed to consent to.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.ledger import Ledger
from simulator.people import SCOPE, Person

#: X's codes live so long.
CODE_MS = 30_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What an app asks a person to consent to, and how it will prove that it was the one who asked."""

    redirect_uri: str
    scope: str
    code_challenge: str
    code_challenge_method: str

    def is_proved_by(self, verifier: str) -> bool:
        """Tell whether this verifier belongs to the challenge."""
        made = verifier.encode()
        if self.code_challenge_method == "S256":
            made = base64.urlsafe_b64encode(hashlib.sha256(made).digest()).rstrip(b"=")
        return hmac.compare_digest(made, self.code_challenge.encode())


@dataclass(slots=True, eq=False)
class Family:
    """What came of one consent."""

    person: Person
    scope: str
    alive: bool = True


@dataclass(slots=True)
class Code:
    """A consent on its way; `family` is what it was traded for."""

    person: Person
    asked: Asked
    expires_at_ms: int
    family: Family | None = None


@dataclass(slots=True)
class Access:
    """An access token."""

    family: Family
    expires_at_ms: int


@dataclass(slots=True)
class Refresh:
    """A refresh token, good once."""

    family: Family
    used: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """What the app is given; without a refresh token unless it asked for offline access."""

    access_token: str
    refresh_token: str | None
    scope: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the app is given nothing, in X's words."""

    description: str


NO_CODE = Refusal("Value passed for the authorization code was invalid.")
NO_PROOF = Refusal("Value passed for the code verifier did not match the code challenge.")
NO_TOKEN = Refusal("Value passed for the token was invalid.")


class Grants:
    """All codes, families and tokens; access tokens live `access_token_ms`."""

    def __init__(self, access_token_ms: int, ledger: Ledger) -> None:
        self.access_token_ms = access_token_ms
        self._ledger = ledger
        self._codes: dict[str, Code] = {}
        self._accesses: dict[str, Access] = {}
        self._refreshes: dict[str, Refresh] = {}

    def admit(self, person: Person) -> None:
        """Know the tokens that a person has from the start."""
        family = Family(person, SCOPE)
        self._accesses[self._ledger.keep(person.access_token)] = Access(family, person.expires_at_ms)
        self._refreshes[self._ledger.keep(person.refresh_token)] = Refresh(family)

    def who(self, access_token: str, now_ms: int) -> Person | None:
        """Say whose access token this is; None when it is worth nothing."""
        access = self._accesses.get(access_token)
        if access is None or not access.family.alive or now_ms >= access.expires_at_ms:
            return None
        return access.family.person

    def owner(self, secret: str) -> Person | None:
        """Say whose code or token this is or was."""
        if code := self._codes.get(secret):
            return code.person
        family = self._family(secret)
        return family.person if family else None

    def consent(self, person: Person, asked: Asked, now_ms: int) -> str:
        """Give the code that a person's consent is worth."""
        self._ledger.codes += 1
        code = self._ledger.mint("code-")
        self._codes[code] = Code(person, asked, now_ms + CODE_MS)
        return code

    def trade(self, given: str, redirect_uri: str, verifier: str, now_ms: int) -> Pair | Refusal:
        """Give tokens for a code, once; a code that comes again takes back what it gave."""
        code = self._codes.get(given)
        if code is not None and code.family is not None:
            self._kill(code.family)
            return NO_CODE
        if code is None or now_ms >= code.expires_at_ms or redirect_uri != code.asked.redirect_uri:
            return NO_CODE
        if not code.asked.is_proved_by(verifier):
            return NO_PROOF
        code.family = Family(code.person, code.asked.scope)
        return self._pair(code.family, now_ms)

    def refresh(self, given: str, now_ms: int) -> Pair | Refusal:
        """Give new tokens for a refresh token, once; one that comes again kills its family."""
        refresh = self._refreshes.get(given)
        if refresh is None:
            return NO_TOKEN
        if refresh.used:
            self._ledger.replays += 1
            self._kill(refresh.family)
        if not refresh.family.alive:
            return NO_TOKEN
        refresh.used = True
        self._ledger.refreshes += 1
        return self._pair(refresh.family, now_ms)

    def revoke(self, token: str) -> bool:
        """Kill the family of a token; False for a token that never was."""
        family = self._family(token)
        if family is None:
            return False
        self._ledger.revocations += family.alive
        self._kill(family)
        return True

    def kill_all(self, person: Person) -> None:
        """Kill every family of a person, and the codes that are on their way."""
        for code in self._codes.values():
            if code.person is person:
                code.expires_at_ms = 0
        for access in self._accesses_of(person):
            self._kill(access.family)

    def expire_all(self, person: Person, now_ms: int) -> None:
        """Let a person's access tokens expire now."""
        person.expires_at_ms = min(person.expires_at_ms, now_ms)
        for access in self._accesses_of(person):
            access.expires_at_ms = min(access.expires_at_ms, now_ms)

    def _accesses_of(self, person: Person) -> Iterator[Access]:
        return (each for each in self._accesses.values() if each.family.person is person)

    def _family(self, token: str) -> Family | None:
        found = self._accesses.get(token) or self._refreshes.get(token)
        return found.family if found else None

    def _pair(self, family: Family, now_ms: int) -> Pair:
        access_token = self._ledger.mint("at-")
        self._accesses[access_token] = Access(family, now_ms + self.access_token_ms)
        if "offline.access" not in family.scope.split():
            return Pair(access_token, None, family.scope)
        refresh_token = self._ledger.mint("rt-")
        self._refreshes[refresh_token] = Refresh(family)
        return Pair(access_token, refresh_token, family.scope)

    def _kill(self, family: Family) -> None:
        self._ledger.families_killed += family.alive
        family.alive = False
