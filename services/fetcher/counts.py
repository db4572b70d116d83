"""What a fetcher counts, and X and its store with their answers counted."""

from prometheus_client import CollectorRegistry

from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.credential import Credential, OAuth2Credential
from shared.domain.lease import Lease
from shared.domain.outcome import Answer, word_for
from shared.domain.refresh import NotDone, Refreshed, Refreshing, Unclear
from shared.domain.timeline import Want
from shared.metrics import named
from shared.metrics.kinds import Histogram, Tally
from shared.store.connection import Connection
from shared.store.polls import Committed, Polls, Retention, Step
from shared.x.home import Home
from shared.x.tokens import Tokens
from shared.x.upstream import App, Upstream


class Counts:
    """What this fetcher counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        self._polls = Tally(named.POLLS, self.registry)
        self._fetches = Histogram(named.FETCHES, self.registry)
        self._tweets = Tally(named.TWEETS, self.registry)
        self._refreshes = Tally(named.REFRESHES, self.registry)
        self._queue_age = Histogram(named.QUEUE_AGE, self.registry)
        self._redis_failures = Tally(named.REDIS_FAILURES, self.registry)

    def polled(self, outcome: str) -> None:
        """Count a poll by the word for its outcome."""
        self._polls.add(outcome or "nothing")

    def fetched(self, outcome: str, took_ms: int) -> None:
        """Count a page that X was asked for."""
        self._fetches.observe(max(0, took_ms) / 1000, outcome)

    def added(self, tweets: int) -> None:
        """Count tweets that were not held."""
        self._tweets.add(by=tweets)

    def refreshed(self, result: str) -> None:
        """Count a credential that X was shown for a new one."""
        self._refreshes.add(result)

    def began(self, waited_ms: int) -> None:
        """Count a message whose jobs are begun; of a scheduler's clock that is ahead, none has waited."""
        self._queue_age.observe(max(0, waited_ms) / 1000)

    def redis_failed(self, reason: str) -> None:
        """Count a call of Redis that failed."""
        self._redis_failures.add(reason)


class CountedHome(Home):
    """X's home timelines, each answer counted and timed."""

    def __init__(self, upstream: Upstream, clock: Clock, counts: Counts) -> None:
        super().__init__(upstream, clock)
        self._counts = counts

    async def fetch(self, account_id: AccountId, credential: Credential, want: Want, posts: int) -> Answer:
        """Fetch what is wanted, as `Home` does."""
        began_ms = self._clock.now_ms()
        answer = await super().fetch(account_id, credential, want, posts)
        self._counts.fetched(word_for(answer.outcome), self._clock.now_ms() - began_ms)
        return answer


class CountedTokens(Tokens):
    """X's tokens, each refresh counted."""

    def __init__(self, upstream: Upstream, app: App, clock: Clock, counts: Counts) -> None:
        super().__init__(upstream, app, clock)
        self._counts = counts

    async def refresh(self, credential: OAuth2Credential) -> Refreshing:
        """Refresh a credential, as `Tokens` does."""
        answer = await super().refresh(credential)
        match answer:
            case Refreshed():
                self._counts.refreshed("refreshed")
            case NotDone():
                self._counts.refreshed("not-done")
            case Unclear():
                self._counts.refreshed("unclear")
        return answer


class CountedPolls(Polls):
    """The polls under way, the tweets that they add counted."""

    def __init__(self, redis: Connection, retention: Retention, counts: Counts) -> None:
        super().__init__(redis, retention)
        self._counts = counts

    async def commit(self, lease: Lease, step: Step, *, due_at_ms: int | None, now_ms: int) -> Committed:
        """Add a page, as `Polls` does."""
        committed = await super().commit(lease, step, due_at_ms=due_at_ms, now_ms=now_ms)
        self._counts.added(committed.added)
        return committed
