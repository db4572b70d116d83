"""
Feeds hold to the rules of those who made the forms: RFC 4287's grammar, and that of jsonfeed.org.

Both are written down beside this file, for neither validator can be had as a package. Real pages are the
recordings, private test input beside the repository, read in place.
"""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from lxml import etree

from services.api.feeds import atom, jsonfeed
from services.api.feeds.entry import entries_of
from services.api.feeds.feed import Feed
from services.api.things import read_things
from shared.domain.tweet import Body
from shared.store.bodies import Shown
from shared.x.page import read_page

HERE = Path(__file__).parent
PAGES = HERE.parents[3] / "shared" / "recordings" / "v2" / "twarc-csv"
ATOM = etree.RelaxNG(etree.parse(HERE / "atom.rng"))
JSON_FEED = Draft202012Validator(json.loads((HERE / "jsonfeed.json").read_text()))
HOME = "https://roost.example/"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
TAG = st.fixed_dictionaries({"start": st.just(0), "end": st.just(1), "tag": TEXT})
URL = st.fixed_dictionaries(
    {
        "start": st.integers(0, 9),
        "end": st.integers(0, 9),
        "url": TEXT | st.just("https://t.co/a"),
        "expanded_url": TEXT | st.just("https://e.org/ü?a=[1]&b={2}"),
        "display_url": TEXT,
    }
)
ENTITIES = st.fixed_dictionaries({"hashtags": st.lists(TAG, max_size=2), "urls": st.lists(URL, max_size=2)})
TWEET = st.fixed_dictionaries(
    {"id": st.just("20"), "author_id": st.just("12"), "text": TEXT, "lang": TEXT, "entities": ENTITIES}
)
AUTHOR = st.fixed_dictionaries({"id": st.just("12"), "name": TEXT}, optional={"username": st.just("jack")})


@pytest.mark.skipif(not PAGES.exists(), reason="The recordings of real pages are not beside this repository.")
def test_feeds_of_real_pages_are_valid():
    pages = [line for file in sorted(PAGES.glob("*.jsonl")) for line in file.read_text().split("\n")]
    answers = [json.loads(line) for line in pages if line.startswith('{"data": [')]
    read = [read_page(json.dumps(answer | {"meta": {}}).encode()) for answer in answers]

    assert sum(len(page.ids) for page in read) > 100
    for page in read:
        known = {body.key: body for body in page.bodies}
        _must_be_valid(_feed([known[f"tweet:{each}"] for each in page.ids], list(known.values())))


@given(tweet=TWEET, author=AUTHOR)
def test_feeds_are_valid_whatever_x_says(tweet, author):
    made = [Body("tweet:20", json.dumps(tweet).encode()), Body("user:12", json.dumps(author).encode())]

    _must_be_valid(_feed(made[:1], made))


def test_feeds_without_tweets_are_valid():
    _must_be_valid(_feed([], []))


@pytest.mark.parametrize("lost", ["id", "title", "updated", "author", "content"])
def test_an_entry_without_what_it_needs_is_not_valid(lost):
    tweet = Body("tweet:20", b'{"id":"20","text":"hello"}')
    root = etree.fromstring(atom.write(_feed([tweet], [tweet])))
    (entry,) = root.findall("{*}entry")
    entry.remove(entry.find(f"{{*}}{lost}"))

    assert not ATOM.validate(root)


def _must_be_valid(feed: Feed) -> None:
    root = etree.fromstring(atom.write(feed))
    ATOM.assertValid(root)
    assert sorted(link.get("rel") for link in root.findall("{*}link")) == ["alternate", "self"]
    JSON_FEED.validate(json.loads(jsonfeed.write(feed)))


def _feed(tweets: list[Body], known: list[Body]) -> Feed:
    includes: dict[str, list[Body]] = {}
    for body in known:
        includes.setdefault(body.key.partition(":")[0], []).append(body)
    entries = entries_of(read_things(Shown(tweets, includes)))
    return Feed("urn:uuid:1", "Home", f"{HOME}feed?link=a", HOME, "2026-11-23T08:00:00Z", entries)
