"""
Fixtures that give tests real servers. They start when the first test asks and stop with the run.

    redis_url, broker_url            shared by the whole run; for tests that keep to keys of their own
    redis_db                         a Redis database that is empty when the test begins
    redis_cluster, cluster_db        a cluster of the embedded Valkey; empty when the test begins
    rabbitmq_cluster                 a cluster of three nodes of RabbitMQ, of the test's own
    broker, redis_broker             URL of a broker without messages: RabbitMQ, and dramatiq's on Redis
    each_broker                      runs the test once with each of the two
    redis_server, broker_server      the servers themselves, to kill(), start(), hang() and go_on()
    programs                         starts the product's programs; ended with the test
    simulator_url                    one simulator of X for the whole run, with its default world
"""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.servers import rabbitmq, redis
from tests.servers.choice import Choice, NoServerError, choose, must_have_rabbitmq
from tests.servers.programs import Programs
from tests.servers.rabbitmq_cluster import RabbitMQCluster
from tests.servers.redis_cluster import RedisCluster
from tests.servers.telling import tell

SERVERS = {"redis_server", "broker_server"}
FOLDER = pytest.StashKey[TemporaryDirectory]()
CHOICE = pytest.StashKey[Choice]()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session):
    """Say what this run's servers are, if any of its tests needs one."""
    if any(SERVERS & set(getattr(item, "fixturenames", ())) for item in session.items):
        _chosen(session.config)


@pytest.fixture(scope="session")
def redis_server(request):
    """The Redis of this run."""
    server = _chosen(request.config).redis
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_url(redis_server):
    """Where the Redis of this run is."""
    return redis_server.url


@pytest.fixture(scope="session")
def broker_server(request):
    """The RabbitMQ of this run."""
    server = _chosen(request.config).broker
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def broker_url(broker_server):
    """Where the RabbitMQ of this run is."""
    return broker_server.url


@pytest.fixture
def one_redis(redis_server):
    """A database of the test's own on one server, empty when it begins and when it has ended."""
    redis.flush(redis_server.url)
    yield redis_server.url
    redis.flush(redis_server.url)


@pytest.fixture
def redis_db(one_redis):
    """A Redis database of the test's own."""
    return one_redis


@pytest.fixture
def broker(broker_server):
    """A RabbitMQ without our queues when the test begins."""
    rabbitmq.clear(broker_server.url)
    return broker_server.url


@pytest.fixture(scope="session")
def redis_cluster(tmp_path_factory):
    """A cluster of three primaries and three replicas for the whole run."""
    cluster = RedisCluster(tmp_path_factory.mktemp("cluster"))
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def cluster_db(redis_cluster):
    """The cluster of this run, empty when the test begins."""
    redis_cluster.flush()
    return redis_cluster.url


@pytest.fixture
def rabbitmq_cluster(request, tmp_path):
    """A cluster of three nodes of RabbitMQ, of the test's own."""
    must_have_rabbitmq(partial(tell, request.config))
    cluster = RabbitMQCluster(tmp_path / "rabbitmq")
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def redis_broker(redis_server):
    """A second database, for dramatiq's broker on Redis; empty when the test begins."""
    redis.flush(redis_server.broker_url)
    return redis_server.broker_url


@pytest.fixture(params=["rabbitmq", "redis"])
def each_broker(request):
    """Each kind of broker that the product runs on; without messages when the test begins."""
    return request.getfixturevalue("broker" if request.param == "rabbitmq" else "redis_broker")


@pytest.fixture
def programs(tmp_path):
    """A starter of the product's programs; whatever a test starts ends with it."""
    programs = Programs(tmp_path)
    yield programs
    programs.end()


@pytest.fixture(scope="session")
def simulator_url(tmp_path_factory):
    """A simulator of X for the whole run."""
    programs = Programs(tmp_path_factory.mktemp("simulator"))
    yield programs.start_simulator()
    programs.end()


def pytest_unconfigure(config):
    """Throw away what the servers kept."""
    if FOLDER in config.stash:
        config.stash[FOLDER].cleanup()


def _chosen(config) -> Choice:
    if CHOICE in config.stash:
        return config.stash[CHOICE]
    config.stash[FOLDER] = TemporaryDirectory(prefix="roost-tests-", ignore_cleanup_errors=True)
    telling = partial(tell, config)
    try:
        config.stash[CHOICE] = choose(Path(config.stash[FOLDER].name), telling)
    except NoServerError as fault:
        pytest.exit(str(fault), returncode=pytest.ExitCode.USAGE_ERROR)
    telling(str(config.stash[CHOICE]))
    return config.stash[CHOICE]
