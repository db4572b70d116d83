"""
Recorded pages of X, let into the made-up world as they are.

Reads files of whole v2 pages, one a line (`.jsonl`, `.json`), and cassettes of the
VCR library (`.yaml`); what is no page is left out. The tweets keep their ids, texts
and everything shown with them.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from simulator.people import Person
from simulator.shelf import Shelf

_ENDINGS = {".json", ".jsonl", ".yaml"}
_KEYS = {"users": "id", "tweets": "id", "media": "media_key", "polls": "id", "places": "id"}


def load(shelf: Shelf, person: Person, path: Path) -> int:
    """
    Show every recorded tweet under `path`, a file or a folder, in a person's timeline.

    Shape:  how many there were.
    Errors: OSError when nothing can be read there.
    """
    tweets = 0
    for page in _pages(path):
        for kind, key in _KEYS.items():
            for thing in page.get("includes", {}).get(kind, ()):
                getattr(shelf, kind).setdefault(thing[key], thing)
        for tweet in page["data"]:
            shelf.tweets[tweet["id"]] = tweet
            person.timeline.show(int(tweet["id"]))
            tweets += 1
    return tweets


def _pages(path: Path) -> Iterator[dict[str, Any]]:
    files = sorted(file for file in path.rglob("*") if file.suffix in _ENDINGS) if path.is_dir() else [path]
    for file in files:
        for answer in _cassette(file) if file.suffix == ".yaml" else file.read_bytes().split(b"\n"):
            page = _read(answer)
            if page is not None:
                yield page


def _cassette(file: Path) -> Iterator[bytes]:
    """Read the bodies of the answers on a cassette."""
    import yaml  # noqa: PLC0415 (only who reads cassettes needs to have it)

    for each in yaml.safe_load(file.read_bytes())["interactions"]:
        body = each["response"]["body"]["string"]
        yield gzip.decompress(body) if isinstance(body, bytes) else body.encode()


def _read(line: bytes) -> dict[str, Any] | None:
    try:
        page = msgspec.json.decode(line)
    except msgspec.DecodeError:
        return None
    is_page = isinstance(page, dict) and isinstance(page.get("data"), list)
    return page if is_page and all("text" in each for each in page["data"]) else None
