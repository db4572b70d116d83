"""There are enough pods, more when they are late, and never one fewer than may go."""

import promql_parser
import pytest

from tests.house.kubernetes.metrics import METRICS, asked_for
from tests.house.kubernetes.rendered import DEPLOYMENTS, of_kind, render, workloads

SERVICES = {"roost-api", "roost-scheduler", "roost-fetcher"}
LATENESS = [name for name in DEPLOYMENTS if "scale-on-lateness" in name]


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_no_service_is_a_singleton_and_one_pod_at_a_time_may_go(name):
    budgets = {
        each["metadata"]["name"]: each["spec"] for each in of_kind("PodDisruptionBudget", render(name))
    }

    assert budgets.keys() == SERVICES
    for each in _services(name):
        least = _least(each, name)
        budget = budgets[each["metadata"]["name"]]
        assert budget["maxUnavailable"] < least
        assert budget["selector"] == each["spec"]["selector"]


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_what_is_scaled_is_there_once_and_says_no_number_itself(name):
    scaled = [each["spec"]["scaleTargetRef"]["name"] for each in _scalers(name)]

    assert len(scaled) == len(set(scaled))
    assert set(scaled) == {
        each["metadata"]["name"] for each in _services(name) if "replicas" not in each["spec"]
    }


@pytest.mark.parametrize("name", LATENESS)
def test_fetchers_are_scaled_by_how_late_the_most_overdue_account_is(name):
    (scaled,) = of_kind("ScaledObject", render(name))
    late, cpu = scaled["spec"]["triggers"]

    assert asked_for(promql_parser.parse(late["metadata"]["query"])) <= METRICS.keys()
    assert "roost_late_seconds" in late["metadata"]["query"]
    assert late["metricType"] == "Value"  # an average over fetchers would shrink as they grow
    assert late["metadata"]["ignoreNullValues"] == "false"
    assert (cpu["type"], cpu["metricType"]) == ("cpu", "AverageValue")


@pytest.mark.parametrize("name", LATENESS)
def test_what_keda_reads_has_the_form_that_keda_documents(name):
    """As https://keda.sh/docs/2.18 has it, under ScaledObject and Prometheus; metadata are strings."""
    (scaled,) = of_kind("ScaledObject", render(name))
    spec = scaled["spec"]

    assert scaled["apiVersion"] == "keda.sh/v1alpha1"
    assert spec.keys() <= {
        *("scaleTargetRef", "pollingInterval", "minReplicaCount", "maxReplicaCount", "triggers", "advanced")
    }
    for each in spec["triggers"]:
        assert each.keys() <= {"type", "name", "metricType", "metadata"}
        assert all(isinstance(value, str) for value in each["metadata"].values())
    assert spec["triggers"][0]["metadata"].keys() == {
        "serverAddress",
        "query",
        "threshold",
        "ignoreNullValues",
    }
    assert spec["advanced"].keys() == {"horizontalPodAutoscalerConfig"}


def _services(name):
    return [each for each in workloads(render(name)) if each["metadata"]["name"] in SERVICES]


def _scalers(name):
    return [*of_kind("HorizontalPodAutoscaler", render(name)), *of_kind("ScaledObject", render(name))]


def _least(workload, name):
    """Say how many of a service there are at least."""
    least = {
        each["spec"]["scaleTargetRef"]["name"]: each["spec"].get("minReplicas")
        or each["spec"]["minReplicaCount"]
        for each in _scalers(name)
    }
    return least.get(workload["metadata"]["name"]) or workload["spec"]["replicas"]
