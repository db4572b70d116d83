"""A broker in memory: what the scheduler sends is there for the fetcher at once."""

from shared.domain.account import AccountId
from shared.domain.lease import Lease


class MemoryBroker:
    """Keeps the jobs of all messages until they are taken."""

    def __init__(self):
        self._leases = []

    def enqueue(self, message):
        """Take a message as dramatiq's brokers do."""
        (jobs,) = message.args
        self._leases += [Lease(AccountId(int(account_id)), int(number)) for account_id, number in jobs]

    def waiting(self):
        """Count what nobody has taken."""
        return len(self._leases)

    def take(self):
        """Take all jobs."""
        taken, self._leases = self._leases, []
        return taken
