"""
The one message, both ends of its wire, and the broker it goes through.

A message is a hint: it names accounts and lease numbers, nothing else, and it may
be lost, doubled or late. It carries a small batch of jobs, because a message per
job would cost a worker more than the job (docs/decisions/0004). Nothing is retried or
delayed by the broker: the schedule in Redis is the only retry.
"""

import random
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import dramatiq
import pika
import redis
from dramatiq import Consumer
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AsyncIO, CurrentMessage

from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.lease import Lease

QUEUE = "polls"
ACTOR = "poll"

#: A connection that cannot be made for so long is given up.
_TIMEOUT_SECONDS = 5
#: A broker that is silent for about two of these is taken to be down.
_HEARTBEAT_SECONDS = 10
#: Fetchers that have lost the same node come back to the others within this, after dramatiq's three seconds.
_SPREAD_SECONDS = 2
#: RabbitMQ's own bound, for the day the scheduler fails at keeping the queue short. It is part of the
#: queue: another figure would need the queue to be deleted first, so it is no setting.
_MAX_LENGTH = 10_000

#: dramatiq stamps messages with real time, also where ours is played faster.
_CLOCK = Clock()


class QuorumBroker(RabbitmqBroker):
    """
    RabbitMQ with quorum queues, which outlive the loss of a node.

    The scheduler keeps the queue short by not claiming while it is full; the bound
    here is for the day it fails at that: the oldest messages go, whose leases run
    out first.

    A message is confirmed when most nodes have it. That costs a message about a millisecond,
    and a message carries up to a hundred jobs; so what is lost with a node is known at once and
    falls due again at once, not when its leases run out (ADR 0031).
    """

    def __init__(self, *, urls: Sequence[str]) -> None:
        # In an order of its own: programs spread over the nodes, also those that have lost the same one.
        spread = random.sample(urls, len(urls))
        super().__init__(url=spread, confirm_delivery=True, middleware=[AsyncIO(), CurrentMessage()])
        self._has_consumed = threading.Event()
        for parameters in self.parameters:
            parameters.socket_timeout = _TIMEOUT_SECONDS
            parameters.stack_timeout = _TIMEOUT_SECONDS
            parameters.blocked_connection_timeout = _TIMEOUT_SECONDS
            parameters.heartbeat = _HEARTBEAT_SECONDS

    def _build_queue_arguments(self, queue_name: str) -> dict[str, Any]:  # noqa: ARG002 (as dramatiq calls it)
        # No dead letters: what is dropped falls due again with its lease.
        return {"x-queue-type": "quorum", "x-max-length": _MAX_LENGTH, "x-overflow": "drop-head"}

    def _declare_xq_queue(self, queue_name: str) -> None:
        """Make no queue of dead letters: dramatiq's lives on one node, and without it nobody could start."""

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> Consumer:
        """Take messages; again after a fault only in a while, for others have lost the same node."""
        if self._has_consumed.is_set():
            threading.Event().wait(random.uniform(0, _SPREAD_SECONDS))  # noqa: S311 (to spread)
        self._has_consumed.set()
        return super().consume(queue_name, prefetch, timeout)

    def waiting(self) -> int:
        """
        Count the messages that no fetcher has taken yet.

        Errors: pika's AMQPError, SSLError when TLS finds somebody else; the next call connects anew.
        """
        try:
            return self._count()
        except pika.exceptions.AMQPConnectionError:
            return self._count()  # who has had nothing to ask for a while, as while X is out, was hung up on

    def _count(self) -> int:
        try:
            self.declare_queue(QUEUE, ensure=True)
            return int(self.channel.queue_declare(queue=QUEUE, passive=True).method.message_count)
        except pika.exceptions.AMQPError:
            self.queues_pending.add(QUEUE)  # the broker may come back without it
            del self.connection
            raise


class EmbeddedBroker(RedisBroker):
    """dramatiq's own broker on Redis, for one machine."""

    def __init__(self, *, url: str) -> None:
        client = redis.Redis.from_url(
            url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS
        )
        super().__init__(client=client, middleware=[AsyncIO(), CurrentMessage()])  # type: ignore[no-untyped-call] # untyped in dramatiq

    def waiting(self) -> int:
        """
        Count the messages that no fetcher has taken yet.

        Errors: redis's RedisError.
        """
        return int(self.client.llen(f"{self.namespace}:{QUEUE}"))


Broker = QuorumBroker | EmbeddedBroker


def make_broker(url: str) -> Broker:
    """
    Make the broker that `url` names: `amqp://…` (several, separated by `;`) or `redis://…`.

    Nothing is connected before the first use.

    Errors: ValueError for another scheme.
    """
    scheme = url.partition(":")[0]
    if scheme in {"amqp", "amqps"}:
        return QuorumBroker(urls=url.split(";"))
    if scheme in {"redis", "rediss"}:
        return EmbeddedBroker(url=url)
    raise ValueError(f"a broker is amqp://… or redis://…, not {scheme}://")


def send(broker: Broker, leases: Sequence[Lease]) -> None:
    """
    Send one message that carries these jobs.

    Errors: dramatiq's ConnectionError, redis's RedisError; the leases run out and fall due again.
    """
    broker.enqueue(
        dramatiq.Message(
            queue_name=QUEUE,
            actor_name=ACTOR,
            # Ids are text on every wire: a reader of JSON may take numbers for doubles.
            args=([[str(lease.account_id), lease.number] for lease in leases],),
            kwargs={},
            options={},
        )
    )


def receive(
    broker: Broker,
    begin_all: Callable[[list[Lease]], Awaitable[None]],
    note_wait: Callable[[int], None] = lambda _: None,
) -> None:
    """
    Have `begin_all` called, on the worker's event loop, with the jobs of each message.

    Before that `note_wait` is told for how many milliseconds the message has waited, by the clocks of who
    sent it and of this machine. The message is done with when `begin_all` returns; the broker gives one that
    is not to another fetcher. What a scheduler of a later version adds to it is passed over.
    """

    async def poll(jobs: list[list[Any]], *_: object, **__: object) -> None:
        message = CurrentMessage.get_current_message()
        if message is not None:
            note_wait(_CLOCK.now_ms() - message.message_timestamp)
        await begin_all([Lease(AccountId(int(account_id)), int(number)) for account_id, number, *_ in jobs])

    dramatiq.actor(broker=broker, actor_name=ACTOR, queue_name=QUEUE)(poll)
