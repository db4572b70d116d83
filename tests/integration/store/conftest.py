"""A store of one's own, on a real Redis, and an account in it."""

from dataclasses import dataclass

import pytest

from shared.domain.account import SHARDS, AccountId
from shared.domain.lease import Lease
from shared.domain.timeline import Held, Page, join, want_newest
from shared.domain.tweet import TweetId, first_id_at
from shared.sealing import MasterKeys
from shared.store.accounts import Accounts
from shared.store.bodies import Bodies
from shared.store.climate import Climates
from shared.store.connection import Connection, connect
from shared.store.credentials import Credentials
from shared.store.datakeys import DataKeys
from shared.store.polls import Begun, Committed, Polls, Retention, Step
from shared.store.schedule import Schedule
from shared.store.sessions import Claimed, Sessions, Terms, read_token
from shared.store.timelines import Timelines
from tests.servers.programs import SECRET_KEYS
from tests.servers.redis_cluster import RedisCluster

NOW_MS = 1_800_000_000_000
LEASE_MS = 60_000
DAY_MS = 86_400_000
ADA, BOB = AccountId(12), AccountId(34)
#: Somebody of Ada's own shard, whose keys one script can reach together with hers.
NEIGHBOUR = AccountId(ADA + SHARDS)


@dataclass
class Store:
    """Every part of the store, on one connection."""

    redis: Connection

    def __post_init__(self):
        self.accounts = Accounts(self.redis)
        self.schedule = Schedule(self.redis)
        self.polls = Polls(self.redis, Retention(age_ms=30 * DAY_MS, tweets=50))
        self.timelines = Timelines(self.redis)
        self.sessions = Sessions(self.redis)
        self.data_keys = DataKeys(self.redis, MasterKeys.read(SECRET_KEYS))
        self.credentials = Credentials(self.redis, self.data_keys)
        self.climates = Climates(self.redis)
        self.bodies = Bodies(self.redis, age_ms=30 * DAY_MS)

    async def register(self, account_id: AccountId, now_ms: int = NOW_MS) -> bool:
        names = (f"user{account_id}", f"User {account_id}")
        return await self.accounts.register(account_id, names, b"sealed", now_ms=now_ms)

    async def claim(self, now_ms: int = NOW_MS) -> list[Lease]:
        return await self.schedule.claim(now_ms=now_ms, lease_ms=LEASE_MS, per_shard=10)

    async def begin(self, lease: Lease, now_ms: int = NOW_MS):
        return await self.polls.begin(lease, now_ms=now_ms, lease_ms=LEASE_MS)

    async def begun(self, now_ms: int = NOW_MS) -> Begun:
        (lease,) = await self.claim(now_ms)
        begun = await self.begin(lease, now_ms)
        assert isinstance(begun, Begun)
        return begun

    async def commit(
        self, begun: Begun, page: Page, *, window=None, lease_ms=None, now_ms: int = NOW_MS
    ) -> bool:
        return (await self.committed(begun, page, window=window, lease_ms=lease_ms, now_ms=now_ms)).goes_on

    async def committed(
        self, begun: Begun, page: Page, *, window=None, lease_ms=None, now_ms: int = NOW_MS
    ) -> Committed:
        held = join(begun.held, want_newest(begun.held, 0), page)
        step = Step(page, held, window, lease_ms)
        due_at_ms = now_ms + 60_000
        return await self.polls.commit(begun.lease, step, due_at_ms=due_at_ms, now_ms=now_ms)

    async def held(self, account_id: AccountId = ADA) -> Held:
        kept = await self.accounts.find(account_id)
        assert kept is not None
        return kept.held

    async def ids(self, account_id: AccountId = ADA) -> list[int]:
        members = await self.redis.zrange(f"{{s{account_id % 256}}}:timeline:{account_id}", 0, -1, desc=True)
        return [int(each) for each in members]

    async def dump(self) -> dict[bytes, bytes]:
        return {key: await self.redis.dump(key) async for key in self.redis.scan_iter()}


@pytest.fixture(params=["server", "cluster"])
def redis_db(request):
    """An empty Redis of each kind: whatever a store does, it does on a cluster too."""
    return request.getfixturevalue("one_redis" if request.param == "server" else "cluster_db")


@pytest.fixture
async def store(redis_db):
    connection = connect(redis_db)
    yield Store(connection)
    await connection.aclose()


def tweet_ids(*low_bits: int, at_ms: int = NOW_MS) -> tuple[TweetId, ...]:
    """Ids written at one instant, newest first."""
    return tuple(TweetId(first_id_at(at_ms) + each) for each in sorted(low_bits, reverse=True))


async def speak_for(store: Store, account_id: AccountId) -> Claimed:
    """Begin a session of an account, and claim to be it."""
    given = await store.sessions.begin(account_id, Terms.app(60_000), now_ms=NOW_MS)
    claimed = read_token(given.token)
    assert claimed is not None
    return claimed


@pytest.fixture(scope="package")
def hurt(tmp_path_factory):
    """A cluster of these tests' own, to be hurt."""
    cluster = RedisCluster(tmp_path_factory.mktemp("cluster") / "nodes")
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def cluster(hurt):
    """A cluster to be hurt, empty and well when the test begins."""
    hurt.mend()
    hurt.flush()
    return hurt
