"""
The exclusive right to poll one account until it falls due again.

A lease is a due time in the future plus a number. Claiming gives the number,
beginning the poll counts it up, settling ends it: whoever holds another one can
change nothing, so late and doubled jobs are harmless (ADRs 0005 and 0033).
"""

from dataclasses import dataclass

from shared.domain.account import AccountId


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to poll `account_id`, good while `number` is its lease's."""

    account_id: AccountId
    number: int

    def spread(self) -> float:
        """Give a number in [0, 1) that differs from account to account and from lease to lease."""
        # Knuth's multiplicative hash: neighbouring ids and numbers end up far apart.
        return ((self.account_id ^ self.number) * 2_654_435_761 % 2**32) / 2**32
