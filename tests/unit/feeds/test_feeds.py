"""Feeds say what was tweeted, unaltered and safely, in the forms that feed readers know."""

import json
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.feeds import atom, jsonfeed
from services.api.feeds.entry import entries_of, linked
from services.api.feeds.feed import Feed
from services.api.things import Note, read_things
from shared.domain.tweet import Body
from shared.store.bodies import Shown

ATOM = "{http://www.w3.org/2005/Atom}"
JACK = {"id": "12", "name": "Jack", "username": "jack", "profile_image_url": "https://pbs.twimg.com/j.jpg"}
ADA = {"id": "13", "name": "Ada <3", "username": "ada"}


def tweet(**members):
    made = {"id": "20", "text": "hello", "author_id": "12", "created_at": "2026-11-23T08:00:00.123Z"}
    return {**made, **members}


def feed(*tweets, others=(), media=()):
    def bodies(kind, things):
        return [Body(f"{kind}:{each.get('id')}", json.dumps(each).encode()) for each in things]

    includes = {
        "user": bodies("user", [JACK, ADA]),
        "tweet": bodies("tweet", others),
        "media": bodies("media", media),
    }
    entries = entries_of(read_things(Shown(bodies("tweet", tweets), includes)))
    home = "https://roost.example/"
    return Feed("urn:uuid:1", "Home", f"{home}feed", home, "2026-11-23T08:00:00Z", entries)


def entry_of(*tweets, **others):
    return feed(*tweets, **others).entries[0]


class _Text(HTMLParser):
    """What a reader sees of HTML."""

    def __init__(self, html):
        super().__init__()
        self.seen, self.tags = "", []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.seen += "\n" if tag == "br" else ""

    def handle_data(self, data):
        self.seen += data


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_is_tweeted_gives_a_feed_that_can_be_read(text):
    made = feed(tweet(text=text))

    root = ElementTree.fromstring(atom.write(made))  # noqa: S314 (it is ours)
    assert len(root.findall(f"{ATOM}entry")) == 1
    assert json.loads(jsonfeed.write(made))["items"][0]["id"] == "20"


@given(
    st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1).filter(
        lambda text: "&" not in text
    )
)
def test_html_gives_the_text_back(text):
    assert _Text(linked(Note(text))).seen == text.strip()


def test_what_x_escapes_is_shown_as_it_was_written():
    entry = entry_of(tweet(text="a &lt;b&gt; &amp; c\nd"))

    assert entry.text == "a <b> & c\nd"
    assert "a &lt;b&gt; &amp; c<br>d" in entry.html


def test_links_people_and_tags_lead_where_they_say_and_links_of_media_are_left_out():
    text = "@ada see https://t.co/a #now https://t.co/b"
    entities = {
        "mentions": [{"start": 0, "end": 4, "username": "ada", "id": "13"}],
        "urls": [
            {
                "start": 9,
                "end": 23,
                "url": "https://t.co/a",
                "expanded_url": "https://e.org/?a=1&b=2",
                "display_url": "e.org",
            },
            {"start": 29, "end": 43, "url": "https://t.co/b", "media_key": "3_9"},
        ],
        "hashtags": [{"start": 24, "end": 28, "tag": "now"}],
    }
    picture = {
        "media_key": "3_9",
        "type": "photo",
        "url": "https://pbs.twimg.com/a.jpg",
        "alt_text": 'a "cat"',
    }

    entry = entry_of(
        tweet(text=text, entities=entities, attachments={"media_keys": ["3_9"]}), media=[picture]
    )

    seen = _Text(entry.html)
    addresses = [attrs["href"] for tag, attrs in seen.tags if tag == "a"]
    assert addresses == ["https://x.com/jack", "https://x.com/ada", "https://e.org/?a=1&b=2",
                         "https://x.com/hashtag/now", "https://x.com/jack/status/20"]  # fmt: skip
    assert ("img", {"src": "https://pbs.twimg.com/a.jpg", "alt": 'a "cat"'}) in seen.tags
    assert "t.co" not in seen.seen
    assert entry.tags == ["now"]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", '"><script>'])
def test_only_web_addresses_are_linked(address):
    entities = {
        "urls": [{"start": 0, "end": 5, "url": address, "expanded_url": address, "display_url": "<b>"}]
    }

    seen = _Text(entry_of(tweet(entities=entities)).html)

    assert {tag for tag, _ in seen.tags} <= {"p", "a", "strong", "time"}
    assert all(attrs["href"].startswith("https://x.com/") for tag, attrs in seen.tags if tag == "a")


def test_a_retweet_shows_what_it_retweets_and_by_whom():
    original = tweet(id="10", text="the whole original", author_id="13")
    retweet = tweet(text="RT @ada: the who…", referenced_tweets=[{"type": "retweeted", "id": "10"}])

    entry = entry_of(retweet, others=[original])

    assert (entry.id, entry.title) == ("20", "RT @ada: the whole original")
    assert entry.url == "https://x.com/ada/status/10"
    assert "Jack</a> reposted" in entry.html
    assert "Ada &lt;3" in entry.html
    assert "the whole original" in entry.html


def test_a_quote_shows_what_it_quotes():
    quoted = tweet(id="10", text="said before", author_id="13")

    entry = entry_of(tweet(referenced_tweets=[{"type": "quoted", "id": "10"}]), others=[quoted])

    assert "<blockquote>" in entry.html
    assert "said before" in entry.html


def test_an_atom_feed_has_what_its_rules_ask():
    root = ElementTree.fromstring(atom.write(feed(tweet(), tweet(id="21"))))  # noqa: S314 (it is ours)

    assert [root.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated")] == [
        "urn:uuid:1", "Home", "2026-11-23T08:00:00Z"
    ]  # fmt: skip
    rels = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert rels == {"self": "https://roost.example/feed", "alternate": "https://roost.example/"}
    entries = root.findall(f"{ATOM}entry")
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 2
    for entry in entries:
        assert (
            entry.findtext(f"{ATOM}updated") == entry.findtext(f"{ATOM}published") == "2026-11-23T08:00:00Z"
        )
        assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Jack (@jack)"
        assert entry.find(f"{ATOM}content").get("type") == "html"


def test_a_json_feed_has_what_its_rules_ask():
    video = {"media_key": "7_8", "type": "video", "preview_image_url": "https://pbs.twimg.com/v.jpg",
             "variants": [{"url": "https://video.twimg.com/v.mp4", "bit_rate": 5}]}  # fmt: skip

    made = json.loads(
        jsonfeed.write(feed(tweet(attachments={"media_keys": ["7_8"]}, lang="en"), media=[video]))
    )

    assert made["version"] == "https://jsonfeed.org/version/1.1"
    (item,) = made["items"]
    assert item["authors"] == [
        {"name": "Jack", "url": "https://x.com/jack", "avatar": "https://pbs.twimg.com/j.jpg"}
    ]
    assert item["attachments"] == [{"url": "https://video.twimg.com/v.mp4", "mime_type": "video/mp4"}]
    assert (item["language"], item["image"]) == ("en", "https://pbs.twimg.com/v.jpg")


@pytest.mark.parametrize(("name", "kind"), [("a.jpg", "image/jpeg"), ("a.png", "image/png")])
def test_a_picture_is_told_to_be_what_it_is(name, kind):
    picture = {"media_key": "3_9", "type": "photo", "url": f"https://pbs.twimg.com/media/{name}"}

    made = json.loads(jsonfeed.write(feed(tweet(attachments={"media_keys": ["3_9"]}), media=[picture])))

    assert made["items"][0]["attachments"] == [{"url": picture["url"], "mime_type": kind}]
