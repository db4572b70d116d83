"""
The credential of one poll: opened, and refreshed first if it expires shortly.

    open -> mark (on disk) -> ask X -> swap (on disk) -> use

Only the holder of the account's lease comes here, and only one mark is let through,
so a refresh token is shown to X once. If X surely did nothing the mark is taken
back; if that is unclear, or we die here, it stays: then the access token serves
until it expires, and after that the person is asked to sign in again.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, assert_never

import structlog
from structlog.typing import FilteringBoundLogger

from shared.clock import Clock
from shared.domain.credential import Credential, OAuth2Credential
from shared.domain.outcome import Failure, Limited, Malformed, Refused, Stopped, Unavailable
from shared.domain.refresh import NotDone, Refreshed, Unclear, is_refresh_due
from shared.store.climate import Climates
from shared.store.connection import StoreError
from shared.store.credentials import Credentials, NotFlushedError
from shared.store.polls import Begun
from shared.x.tokens import Tokens

#: How often, and how soon after one another, what must not be lost is told to a Redis that does not answer.
_TRIES = 6
_WAIT_MS = 1_500

T = TypeVar("T")
_SIGN_IN = Refused("sign-in-needed", certain=True)


def is_elsewhere(refreshed: Credential | Failure) -> bool:
    """Tell whether a refresh failed for a reason that lies in nobody's credential."""
    return isinstance(refreshed, Unavailable | Malformed | Limited | Stopped)


class Refresher:
    """Opens credentials for polls, and refreshes those that expire shortly."""

    def __init__(self, tokens: Tokens, stores: tuple[Credentials, Climates], clock: Clock) -> None:
        self._tokens = tokens
        self._credentials, self._climates = stores
        self._clock = clock
        self._under_way = 0
        self.draining = False
        self._log: FilteringBoundLogger = structlog.get_logger()

    async def open(self, begun: Begun) -> Credential | Failure:
        """
        Open the credential of a poll, refreshed if that is due; else say why X cannot be asked with it.

        Errors: RedisError, UnknownKeyError; the lease runs out and the account falls due again.
        """
        now_ms = self._clock.now_ms()
        credential = await self._credentials.open(begun.lease.account_id, begun.sealed, now_ms=now_ms)
        if credential is None:
            return _SIGN_IN
        if not isinstance(credential, OAuth2Credential) or not await self._is_due(begun, credential):
            return credential
        is_expired = self._clock.now_ms() >= credential.expires_at_ms
        if begun.refreshing or credential.refresh_token is None or not self._tokens.can_refresh():
            return _SIGN_IN if is_expired else credential
        if self.draining:
            return credential if not is_expired else Unavailable("stopping")
        with self._counted():
            refreshed = await self._refresh(begun, credential)
        # Until it expires the old one serves, unless X says that it does not.
        return credential if not is_expired and is_elsewhere(refreshed) else refreshed

    async def finish(self, *, within_ms: int) -> None:
        """Begin no further refresh, and wait for those under way: what X has given is kept."""
        self.draining = True
        deadline_ms = self._clock.now_ms() + within_ms
        while self._under_way and self._clock.now_ms() < deadline_ms:
            await self._clock.sleep_ms(100)

    async def _is_due(self, begun: Begun, credential: OAuth2Credential) -> bool:
        """Say whether to refresh: shortly before it expires, or to find out why X refused it."""
        now_ms = self._clock.now_ms()
        if is_refresh_due(credential, now_ms=now_ms, spread=begun.lease.spread()):
            return True
        return begun.record.strikes > 0 and not (await self._climates.now(now_ms=now_ms)).is_outage()

    async def _refresh(self, begun: Begun, credential: OAuth2Credential) -> Credential | Failure:
        seal = await self._credentials.sealer(begun.lease.account_id)
        if seal is None:
            return _SIGN_IN
        try:
            if not await self._credentials.mark(begun.lease, begun.sealed):
                return Unavailable("refresh-elsewhere")
        except (NotFlushedError, StoreError):  # it may be marked, and X has not been asked
            await self._patiently(lambda: self._credentials.unmark(begun.lease))
            return Unavailable("store-slow")
        answer = await self._tokens.refresh(credential)
        match answer:
            case Refreshed(fresh):
                return await self._keep(begun, fresh, seal(fresh))
            case NotDone(failure):
                await self._patiently(lambda: self._credentials.unmark(begun.lease))
                self._tell(begun, failure, unclear=False)
                return failure
            case Unclear(failure):
                self._tell(begun, failure, unclear=True)
                return failure
            case _:
                assert_never(answer)

    async def _keep(self, begun: Begun, fresh: OAuth2Credential, sealed: bytes) -> Credential | Failure:
        """Keep the next credential; until it is on disk it is not used."""
        account_id, now_ms = begun.lease.account_id, self._clock.now_ms()
        try:
            swapped = await self._patiently(
                lambda: self._credentials.swap(begun.lease, begun.sealed, sealed, now_ms=now_ms)
            )
        except NotFlushedError:
            return Unavailable("store-slow")
        self._log.info("credential refreshed", account_id=str(account_id), kept=swapped)
        if not swapped:  # its person was forgotten, or signed in anew, meanwhile: nobody is to have it
            await self._tokens.revoke(fresh)
            return Unavailable("refresh-elsewhere")
        await self._climates.note_refreshed(account_id, now_ms=now_ms)
        return fresh

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """Call the store, and again while it fails, within reason: what is lost here costs a sign-in."""
        for _ in range(_TRIES - 1):
            try:
                return await call()
            except StoreError:
                await self._clock.sleep_ms(_WAIT_MS)
        return await call()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def _tell(self, begun: Begun, failure: Failure, *, unclear: bool) -> None:
        self._log.warning(
            "credential not refreshed",
            account_id=str(begun.lease.account_id),
            reason=repr(failure),
            unclear=unclear,
        )
