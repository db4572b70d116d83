"""One pass of the scheduler, on real servers, and the way of a job to a fetcher."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import dramatiq
import pika
import pytest
from dramatiq.errors import BrokerConnectionError
from redis.exceptions import RedisError

from services.scheduler import tick
from services.scheduler.tick import Rules, Ticker
from shared import queue
from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.lease import Lease
from shared.store.accounts import Accounts
from shared.store.breaker import Breaker
from shared.store.climate import Climates
from shared.store.connection import connect
from shared.store.gate import Gate
from shared.store.schedule import Schedule
from tests.integration.fetching import Later
from tests.servers import rabbitmq

RULES = Rules(lease_ms=60_000, claims_per_shard=100, jobs_per_message=50, queue_max_messages=20)


@pytest.fixture
async def store(redis_db):
    redis = connect(redis_db)
    yield redis
    await redis.aclose()


@pytest.fixture
def publisher():
    with ThreadPoolExecutor(1) as publisher:
        yield publisher


@pytest.fixture
def sent(each_broker, publisher):
    """A broker, and with it the one thread that speaks to it."""
    broker = queue.make_broker(each_broker)
    yield broker
    publisher.submit(broker.close).result()


async def register(store, count):
    accounts = Accounts(store)
    for number in range(count):
        await accounts.register(AccountId(number), ("u", "n"), b"sealed", now_ms=Clock().now_ms())


def ticker(store, broker, publisher):
    return Ticker((Schedule(store), Gate(store, burst_ms=3_600_000)), broker, publisher, Clock(), RULES)


def until_waiting(broker, publisher, count):
    """Wait until so many messages are in the queue: a broker counts what was sent a moment later."""
    deadline_ms = Clock().now_ms() + 20_000
    while publisher.submit(broker.waiting).result() != count:
        assert Clock().now_ms() < deadline_ms


async def test_what_is_due_is_sent_once(store, sent, publisher):
    await register(store, 30)
    ticking = ticker(store, sent, publisher)

    first, second = await ticking.tick(), await ticking.tick()

    assert (first.jobs, second.jobs) == (30, 0)
    until_waiting(sent, publisher, first.messages)


async def test_a_full_queue_stops_claiming_and_room_lets_it_go_on(store, sent, publisher):
    await register(store, 1)
    for _ in range(RULES.queue_max_messages):
        publisher.submit(queue.send, sent, [Lease(AccountId(1), 1)]).result()
    until_waiting(sent, publisher, RULES.queue_max_messages)
    ticking = ticker(store, sent, publisher)

    assert (await ticking.tick()).held_back == "queue-full"

    publisher.submit(sent.flush, queue.QUEUE).result()
    assert (await ticking.tick()).jobs == 1


async def test_nothing_is_claimed_while_x_has_stopped_the_app(store, sent, publisher):
    await register(store, 1)
    schedule = Schedule(store)
    for number in range(3):
        await schedule.strike(AccountId(number), "credit-empty", for_ms=60_000)

    assert (await ticker(store, sent, publisher).tick()).held_back == "credit-empty"


async def test_while_x_is_out_one_account_at_a_time_is_sent_and_nobody_who_reads_goes_first(
    store, sent, publisher
):
    await register(store, 30)
    clock, later = Clock(), Later(by_ms=6_000)
    for number in range(5):
        await Breaker(store).note_fault(AccountId(number), now_ms=clock.now_ms() - 20_000 + number * 5_000)
    await Schedule(store).hasten(AccountId(3), now_ms=clock.now_ms())

    at_once = await Ticker((Schedule(store), Gate(store)), sent, publisher, clock, RULES).tick()
    ticking = Ticker((Schedule(store), Gate(store)), sent, publisher, later, RULES)
    canaries = [await ticking.tick() for _ in range(4)]

    assert (at_once.jobs, at_once.held_back) == (0, "x-unavailable")
    assert sum(each.jobs for each in canaries) == 1
    assert {each.held_back for each in canaries} == {"x-unavailable"}
    await Climates(store).note_accepted(AccountId(1), now_ms=later.now_ms())
    assert sum([(await ticking.tick()).jobs for _ in range(9)]) > 0


async def test_a_queue_that_was_full_has_taken_no_claims(store, sent, publisher):
    await register(store, 9)
    gate = Gate(store)
    rules = replace(RULES, queue_max_messages=0)
    for _ in range(3):
        assert (
            await Ticker((Schedule(store), gate), sent, publisher, Clock(), rules).tick()
        ).held_back == "queue-full"

    assert (await Ticker((Schedule(store), gate), sent, publisher, Clock(), RULES).tick()).jobs == 9


def test_a_scheduler_makes_the_price_and_tells_it(programs, redis_db, broker):
    scheduler = programs.start("scheduler", redis_url=redis_db, broker_url=broker)

    scheduler.wait_until(lambda: '"event":"price"' in scheduler.output())
    assert scheduler.stop() == 0


async def test_many_jobs_share_a_message_and_few_go_to_several_fetchers(store, sent, publisher):
    await register(store, 400)

    ticked = await ticker(store, sent, publisher).tick()

    assert ticked.jobs == 400
    assert 16 <= ticked.messages <= 17


async def test_nothing_is_claimed_while_the_broker_does_not_answer(store, publisher):
    await register(store, 1)
    broker = queue.make_broker("amqp://guest:guest@127.0.0.1:1/")

    with pytest.raises((pika.exceptions.AMQPError, BrokerConnectionError, RedisError)):
        await ticker(store, broker, publisher).tick()

    assert len(await Schedule(store).claim(now_ms=Clock().now_ms(), lease_ms=1000, per_shard=1)) == 1


async def test_what_the_broker_did_not_take_is_due_at_once(store, sent, publisher, monkeypatch):
    await register(store, 400)
    taken = []

    def enqueue(message, **_):
        if len(taken) == 3:
            raise BrokerConnectionError("gone")
        taken.append(message)

    monkeypatch.setattr(sent, "enqueue", enqueue)  # no server fails after so many messages
    with pytest.raises(BrokerConnectionError):
        await ticker(store, sent, publisher).tick()

    left = await Schedule(store).claim(now_ms=Clock().now_ms(), lease_ms=1000, per_shard=100)
    assert len(left) == 400 - sum(len(message.args[0]) for message in taken)


async def test_a_broker_that_is_slow_with_each_message_does_not_keep_a_tick_for_all_of_them(
    store, sent, publisher, monkeypatch
):
    await register(store, 400)
    taken = []

    def enqueue(message, **_):
        time.sleep(0.2)  # noqa: TID251 (as a broker does that waits for its disk)
        taken.append(message)

    monkeypatch.setattr(sent, "enqueue", enqueue)  # no server is slow when it is asked to be
    monkeypatch.setattr(tick, "_BROKER_SECONDS", 1)
    with pytest.raises(TimeoutError):
        await ticker(store, sent, publisher).tick()

    assert 0 < len(taken) < 8
    left = await Schedule(store).claim(now_ms=Clock().now_ms(), lease_ms=1000, per_shard=100)
    assert len(left) >= 400 - sum(len(message.args[0]) for message in taken)


def test_jobs_arrive_as_they_were_sent(each_broker):
    leases = [Lease(AccountId(2**63 - 1), 1_800_000_000_000_001), Lease(AccountId(12), 3)]
    broker = queue.make_broker(each_broker)
    arrived: list[Lease] = []

    async def begin_all(jobs):
        arrived.extend(jobs)

    queue.receive(broker, begin_all)
    worker = dramatiq.Worker(broker, worker_threads=2, worker_timeout=50)
    worker.start()
    try:
        queue.send(broker, leases)
        queue.send(broker, leases)
        deadline_ms = Clock().now_ms() + 20_000
        while len(arrived) < 4 and Clock().now_ms() < deadline_ms:
            worker.join()
    finally:
        worker.stop(timeout=5000)
        broker.close()

    assert arrived == [*leases, *leases]


#: A message as schedulers have sent it since there are any.
SENT = (
    b'{"queue_name":"polls","actor_name":"poll","args":[[["12",3]]],"kwargs":{},"options":{},'
    b'"message_id":"8b5f1d0e-6f0a-4a35-9f5c-0c8d7b7b1b51","message_timestamp":%d}'
)
#: One as a later version may send it, while fetchers are of this one.
LATER = SENT.replace(b"3]]]", b'3,"new"]],["new"]]').replace(b'"kwargs":{}', b'"kwargs":{"new":1}')


@pytest.mark.parametrize("message", [SENT, LATER])
def test_a_message_of_another_version_is_taken_and_it_is_told_how_long_it_waited(each_broker, message):
    broker = queue.make_broker(each_broker)
    arrived: list[Lease] = []
    waited: list[int] = []

    async def begin_all(jobs):
        arrived.extend(jobs)

    queue.receive(broker, begin_all, waited.append)
    worker = dramatiq.Worker(broker, worker_threads=2, worker_timeout=50)
    worker.start()
    try:
        broker.enqueue(dramatiq.Message.decode(message % (Clock().now_ms() - 7_000)))
        deadline_ms = Clock().now_ms() + 20_000
        while not arrived and Clock().now_ms() < deadline_ms:
            worker.join()
    finally:
        worker.stop(timeout=5000)
        broker.close()

    assert arrived == [Lease(AccountId(12), 3)]
    assert len(waited) == 1
    assert 7_000 <= waited[0] < 27_000


def test_the_queue_outlives_the_loss_of_a_node(broker):
    made = queue.make_broker(broker)
    assert made.waiting() == 0
    made.close()
    classic = {
        "x-queue-type": "classic",
        "x-max-length": 10_000,
        "x-overflow": "drop-head",
    }
    with pika.BlockingConnection(pika.URLParameters(broker)) as connection:
        channel = connection.channel()
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="x-queue-type"):
            channel.queue_declare(queue.QUEUE, durable=True, arguments=classic)


def test_a_queue_that_is_gone_is_made_anew(broker):
    with closing(queue.make_broker(broker)) as made:
        assert made.waiting() == 0
        rabbitmq.clear(broker)

        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="no queue"):
            made.waiting()

        assert made.waiting() == 0
        queue.send(made, [Lease(AccountId(1), 1)])


def test_who_has_said_nothing_for_long_is_answered_all_the_same(broker):
    with closing(queue.make_broker(broker)) as made:
        for each in made.parameters:
            each.heartbeat = 1
        assert made.waiting() == 0
        time.sleep(4)  # noqa: TID251 (RabbitMQ hangs up after three heartbeats)

        assert made.waiting() == 0


def test_a_broker_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="kafka"):
        queue.make_broker("kafka://here")
