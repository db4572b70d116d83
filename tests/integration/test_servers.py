"""The servers that the other tests stand on: they crash, come back, and are empty when they should be."""

from contextlib import closing

import redis as redis_client

from shared.queue import make_broker, send
from tests.servers import rabbitmq, redis
from tests.servers.process import until


def test_redis_comes_back_after_a_crash(redis_server):
    assert redis.answers(redis_server.url)

    redis_server.kill()
    assert not redis.answers(redis_server.url)

    redis_server.start()
    assert redis.answers(redis_server.url)


def test_rabbitmq_comes_back_after_a_crash(broker_server):
    assert rabbitmq.answers(broker_server.url)

    broker_server.kill()
    assert not rabbitmq.answers(broker_server.url)

    broker_server.start()
    assert rabbitmq.answers(broker_server.url)


def test_a_database_is_empty_when_a_test_begins(redis_db):
    with redis_client.Redis.from_url(redis_db) as client:
        assert client.dbsize() == 0
        client.set("left behind", 1)


test_a_database_is_empty_although_a_test_left_something_behind = test_a_database_is_empty_when_a_test_begins


def test_a_broker_has_no_messages_when_a_test_begins(each_broker):
    with closing(make_broker(each_broker)) as broker:
        assert broker.waiting() == 0
        send(broker, [])
        until(lambda: broker.waiting() == 1)


test_a_broker_has_no_messages_although_a_test_left_one = test_a_broker_has_no_messages_when_a_test_begins
