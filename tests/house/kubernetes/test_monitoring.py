"""Prometheus finds what it is to read, and its alarms speak as the runbook does."""

import re

import promql_parser
import pytest
import yaml

from tests.house.files import ROOT
from tests.house.kubernetes.metrics import METRICS, asked_for
from tests.house.kubernetes.rendered import DEPLOYMENTS, container, of_kind, render, workloads

MONITORED = [name for name in DEPLOYMENTS if "monitoring" in name]
_RULES = yaml.safe_load((ROOT / "k8s" / "components" / "monitoring" / "alarms.yaml").read_text())
ALARMS = [alarm for group in _RULES["spec"]["groups"] for alarm in group["rules"]]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
every_alarm = pytest.mark.parametrize("alarm", ALARMS, ids=lambda each: each["alert"])


@every_alarm
def test_an_alarm_asks_for_metrics_that_there_are(alarm):
    asked = asked_for(promql_parser.parse(alarm["expr"]))

    assert asked
    assert asked <= METRICS.keys()


@every_alarm
def test_an_alarm_speaks_as_the_runbook_does(alarm):
    said = alarm["annotations"]

    assert said.keys() == {"summary", "means", "do"}
    assert alarm["labels"].keys() == {"severity"}
    rows = [row for row in RUNBOOK.splitlines() if said["means"] in row and said["do"] in row]
    assert len(rows) == 1


@every_alarm
def test_what_was_over_in_a_moment_raises_no_alarm(alarm):
    remembered = [int(minutes) for minutes in re.findall(r"\[(\d+)m\]", alarm["expr"])]

    assert len(remembered) == alarm["expr"].count("[")
    for minutes in remembered:
        assert int(alarm["for"].removesuffix("m")) > minutes


def test_every_metric_that_asks_for_an_alarm_has_one():
    alarming = {name for name, told in METRICS.items() if "raise an alarm" in told.lower()}

    assert alarming <= {each for alarm in ALARMS for each in asked_for(promql_parser.parse(alarm["expr"]))}
    assert alarming


@pytest.mark.parametrize("name", MONITORED)
def test_what_is_read_is_there(name):
    (gateways,) = of_kind("ServiceMonitor", render(name))
    (workers,) = of_kind("PodMonitor", render(name))
    (service,) = [
        each
        for each in of_kind("Service", render(name))
        if gateways["spec"]["selector"]["matchLabels"].items() <= each["metadata"]["labels"].items()
    ]
    (among,) = workers["spec"]["selector"]["matchExpressions"]
    read = [
        each
        for each in workloads(render(name))
        if each["spec"]["template"]["metadata"]["labels"].get(among["key"]) in among["values"]
    ]

    assert {each["port"] for each in gateways["spec"]["endpoints"]} == {
        each["name"] for each in service["spec"]["ports"]
    }
    assert {each["metadata"]["name"] for each in read} == {"roost-scheduler", "roost-fetcher"}
    for each in read:
        assert {port["name"] for port in container(each)["ports"]} == {
            endpoint["port"] for endpoint in workers["spec"]["podMetricsEndpoints"]
        }
