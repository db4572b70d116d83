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
