"""The metrics as a page, docs/metrics.md, made from where they are named: it cannot say anything else."""

from collections.abc import Iterable, Iterator

from shared.metrics.kinds import Label, Metric
from shared.metrics.named import EVERY

HEAD = """\
# Metrics

Made by `roost metrics`; every one is named and explained in `shared/metrics/named.py`, and nowhere else.

| who | where |
|---|---|
| a gateway | `/metrics` at its own port: what it counts, joined with what it reads from Redis then |
| a scheduler, a fetcher | at `ROOST_METRICS_HOST`, `ROOST_METRICS_PORT`: `/metrics`, `/livez` and `/readyz` |
| `make up` | the gateway's is shown; scheduler and fetcher take free ports, which their logs name |
| `docker compose` | as above; port 9464 is open in the containers' own network only |

`ROOST_METRICS_PORT=0` turns it off. What gateways read from Redis is the same at each: take the `max`.
The rest each process counts for itself, from zero when it starts: take the `sum` of a `rate`. A scrape of a
gateway asks Redis eight times; of the others, nobody. There is no password: no account, no tweet and no path
that was asked for is named here, but it is not for the world either.
"""

ALARMS = """
## Alarms to begin with

```
histogram_quantile(0.95, sum by (le) (rate(roost_read_stale_seconds_bucket{account="kept"}[5m]))) > 180
max(roost_late_seconds) > 60
max(roost_x_out) + max(roost_app_stopped) + max(roost_sign_in_outage) + max(roost_budget_spent) > 0
min(roost_redis_up) < 1 or sum(rate(roost_redis_failures_total[5m])) > 0.1
sum(rate(roost_polls_total{outcome="failed"}[5m])) > 0
(sum(rate(roost_ticks_total[5m])) or vector(0)) == 0
sum(rate(roost_request_seconds_count{status="5xx"}[5m])) > 0
```
"""


def page() -> str:
    """Write the page."""
    return HEAD + "".join(_section(title, metrics) for title, metrics in EVERY.items()) + ALARMS


def _section(title: str, metrics: Iterable[Metric]) -> str:
    rows = "".join(
        f"| `{each.name}` | {each.kind} | {_labels(each.labels)} | {each.means} | {each.act} |\n"
        for each in metrics
    )
    head = "| name | kind | labels | what it means | what to do |\n|---|---|---|---|---|\n"
    return f"\n## {title}\n\n{head}{rows}"


def _labels(labels: Iterable[Label]) -> str:
    return "<br>".join(_label(each) for each in labels)


def _label(label: Label) -> str:
    return f"`{label.name}`: {label.said or ', '.join(_quoted(label.values))}"


def _quoted(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        yield f"`{value}`"
