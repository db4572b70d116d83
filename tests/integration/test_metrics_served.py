"""The small server of schedulers and fetchers: what it serves, and that it ends with them."""

import socket
from contextlib import contextmanager

import httpx2
import pytest
import structlog
from prometheus_client import CollectorRegistry

from roost.ports import reserve_port
from shared.heartbeat import STALE_SECONDS, Heartbeat
from shared.metrics import named
from shared.metrics.kinds import Tally
from shared.metrics.served import served
from shared.settings import MetricsSettings
from tests.servers.process import until
from tests.servers.programs import is_ok


@contextmanager
def serving(heartbeat=None, **settings):
    registry = CollectorRegistry(auto_describe=True)
    Tally(named.JOBS, registry).add(by=3)
    Tally(named.WAITING, registry).set(7)
    settings = {"metrics_port": reserve_port(), **settings}
    with served(MetricsSettings(**settings), registry, heartbeat or Heartbeat()) as port:
        host = settings.get("metrics_host", "127.0.0.1")
        with httpx2.Client(base_url=f"http://{f'[{host}]' if ':' in host else host}:{port}") as client:
            yield client


def test_what_is_counted_is_served_and_nothing_else():
    with serving() as client:
        metrics, live = client.get("/metrics"), client.get("/livez")
        others = [client.get(path) for path in ("/", "/metrics/", "/readyz/", "/v1/timeline", "//metrics")]
        posted = client.post("/metrics")

    assert "roost_jobs_claimed_total 3.0" in metrics.text
    assert metrics.headers["content-type"].startswith("text/plain; version=")
    assert (live.status_code, live.json()) == (200, {"live": True})
    assert {each.status_code for each in others} == {404}
    assert posted.status_code == 501
    assert "Python" not in metrics.headers["server"]


def test_one_may_ask_for_some_metrics_only():
    with serving() as client:
        text = client.get("/metrics", params={"name[]": "roost_queue_messages"}).text

    assert "roost_queue_messages 7.0" in text
    assert "roost_jobs" not in text


def test_a_loop_that_hangs_is_told_of():
    class Hanging(Heartbeat):
        def is_beating(self):
            return False

    with serving(Hanging()) as client:
        assert client.get("/livez").status_code == 503
        assert client.get("/metrics").status_code == 200


async def test_who_has_not_beaten_for_long_hangs():
    heartbeat = Heartbeat()
    assert heartbeat.is_beating()
    heartbeat._beaten_at -= STALE_SECONDS + 1
    assert not heartbeat.is_beating()

    await heartbeat.beat()

    assert heartbeat.is_beating()


@pytest.mark.parametrize("name", ["scheduler", "fetcher"])
def test_one_that_was_told_of_a_broker_that_is_none_lives_and_is_not_ready(programs, redis_db, broker, name):
    right, wrong = reserve_port(), reserve_port()
    nobody = f"amqp://guest:guest@127.0.0.1:{reserve_port()}/"

    programs.start(name, redis_url=redis_db, broker_url=nobody, metrics_port=wrong)
    programs.start(name, redis_url=redis_db, broker_url=broker, metrics_port=right)

    until(lambda: is_ok(f"http://127.0.0.1:{right}/readyz"))
    until(lambda: is_ok(f"http://127.0.0.1:{wrong}/livez"))
    assert httpx2.get(f"http://127.0.0.1:{wrong}/readyz").status_code == 503


def test_one_that_was_ready_stays_so():
    """Its servers fail for all of its kind: no other would do better."""
    heartbeat = Heartbeat()
    with serving(heartbeat) as client:
        assert client.get("/readyz").status_code == 503

        heartbeat.is_ready = True

        assert client.get("/readyz").status_code == 200


def test_it_ends_with_what_it_is_for():
    with serving() as client:
        address = (client.base_url.host, client.base_url.port)

    with socket.socket() as other:
        assert other.connect_ex(address) != 0
    with serving(metrics_port=address[1]):  # and its port is free at once
        pass


def test_who_says_nothing_keeps_nobody_waiting():
    with (
        serving() as client,
        socket.create_connection((client.base_url.host, client.base_url.port)),
    ):
        assert client.get("/livez").status_code == 200


def test_who_goes_before_they_are_answered_is_a_line_and_no_more(capfd):
    class Counted:
        def collect(self):
            raise ValueError("not so")

    registry = CollectorRegistry()
    registry.register(Counted())
    settings = MetricsSettings(metrics_port=reserve_port())
    with (
        structlog.testing.capture_logs() as lines,
        served(settings, registry, Heartbeat()) as port,
        pytest.raises(httpx2.HTTPError),
    ):
        httpx2.get(f"http://127.0.0.1:{port}/metrics")

    assert {"event": "metrics not served", "fault": "ValueError('not so')", "log_level": "warning"} in lines
    assert capfd.readouterr().err == ""


def test_port_0_serves_nothing():
    with served(MetricsSettings(metrics_port=0), CollectorRegistry(), Heartbeat()) as port:
        assert port is None


def test_an_address_of_ipv6_is_one_too():
    with serving(metrics_host="::1") as client:
        assert client.get("/livez").status_code == 200


@pytest.mark.parametrize("name", ["scheduler", "fetcher"])
def test_a_port_that_is_taken_is_one_line_that_names_the_variable(programs, redis_db, redis_broker, name):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        process = programs.start(name, redis_url=redis_db, broker_url=redis_broker, metrics_port=port)
        until(lambda: process.pid is None)

    assert process.stop() == 2
    assert process.log.read_text() == (
        f"ROOST_METRICS_PORT: cannot listen on 127.0.0.1 port {port}: Address already in use; "
        "set another, or 0 for none\n"
    )
