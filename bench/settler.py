"""
Takes jobs and settles their leases without polling: what a fetcher would do that cost nothing.

It lets the dispatch be measured by itself: accounts fall due again after their
cadence, at a rate that no fetcher of one machine could keep up with.

    python -m bench.settler BROKER_URL REDIS_URL CADENCE_MS
"""

import sys
import threading

from dramatiq import Worker

from shared import queue
from shared.clock import Clock
from shared.domain.account import shard_of
from shared.domain.lease import Lease
from shared.store import keys
from shared.store.connection import connect


def settle(broker_url: str, redis_url: str, cadence_ms: int) -> None:
    """Settle until killed."""
    redis, clock = connect(redis_url), Clock()

    async def settle_all(leases: list[Lease]) -> None:
        due_at_ms = clock.now_ms() + cadence_ms
        commands = []
        for lease in leases:
            shard = shard_of(lease.account_id)
            commands += [
                ("ZADD", keys.due(shard), "XX", due_at_ms, lease.account_id),
                ("HDEL", keys.leases(shard), lease.account_id),
            ]
        await redis.ask_all(commands)

    broker = queue.make_broker(broker_url)
    queue.receive(broker, settle_all)
    Worker(broker, worker_threads=8, worker_timeout=100).start()
    threading.Event().wait()


if __name__ == "__main__":
    settle(sys.argv[1], sys.argv[2], int(sys.argv[3]))
