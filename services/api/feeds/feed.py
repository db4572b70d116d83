"""What a feed is written from, whatever its form."""

from dataclasses import dataclass

from services.api.feeds.entry import Entry


@dataclass(frozen=True, slots=True)
class Feed:
    """
    A timeline for feed readers.

    Shape: `id` never changes; `url` is where it was read, `home` the page that people look at;
           `entries` newest first; `updated` is RFC 3339.
    """

    id: str
    title: str
    url: str
    home: str
    updated: str
    entries: list[Entry]
