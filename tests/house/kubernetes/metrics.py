"""Which metrics there are, and which a query asks for."""

import re

import promql_parser

from tests.house.files import ROOT, tracked

_TOLD = re.compile(r'"(roost_\w+)",\s*((?:"[^"\n]*"\s*)+)')

#: Every metric of the gateway, and what is said of it.
METRICS = {
    name: " ".join(re.findall(r'"([^"\n]*)"', told))
    for path in tracked(".py")
    if path.is_relative_to(ROOT / "shared")
    for name, told in _TOLD.findall(path.read_text())
}


def asked_for(expression: promql_parser.Expr) -> set[str]:
    """Name the metrics that a parsed query asks for."""
    return set(re.findall(r"\broost_\w+", expression.prettify()))
