"""
Many registered accounts, written straight into the store.

A crowd is old: each timeline holds 800 tweets, nothing is missing from it, and its
window is known, so a poll reads one page and is done. It is used to so many requests that
however many are due, all may be claimed at once.
"""

import random

import msgspec
import redis
from redis.client import Pipeline
from redis.cluster import ClusterNode, RedisCluster

from shared import cluster_url
from shared.domain.account import AccountId, shard_of
from shared.domain.price import Allowance, Price
from shared.domain.tweet import first_id_at
from shared.sealing import MasterKeys, seal
from shared.store import keys, prices
from simulator.ids import snowflake

Client = redis.Redis | RedisCluster

_TWEETS = 800
_TWEET_EVERY_MS = 60_000
_JOINED_MS = 1_500_000_000_000
_AT_ONCE = 2_000
#: So many requests a second are usual, as far as the scheduler knows.
_USUAL = 1e9


#: All accounts of a crowd have one data key, wrapped for each: to open it costs what it costs.
MASTER_KEY = bytes(32)
MASTER_KEYS = MasterKeys([MASTER_KEY])
_DATA_KEY = bytes(range(32))


def people(count: int) -> list[AccountId]:
    """Name so many accounts, with ids as X gives them, the same ones each time."""
    chance = random.Random(count)  # noqa: S311 (repeatable, not secret)
    joined = (_JOINED_MS + number * 61_001 for number in range(count))
    return [AccountId(snowflake(at_ms, chance.getrandbits(22))) for at_ms in joined]


def register(url: str, accounts: list[AccountId], now_ms: int, *, within_ms: int, timelines: bool) -> None:
    """Register accounts that fall due evenly `within_ms` from now, with or without their timelines."""
    client = _connect(url)
    client.config_set("zset-max-listpack-entries", 1024)
    dumped = _dump_timeline(client, now_ms) if timelines else b""
    for start in range(0, len(accounts), _AT_ONCE):
        pipe = client.pipeline() if isinstance(client, RedisCluster) else client.pipeline(transaction=False)
        for number, account_id in enumerate(accounts[start : start + _AT_ONCE], start):
            due_at_ms = now_ms + number * within_ms // len(accounts)
            _register(pipe, account_id, now_ms, due_at_ms)
            if dumped:
                pipe.restore(keys.timeline(account_id), 0, dumped, replace=True)
        pipe.execute()
    permit_all(client, len(accounts), now_ms)
    client.close()


def permit_all(client: Client, accounts: int, now_ms: int) -> None:
    """Let the scheduler claim whoever is due, however many: so many requests are usual."""
    usual = Price(1.0, _USUAL, tokens=0.0, spending=_USUAL, debt=0.0, adjusted_at_ms=now_ms)
    client.hset(keys.APP_PRICE, mapping=dict(prices.write(usual, Allowance(accounts, 60_000))))


def _connect(url: str) -> Client:
    cluster = cluster_url.read(url)
    if cluster is None:
        return redis.Redis.from_url(url)
    return RedisCluster(startup_nodes=[ClusterNode(host, port) for host, port in cluster.nodes])


def _register(pipe: Pipeline, account_id: AccountId, now_ms: int, due_at_ms: int) -> None:
    shard = shard_of(account_id)
    fields = {
        "username": f"p{account_id}", "name": "Person", "standing": "active", "registered_at_ms": now_ms,
        "credential": seal(_DATA_KEY, account_id, _credential(account_id)),
        "newest": keys.padded(first_id_at(now_ms - _TWEET_EVERY_MS)),
        "floor": keys.padded(first_id_at(now_ms - _TWEETS * _TWEET_EVERY_MS)), "gaps": "",
        "as_of_ms": now_ms - _TWEET_EVERY_MS, "failures": 0, "outcome": "page", "window_assumed": 0,
        "window_limit": 900_000, "window_left": 899_999, "window_resets_at_ms": now_ms + 900_000,
    }  # fmt: skip
    pipe.hset(keys.account(account_id), mapping=fields)
    pipe.set(keys.data_key(account_id), MASTER_KEYS.wrap(account_id, _DATA_KEY))
    pipe.sadd(keys.accounts(shard), account_id)
    pipe.zadd(keys.due(shard), {str(account_id): due_at_ms})


def _credential(account_id: AccountId) -> bytes:
    return msgspec.json.encode(
        {
            "type": "oauth2",
            "access_token": f"at-{account_id:040}",
            "refresh_token": None,
            "expires_at_ms": 2**42,
            "scope": "tweet.read users.read offline.access",
        }
    )


def _dump_timeline(client: Client, now_ms: int) -> bytes:
    """Make one timeline and take its bytes, so that the others need not be built tweet by tweet."""
    ids = (first_id_at(now_ms - age * _TWEET_EVERY_MS) for age in range(1, _TWEETS + 1))
    client.zadd("made", {keys.padded(each): 0 for each in ids})
    dumped: bytes = client.dump("made")
    client.delete("made")
    return dumped
