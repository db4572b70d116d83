"""What is deployed is safe by construction: not root, nothing writable, probed, bounded."""

import re
import shutil
import subprocess

import pytest
import yaml
from pydantic import SecretStr

from shared.environment import variable
from shared.settings import PROGRAMS, ApiSettings, FetcherSettings, SchedulerSettings, SimulatorSettings
from tests.house.files import ROOT

BASE = ROOT / "k8s" / "base"
CONTAINERS = {"api", "front", "scheduler", "fetcher", "simulator", "secrets"}


def _kubernetes():
    """Read the base as kustomize renders it, or, where there is none, as it is written."""
    if kubectl := shutil.which("kubectl"):
        words = [kubectl, "kustomize", str(BASE)]
        text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    else:
        text = "\n---\n".join(path.read_text() for path in sorted(BASE.glob("*.yaml")))
    return list(yaml.safe_load_all(text))


def _container(deployment):
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return container


DEPLOYMENTS = [each for each in _kubernetes() if each["kind"] == "Deployment"]
PODS = {each["metadata"]["name"]: _container(each) for each in DEPLOYMENTS}
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda each: each["metadata"]["name"])
def test_a_pod_may_do_nothing_but_its_work(deployment):
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]

    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
    assert "memory" in container["resources"]["limits"]
    # The cluster's own variables for a Service begin with ROOST_ as well.
    assert pod["enableServiceLinks"] is False


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda each: each["metadata"]["name"])
def test_a_pod_has_time_to_finish_and_is_no_singleton(deployment):
    assert deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > 10
    assert deployment["spec"]["replicas"] > 1


def test_the_gateway_is_probed():
    (gateway,) = [each for each in DEPLOYMENTS if each["metadata"]["name"] == "roost-api"]
    (container,) = gateway["spec"]["template"]["spec"]["containers"]

    assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"


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
    pods = {name: [*pod.get("command", ()), *pod.get("args", ())] for name, pod in PODS.items()}

    told = {
        name: words for name, words in (commands | checks | pods).items() if TELLING.search(" ".join(words))
    }

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


def test_a_pod_is_told_the_secrets_it_uses_and_no_others():
    told = {
        name: [each["secretRef"]["name"] for each in pod["envFrom"] if "secretRef" in each]
        for name, pod in PODS.items()
    }

    assert told == {
        "roost-api": ["roost-store", "roost-credentials"],
        "roost-fetcher": ["roost-store", "roost-broker", "roost-credentials"],
        "roost-scheduler": ["roost-store", "roost-broker"],
    }


def test_no_secret_is_written_where_everybody_reads_it():
    secret = {
        variable(name)
        for program in PROGRAMS
        for name, field in program.model_fields.items()
        if field.annotation is SecretStr
    }
    generators = yaml.safe_load((BASE / "kustomization.yaml").read_text())["configMapGenerator"]
    open_to_all = {literal.split("=")[0] for each in generators for literal in each["literals"]}
    open_to_all |= {each["name"] for pod in PODS.values() for each in pod.get("env", ())}

    assert secret & open_to_all == set()
