"""What Compose deploys is safe by construction: nothing writable, no secret told to who has no use for it."""

import re

import pytest
import yaml

from shared.environment import variable
from shared.settings import ApiSettings, FetcherSettings, SchedulerSettings, SimulatorSettings
from tests.house.files import ROOT

CONTAINERS = {"api", "front", "scheduler", "fetcher", "simulator", "secrets"}


COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


@pytest.mark.parametrize("name", sorted(CONTAINERS))
def test_a_container_may_do_nothing_but_its_work(name):
    service = COMPOSE[name]

    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service.get("init") or name == "front"  # HAProxy minds its own children
    assert "container_name" not in service  # any of them may be scaled


def test_only_this_machine_reaches_what_compose_publishes():
    published = {name: service["ports"] for name, service in COMPOSE.items() if "ports" in service}

    assert published.keys() == {"front", "simulator"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_the_front_leaves_no_gateway_out_for_what_all_of_them_share():
    """Where Redis answers late, all would be out at once."""
    told = (ROOT / "deploy" / "front" / "haproxy.cfg").read_text()

    assert re.findall(r"^ +option httpchk (.+)$", told, re.M) == ["GET /livez"]


#: What a command line would tell everybody on the machine: an option that is a password, a URL with one, or
#: whatever Compose puts in from .env. ($$ is left to the container's own shell.)
TELLING = re.compile(
    r"--?(requirepass|masterauth|pass|password|secret|token)\b|redis-cli.* -a\b|://[^/\s]*:[^/\s]*@|(?<!\$)\$(?!\$)",
    re.IGNORECASE,
)


def test_no_command_tells_a_secret():
    commands = {name: service.get("command", []) for name, service in COMPOSE.items()}
    checks = {
        f"{name}'s check": service["healthcheck"]["test"]
        for name, service in COMPOSE.items()
        if "healthcheck" in service
    }

    told = {name: words for name, words in (commands | checks).items() if TELLING.search(" ".join(words))}

    assert told == {}


@pytest.mark.parametrize(
    "command",
    [
        "redis-server --requirepass roost-local",
        "redis-server --requirepass $REDIS_PASSWORD",
        "redis-cli -h redis -a roost-local ping",
        "roost api --redis redis://:roost-local@redis:6379/0",
        "sh -c 'echo ${ROOST_SECRET_KEYS}'",
    ],
)
def test_a_command_that_tells_a_secret_would_be_noticed(command):
    assert TELLING.search(command)


#: What opens credentials, or speaks for the app at X.
OPENING = {
    "ROOST_SECRET_KEYS",
    "ROOST_SECRET_KEYS_FILE",
    "ROOST_KEYS_URL",
    "ROOST_X_CONSUMER_SECRET",
    "ROOST_X_CLIENT_SECRET",
}


def test_only_containers_that_open_credentials_are_told_how():
    told = {name: OPENING & set(service.get("environment", ())) for name, service in COMPOSE.items()}
    mounting = {
        name: volume
        for name, service in COMPOSE.items()
        for volume in service.get("volumes", ())
        if volume.startswith("secrets:")
    }

    assert {name: names for name, names in told.items() if names} == {"api": OPENING, "fetcher": OPENING}
    assert mounting == {
        "secrets": "secrets:/secrets",  # it makes the key
        "api": "secrets:/secrets:ro",
        "fetcher": "secrets:/secrets:ro",
    }


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("api", ApiSettings),
        ("scheduler", SchedulerSettings),
        ("fetcher", FetcherSettings),
        ("simulator", SimulatorSettings),
    ],
)
def test_a_container_is_told_what_its_program_asks_for(name, settings):
    asked_for = {variable(field) for field in settings.model_fields}

    assert {each.removesuffix("_FILE") for each in COMPOSE[name]["environment"]} <= asked_for


def test_a_container_that_opens_credentials_waits_for_the_key():
    for name in ("api", "fetcher"):
        assert COMPOSE[name]["depends_on"]["secrets"] == {"condition": "service_completed_successfully"}


#: How each Redis that we deploy is started; in Kubernetes the data keys' is a copy of the other.
STARTS = {
    "compose redis": COMPOSE["redis"]["command"][-1],
    "compose keys": COMPOSE["keys"]["command"][-1],
    "kubernetes": (ROOT / "k8s/overlays/local/redis/redis.yaml").read_text(),
}


@pytest.mark.parametrize("server", STARTS)
def test_a_redis_is_set_as_the_runbook_says_and_leaves_no_snapshot_beside_its_file(server):
    script = STARTS[server]

    assert "--appendonly yes --appendfsync everysec" in script
    assert '--save ""' in script
    assert "--maxmemory-policy noeviction" in script
    assert "--zset-max-listpack-entries 1024" in script
