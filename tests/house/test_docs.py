"""Links in the docs lead somewhere."""

import re

from tests.house.files import ROOT, tracked

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.M)


def test_every_link_in_the_docs_resolves():
    links = [
        (doc, link) for doc in tracked(".md") for link in LINK.findall(doc.read_text()) if "://" not in link
    ]

    assert [f"{doc.relative_to(ROOT)}: {link}" for doc, link in links if not _resolves(doc, link)] == []


def _resolves(doc, link):
    path, _, anchor = link.partition("#")
    target = (doc.parent / path) if path else doc
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(doc):
    """Name the headings as they are linked to: small letters, hyphens for spaces, nothing else."""
    headings = HEADING.findall(doc.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
