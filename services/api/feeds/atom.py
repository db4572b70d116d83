"""
A timeline as an Atom feed.

Source: RFC 4287; validator.w3.org/feed/docs, read 2026-11-23.
"""

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from services.api.feeds.entry import Entry, name_of, profile_of
from services.api.feeds.feed import Feed
from services.api.things import User

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
_NAMESPACE = "http://www.w3.org/2005/Atom"
#: Characters that XML 1.0 cannot hold, however they are written.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(feed: Feed) -> bytes:
    """Write the feed."""
    root = Element("feed", {"xmlns": _NAMESPACE})
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    _text(root, "updated", feed.updated)
    SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": feed.url})
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": feed.home})
    _text(root, "generator", "Roost")
    for each in feed.entries:
        _write_entry(SubElement(root, "entry"), each)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _write_entry(entry: Element, each: Entry) -> None:
    _text(entry, "id", f"https://x.com/i/web/status/{each.id}")
    _text(entry, "title", each.title or "…")
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": each.url})
    _text(entry, "published", each.at)
    _text(entry, "updated", each.at)
    author = SubElement(entry, "author")
    _text(author, "name", _author(each.author))
    _text(author, "uri", profile_of(each.author))
    for tag in each.tags:
        SubElement(entry, "category", {"term": _allowed(tag)})
    content = SubElement(entry, "content", {"type": "html"})
    content.text = _allowed(each.html)


def _author(user: User) -> str:
    return f"{name_of(user)} (@{user.username})" if user.username else name_of(user)


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _allowed(text)


def _allowed(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
