"""Links in the docs lead somewhere."""

import re

import pytest

from tests.house.files import ROOT, tracked

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.M)
DOCS = tracked(".md")


@pytest.mark.parametrize("doc", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_resolves(doc):
    links = [link for link in LINK.findall(doc.read_text()) if "://" not in link]

    assert [link for link in links if not _resolves(doc, link)] == []


def _resolves(doc, link):
    path, _, anchor = link.partition("#")
    target = (doc.parent / path) if path else doc
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(doc):
    """Name the headings as they are linked to: small letters, hyphens for spaces, nothing else."""
    headings = HEADING.findall(doc.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
