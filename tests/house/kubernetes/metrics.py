"""Which metrics there are, and which a query asks for."""

import re

import promql_parser

from shared.metrics import named
from shared.metrics.kinds import Metric

#: Every metric, and what is said of it.
METRICS = {each.name: f"{each.means} {each.act}" for each in vars(named).values() if isinstance(each, Metric)}


#: What a histogram's series are called beyond its name.
_SERIES = re.compile("_(bucket|count|sum)$")


def asked_for(expression: promql_parser.Expr) -> set[str]:
    """Name the metrics that a parsed query asks for."""
    found = re.findall(r"\broost_\w+", expression.prettify())
    return {_SERIES.sub("", name) if name not in METRICS else name for name in found}
