"""What is deployed is safe by construction: not root, nothing writable, probed, bounded."""

import re
import shutil
import subprocess

import pytest
import yaml

from tests.house.files import ROOT

BASE = ROOT / "k8s" / "base"
PROGRAMS = {"api", "scheduler", "fetcher", "simulator", "secrets"}


def _kubernetes():
    """Read the base as kustomize renders it, or, where there is none, as it is written."""
    if kubectl := shutil.which("kubectl"):
        words = [kubectl, "kustomize", str(BASE)]
        text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    else:
        text = "\n---\n".join(path.read_text() for path in sorted(BASE.glob("*.yaml")))
    return list(yaml.safe_load_all(text))


DEPLOYMENTS = [each for each in _kubernetes() if each["kind"] == "Deployment"]
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


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_a_container_may_do_nothing_but_its_work(name):
    service = COMPOSE[name]

    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["init"]
    assert "container_name" not in service  # any of them may be scaled


def test_only_this_machine_reaches_what_compose_publishes():
    published = {name: service["ports"] for name, service in COMPOSE.items() if "ports" in service}

    assert published.keys() == {"api", "simulator"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


#: What a command line would tell everybody on the machine: an option that is a password, a URL with one.
TELLING = re.compile(r"--?(requirepass|masterauth|password|secret|token)\b|://[^/\s]*:[^/\s]*@", re.I)


def test_no_command_tells_a_secret():
    commands = {name: service.get("command", []) for name, service in COMPOSE.items()}
    checks = {
        f"{name}'s check": service["healthcheck"]["test"]
        for name, service in COMPOSE.items()
        if "healthcheck" in service
    }
    pods = {each["metadata"]["name"]: _container(each) for each in DEPLOYMENTS}
    args = {name: [*pod.get("command", ()), *pod.get("args", ())] for name, pod in pods.items()}

    told = {
        name: words for name, words in (commands | checks | args).items() if TELLING.search(" ".join(words))
    }

    assert told == {}


def test_only_who_opens_credentials_is_told_how():
    opening = {"ROOST_SECRET_KEYS_FILE", "ROOST_KEYS_URL", "ROOST_X_CONSUMER_SECRET", "ROOST_X_CLIENT_SECRET"}

    in_compose = {name for name, service in COMPOSE.items() if opening & set(service.get("environment", ()))}
    mounting = {
        name
        for name, service in COMPOSE.items()
        if any("secrets:" in each for each in service.get("volumes", ()))
    }
    in_pods = {
        each["metadata"]["name"]
        for each in DEPLOYMENTS
        if {"secretRef": {"name": "roost-credentials"}} in _container(each)["envFrom"]
    }

    assert in_compose == {"api", "fetcher"}
    assert mounting == {"api", "fetcher", "secrets"}
    assert in_pods == {"roost-api", "roost-fetcher"}


def _container(deployment):
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return container
