"""
Who has tried too many tokens, and is not listened to until the window ends.

Failures are counted in Redis; what follows from the counts is kept here, so that a
request that nothing is held against costs a look into small tables. An address with
too many failures is refused, but for tokens that held lately. An account for which
too many have failed refuses those addresses that were among them, and no other: its
owner is never locked out.

Another gateway learns of it when the same address fails there once.
"""

from collections import OrderedDict
from collections.abc import Hashable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from shared.domain.account import AccountId
from shared.store.tries import Tries

#: A person mistypes a token a few times a minute; more is a program that guesses.
ADDRESS_FAILURES = 30
ACCOUNT_FAILURES = 100
#: Enough for a crowd of addresses, some 2 MB; beyond it the oldest are forgotten, and counted in Redis still.
_REMEMBERED = 10_000
#: A token that held is trusted for so long to be no guess.
_HELD_MS = 10 * 60_000
#: What one IPv6 customer has: whoever has one address of it has them all.
_IPV6_PREFIX = 64


class _Until:
    """What holds until an instant, bounded in number."""

    def __init__(self) -> None:
        self._until_ms: OrderedDict[Hashable, int] = OrderedDict()

    def note(self, key: Hashable, until_ms: int) -> None:
        """Remember something until then."""
        self._until_ms[key] = until_ms
        self._until_ms.move_to_end(key)
        if len(self._until_ms) > _REMEMBERED:
            self._until_ms.popitem(last=False)

    def left_ms(self, key: Hashable, now_ms: int) -> int:
        """Tell how long it still holds; 0 when it does not."""
        return max(0, self._until_ms.get(key, 0) - now_ms)


class Guard:
    """Remembers, in this process, who is to wait."""

    def __init__(self, tries: Tries) -> None:
        self._tries = tries
        self._addresses = _Until()
        self._accounts = _Until()
        self._failed = _Until()
        self._held = _Until()

    def note_held(self, session_key: str, *, now_ms: int) -> None:
        """Remember that a token held: for a while it is looked at whoever else fails at its address."""
        if self._held.left_ms(session_key, now_ms) < _HELD_MS // 2:
            self._held.note(session_key, now_ms + _HELD_MS)

    def has_held(self, session_key: str, *, now_ms: int) -> bool:
        """Tell whether a token has held lately."""
        return self._held.left_ms(session_key, now_ms) > 0

    def wait_ms(self, host: str, account_id: AccountId | None, *, now_ms: int, what: str = "token") -> int:
        """Tell how long this host waits before a token that names this account, or `what`, is looked at."""
        address = f"{what} {_address_of(host)}"
        wait_ms = self._addresses.left_ms(address, now_ms)
        if not wait_ms and self._failed.left_ms((account_id, address), now_ms):
            wait_ms = self._accounts.left_ms(account_id, now_ms)
        return wait_ms

    async def note_failure(
        self, host: str, account_id: AccountId | None, *, now_ms: int, what: str = "token"
    ) -> None:
        """Count that a token from this host, naming this account if any, did not hold; or `what` it tried."""
        address = f"{what} {_address_of(host)}"
        by_address, by_account = await self._tries.count(address, account_id)
        if by_address.failures > ADDRESS_FAILURES:
            self._addresses.note(address, now_ms + by_address.left_ms)
        if account_id is not None:
            self._failed.note((account_id, address), now_ms + by_account.left_ms)
        if by_account.failures > ACCOUNT_FAILURES:
            self._accounts.note(account_id, now_ms + by_account.left_ms)


@lru_cache(maxsize=4096)
def _address_of(host: str) -> str:
    """Name what failures are counted for: an IPv4 address, or an IPv6 network."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:  # a socket's path, or nothing
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _IPV6_PREFIX), strict=False))
