"""A cluster of RabbitMQ loses a node while jobs go through it."""

import threading
from contextlib import closing

import dramatiq
import pika
from dramatiq.errors import BrokerConnectionError

from shared import queue
from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.lease import Lease
from tests.servers.process import pause, until

MESSAGES = 300


def _send_until_confirmed(broker, lease):
    """Send a job as a scheduler does, again after a fault; give how many times it failed."""
    faults, deadline_ms = 0, Clock().now_ms() + 30_000
    while True:
        try:
            queue.send(broker, [lease])
        except (pika.exceptions.AMQPError, BrokerConnectionError):
            faults += 1
            assert Clock().now_ms() < deadline_ms
            pause()
        else:
            return faults


def test_no_confirmed_job_is_lost_with_the_node_that_leads_the_queue(rabbitmq_cluster):
    sender, taker = queue.make_broker(rabbitmq_cluster.url), queue.make_broker(rabbitmq_cluster.url)
    arrived: set[int] = set()

    async def begin_all(leases):
        arrived.update(lease.number for lease in leases)

    queue.receive(taker, begin_all)
    worker = dramatiq.Worker(taker, worker_threads=2, worker_timeout=100)
    with closing(sender), closing(taker):
        assert sender.waiting() == 0  # the queue is there, and has a leader
        worker.start()
        try:
            leader = rabbitmq_cluster.leader(queue.QUEUE)
            killing = threading.Timer(0.1, rabbitmq_cluster.kill, [leader])
            killing.start()
            faults = sum(_send_until_confirmed(sender, Lease(AccountId(1), each)) for each in range(MESSAGES))
            killing.join()
            until(lambda: len(arrived) == MESSAGES, seconds=60)
        finally:
            worker.stop(timeout=5000)

        assert faults, "the node died when all was sent"
        assert rabbitmq_cluster.leader(queue.QUEUE) != leader


def test_who_starts_while_a_node_is_down_does_not_miss_it(rabbitmq_cluster):
    with closing(queue.make_broker(rabbitmq_cluster.url.partition(";")[0])) as first:
        assert (
            first.waiting() == 0
        )  # all queues are made through the node that dies, on which one might live alone
    rabbitmq_cluster.kill(0)

    with closing(queue.make_broker(rabbitmq_cluster.url)) as later:
        until(lambda: _answers(later), seconds=30)


def _answers(broker):
    """Tell whether a broker answers; one whose queues have just lost their leader does in a moment."""
    try:
        return broker.waiting() == 0
    except (pika.exceptions.AMQPError, BrokerConnectionError):
        return False
