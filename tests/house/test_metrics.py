"""Every metric is named in one place, as Prometheus would have it, and told of in one page."""

import ast
import re
import subprocess
import sys

import promql_parser
import pytest
from prometheus_client import REGISTRY, generate_latest

from roost.metrics_text import ALARMS, page
from shared.metrics.named import EVERY, POLLS
from tests.house.files import ROOT, parsed, tracked
from tests.house.kubernetes.metrics import asked_for

METRICS = [metric for metrics in EVERY.values() for metric in metrics]
NAMES = {metric.name for metric in METRICS}
NAMED = "shared/metrics/named.py"
#: What begins as a metric does and is none: a cookie.
OTHERS = {"roost_session"}
#: Who makes outcomes, and where in its call the word stands.
MAKERS = {"Refused": 0, "Stopped": 0, "Unaffordable": 1, "Polled": 1}


def test_the_page_is_made_from_the_metrics():
    assert (ROOT / "docs/metrics.md").read_text() == page(), "run `roost metrics > docs/metrics.md`"


def test_every_metric_has_a_name_of_its_own():
    assert len(NAMES) == len(METRICS)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_metric_is_named_and_explained_as_prometheus_would_have_it(metric):
    assert re.fullmatch(r"roost(_[a-z]+)+", metric.name)
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    assert (metric.kind == "histogram") <= metric.name.endswith("_seconds")
    assert bool(metric.buckets) == (metric.kind == "histogram")
    assert list(metric.buckets) == sorted(set(metric.buckets))
    assert metric.means.endswith(".")
    assert metric.act.endswith(".")
    for label in metric.labels:
        assert label.values or label.said
        assert not re.search(r"account_|user|handle|token|path|tweet", label.name)


def test_what_is_counted_where_reads_are_answered_says_stale():
    assert any("stale" in metric.name and metric.kind == "histogram" for metric in METRICS)


def test_no_metric_is_named_anywhere_else_in_the_code():
    texts = {
        f"{name}:{node.lineno} {node.value}"
        for name, module in parsed().items()
        if not name.startswith(("tests/", "bench/")) and name not in {NAMED, "roost/metrics_text.py"}
        for node in ast.walk(module)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"roost(_[a-z]+)+", node.value)
        and node.value not in OTHERS
    }

    assert texts == set()


def test_what_the_docs_say_of_metrics_there_is():
    said = {
        re.sub(r"_(bucket|sum|count)$", "", name)
        for path in tracked(".md")
        for name in re.findall(r"\broost_[a-z_]+\b", path.read_text())
    }

    assert said - OTHERS - NAMES == set()


def test_an_alarm_for_what_stands_still_knows_that_there_may_be_nothing_at_all():
    (standing_still,) = [line for line in ALARMS.splitlines() if "== 0" in line]

    assert "or vector(0)" in standing_still  # of series that are gone no sum is 0: there is none


@pytest.mark.parametrize("alarm", re.findall("^[a-z(].*", ALARMS, re.MULTILINE))
def test_an_alarm_of_the_page_can_be_read(alarm):
    assert asked_for(promql_parser.parse(alarm)) <= NAMES


def test_every_outcome_is_in_the_closed_set():
    (label,) = POLLS.labels
    words = {
        call.args[place].value
        for name, module in parsed().items()
        if name.startswith(("shared/", "services/"))
        for call in ast.walk(module)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        for place in [MAKERS.get(call.func.id, 99)]
        if place < len(call.args) and isinstance(call.args[place], ast.Constant)
    }

    assert {"sign-in-needed", "credit-empty", "requests-spent", "late"} <= words
    assert words - set(label.values) == set()


def test_importing_the_programs_starts_nothing():
    programs = ", ".join(f"services.{name}.main" for name in ("api", "scheduler", "fetcher"))
    program = f"import sys, threading, {programs}; sys.exit(threading.active_count() - 1)"

    assert subprocess.run([sys.executable, "-c", program], check=False, cwd=ROOT).returncode == 0


def test_nothing_is_registered_where_everybody_would_see_it():
    assert b"roost_" not in generate_latest(REGISTRY)
