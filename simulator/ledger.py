"""What sign-in came to: how often something was done, and every secret that was ever given out."""

import secrets
from dataclasses import dataclass, field


@dataclass(slots=True)
class Ledger:
    """Counts, and all secrets, dead ones too."""

    codes: int = 0
    refreshes: int = 0
    replays: int = 0
    families_killed: int = 0
    revocations: int = 0
    secrets: set[str] = field(default_factory=set)

    def mint(self, prefix: str = "") -> str:
        """Make a secret that nobody can guess, and remember it."""
        return self.keep(prefix + secrets.token_hex(20))

    def keep(self, secret: str) -> str:
        """Remember a secret that was made elsewhere."""
        self.secrets.add(secret)
        return secret

    def counts(self) -> dict[str, int]:
        """Tell how often each thing was done."""
        return {
            "codes": self.codes,
            "refreshes": self.refreshes,
            "replays": self.replays,
            "families_killed": self.families_killed,
            "revocations": self.revocations,
        }
