"""A pod may do nothing but its work, is looked after, and has time to finish; what names another finds it."""

import base64
import re

import pytest
from pydantic import SecretStr

from services.fetcher.main import LAST_STOP_SECONDS
from shared.environment import variable
from shared.parts import PATIENCE_MS
from shared.settings import PROGRAMS, ApiSettings, FetcherSettings, SchedulerSettings, SimulatorSettings
from shared.stopping import STOP_SECONDS
from tests.house.kubernetes.rendered import AS_IT_IS, DEPLOYMENTS, container, of_kind, render, workloads
from tests.house.test_deployment import TELLING

SERVICES = {
    "roost-api": ApiSettings,
    "roost-scheduler": SchedulerSettings,
    "roost-fetcher": FetcherSettings,
}
PROGRAMS_OF = SERVICES | {"simulator": SimulatorSettings}
#: How long each takes to stop, as the code has it.
STOPS_WITHIN = {"roost-api": 10, "roost-scheduler": STOP_SECONDS, "roost-fetcher": LAST_STOP_SECONDS}
#: Redis' own cluster-node-timeout, and the second or two of docs/runbook.md.
FAILOVER_SECONDS = 15 + 2
every_deployment = pytest.mark.parametrize("name", DEPLOYMENTS)


@every_deployment
def test_a_pod_may_do_nothing_but_its_work(name):
    for workload in workloads(render(name)):
        pod = workload["spec"]["template"]["spec"]

        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container(workload)["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@every_deployment
def test_no_account_is_given_a_token(name):
    accounts = {each["metadata"]["name"]: each for each in of_kind("ServiceAccount", render(name))}

    assert all(each["automountServiceAccountToken"] is False for each in accounts.values())
    used = [each["spec"]["template"]["spec"].get("serviceAccountName") for each in workloads(render(name))]
    assert {each for each in used if each} == accounts.keys()


@every_deployment
def test_a_pod_is_looked_after(name):
    for workload in workloads(render(name)):
        only = container(workload)

        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= only.keys()
        assert {"cpu", "memory"} == only["resources"]["requests"].keys()
        assert {"memory"} == only["resources"]["limits"].keys()


@every_deployment
def test_a_probe_of_ours_asks_over_http_for_what_is_served(name):
    """A command would start a Python each time: on a node that is busy it would end too late, and kill."""
    asked = {
        (each["metadata"]["name"], which): container(each)[which]["httpGet"]["path"]
        for each in _ours(name)
        for which in container(each)
        if which.endswith("Probe")
    }

    assert {path for (of, _), path in asked.items() if of == "simulator"} <= {"/_sim/users"}
    assert {(of, which): path for (of, which), path in asked.items() if of != "simulator"} == {
        **{(of, which): "/livez" for of in SERVICES for which in ("startupProbe", "livenessProbe")},
        **{(of, "readinessProbe"): "/readyz" for of in SERVICES},
    }


def test_no_gateway_is_out_while_a_replica_of_redis_takes_over():
    """All of them would be, for what one node of a cluster holds."""
    (gateway,) = [each for each in workloads(render("local")) if each["metadata"]["name"] == "roost-api"]
    probe = container(gateway)["readinessProbe"]

    assert probe["periodSeconds"] * (probe.get("failureThreshold", 3) - 1) > FAILOVER_SECONDS


@pytest.mark.parametrize("service", ["roost-api", "roost-fetcher"])
def test_a_pod_that_waits_for_its_stores_is_left_to_say_which_it_misses(service):
    (workload,) = [each for each in workloads(render("local")) if each["metadata"]["name"] == service]
    probe = container(workload)["startupProbe"]

    assert probe["periodSeconds"] * probe["failureThreshold"] >= PATIENCE_MS / 1000 + 15


@every_deployment
def test_ports_go_by_their_names(name):
    for workload in workloads(render(name)):
        only = container(workload)
        ports = {each["name"] for each in only["ports"]}
        probes = [
            probe.get("httpGet") or probe.get("tcpSocket")
            for which, probe in only.items()
            if which.endswith("Probe")
        ]

        assert {each["port"] for each in probes if each} <= ports
    for service in of_kind("Service", render(name)):
        (behind,) = [each for each in workloads(render(name)) if _selects(service["spec"]["selector"], each)]
        served = {each["name"] for each in container(behind)["ports"]}
        assert {each["targetPort"] for each in service["spec"]["ports"]} <= served


@every_deployment
def test_who_is_measured_has_a_port_for_it(name):
    ports = {each["metadata"]["name"]: container(each)["ports"] for each in workloads(render(name))}

    for worker in ("roost-scheduler", "roost-fetcher"):
        assert ports[worker] == [{"name": "metrics", "containerPort": 9464}]


@every_deployment
def test_selectors_find_the_pods_they_are_for(name):
    for workload in workloads(render(name)):
        spec = workload["spec"]
        labels = spec["selector"]["matchLabels"]

        assert _selects(labels, workload)
        assert [other for other in workloads(render(name)) if _selects(labels, other)] == [workload]
        for each in spec["template"]["spec"].get("topologySpreadConstraints", ()):
            assert each["labelSelector"]["matchLabels"] == labels


@pytest.mark.parametrize("service", SERVICES)
@every_deployment
def test_a_pod_has_time_to_finish(name, service):
    (workload,) = [each for each in workloads(render(name)) if each["metadata"]["name"] == service]
    sleep = container(workload).get("lifecycle", {}).get("preStop", {}).get("sleep", {"seconds": 0})
    within = sleep["seconds"] + STOPS_WITHIN[service]

    assert within < workload["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] <= within + 10
    assert workload["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert workload["spec"]["minReadySeconds"] > 0


@every_deployment
def test_images_are_of_a_version(name):
    images = [container(each)["image"] for each in workloads(render(name))]

    assert [each for each in images if ":" not in each or each.endswith(":latest")] == []


@every_deployment
def test_every_variable_is_a_setting(name):
    known = {variable(field) for program in PROGRAMS for field in program.model_fields}
    told = {
        key
        for each in render(name)
        if each["kind"] in {"ConfigMap", "Secret"} and each["metadata"]["name"].startswith("roost")
        for key in each["data"]
    }
    told |= {each["name"] for workload in _ours(name) for each in container(workload).get("env", ())}

    assert told - known == set()


@every_deployment
def test_no_secret_is_where_everybody_reads_it(name):
    secret = {
        variable(field)
        for program in PROGRAMS
        for field, about in program.model_fields.items()
        if about.annotation is SecretStr
    }
    read_by_all = {key for each in of_kind("ConfigMap", render(name)) for key in each["data"]}
    read_by_all |= {
        each["name"]
        for workload in _ours(name)
        for each in container(workload).get("env", ())
        if "value" in each
    }

    assert secret & read_by_all == set()


@every_deployment
def test_no_command_tells_a_secret(name):
    for each in workloads(render(name)):
        only = container(each)
        checks = [only[which].get("exec", {}).get("command", ()) for which in only if which.endswith("Probe")]
        words = " ".join(
            [*only.get("command", ()), *only.get("args", ()), *(word for few in checks for word in few)]
        )

        # $NAME is the container's own shell's; $(NAME) would be put in by the kubelet, for everybody to read.
        assert not TELLING.search(re.sub(r"\$(?!\()", "$$", words))


@every_deployment
def test_a_pod_is_told_the_secrets_it_uses_and_no_others(name):
    broker = ["roost-rabbitmq-default-user" if "rabbitmq-cluster" in name else "roost-broker"]

    told = {each["metadata"]["name"]: sorted(_secrets(container(each))) for each in _ours(name)}

    assert told.pop("simulator", []) == []
    assert told == {
        "roost-api": ["roost-credentials", "roost-store"],
        "roost-fetcher": sorted(["roost-credentials", "roost-store", *broker]),
        "roost-scheduler": sorted(["roost-store", *broker]),
    }


@pytest.mark.parametrize("service", PROGRAMS_OF)
@pytest.mark.parametrize("name", AS_IT_IS.values())
def test_what_a_pod_is_told_is_what_its_program_takes(name, service, monkeypatch):
    found = [each for each in workloads(render(name)) if each["metadata"]["name"] == service]
    for each in found:
        for key, value in _environment(container(each), render(name)).items():
            monkeypatch.setenv(key, value)

        PROGRAMS_OF[service]()

    assert found or service == "simulator"


def _selects(labels, workload):
    return labels.items() <= workload["spec"]["template"]["metadata"]["labels"].items()


def _ours(name):
    """Pick the workloads that run the project's image."""
    return [each for each in workloads(render(name)) if "roost:" in container(each)["image"]]


def _secrets(only):
    """Name the Secrets that a container is told, without the ending that stands for what is in them."""
    told = [each["secretRef"]["name"] for each in only.get("envFrom", ()) if "secretRef" in each]
    told += [each["valueFrom"]["secretKeyRef"]["name"] for each in only.get("env", ()) if "valueFrom" in each]
    names = ("roost-store", "roost-broker", "roost-credentials", "roost-rabbitmq-default-user")
    return {name for name in names for each in told if each == name or each.startswith(f"{name}-")}


def _environment(only, objects):
    """Put together what a container is told, as the kubelet would."""
    told = {each["name"]: each["value"] for each in only.get("env", ())}
    maps = {(each["kind"], each["metadata"]["name"]): each.get("data", {}) for each in objects}
    for each in only.get("envFrom", ()):
        if "configMapRef" in each:
            told |= maps["ConfigMap", each["configMapRef"]["name"]]
        else:
            told |= _opened(maps["Secret", each["secretRef"]["name"]])
    return told


def _opened(data):
    return {key: base64.b64decode(value).decode() for key, value in data.items()}
