"""
Real tweets go through fetch, store and serve, and come out as X gave them.

The recordings are private test input beside the repository; they are read in place.
"""

import asyncio
import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator

from shared.clock import Clock
from shared.x.home import FIELDS
from tests.e2e.people import Apps, People

RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings"
PAGES = RECORDINGS / "v2" / "twarc-csv"
HOME = RECORDINGS / "v2" / "tweepy" / "test_client_get_home_timeline.yaml"
OPENAPI = RECORDINGS / "openapi" / "x-openapi-2.166_docs_2026-06-11.json"
RESPONSE = "#/components/schemas/Get2UsersIdTimelinesReverseChronologicalResponse"
SERVED_MS = 60_000
TWENTY_YEARS_DAYS = 7300

#: How objects are told apart, by the list that they stand in.
NAMED_BY = {"tweets": "id", "users": "id", "media": "media_key", "polls": "id", "places": "id"}

pytestmark = pytest.mark.skipif(
    not RECORDINGS.exists(), reason="The recordings of real pages are not beside this repository."
)

#: An object of X's: a tweet, a user, a medium, a poll or a place.
Thing = dict[str, Any]
#: Of which kind it is, and its id.
Key = tuple[str, str]


async def test_real_tweets_are_served_as_x_gave_them(deploy, broker, tmp_path):
    (tmp_path / "home.jsonl").write_text(json.dumps(_home_page()))
    roost = deploy(broker_url=broker, retention_days=TWENTY_YEARS_DAYS)
    roost.start()
    async with People(roost.simulator_url) as people, Apps(roost.gateway_url) as apps:
        (person,) = await people.add(1, follow=0)
        for path in (PAGES, tmp_path / "home.jsonl"):
            await people.ask("POST", "/_sim/recordings", json={"path": str(path), "user": person.id})
        (token,) = await apps.register([person])
        expected = _newest_versions()
        pages = await _read(apps, person.id, token, len(expected))

    assert [int(tweet["id"]) for page in pages for tweet in page["data"]] == expected
    recorded = _recorded()
    for key, thing in _keyed(pages):
        assert thing in recorded[key]
    shown = {each for page in pages for tweet in page["data"] for each in _shown_with(tweet)}
    assert shown & recorded.keys() <= {key for key, _ in _keyed(pages)}
    assert _faults(pages) <= _faults(_recorded_pages())


async def test_what_is_served_is_as_x_documents_it(deploy, broker):
    roost = deploy(broker_url=broker)
    roost.start()
    async with People(roost.simulator_url) as people, Apps(roost.gateway_url) as apps:
        (person,) = await people.add(1)
        (token,) = await apps.register([person])
        pages = await _read(apps, person.id, token, tweets=500)

    assert {kind for (kind, _), _ in _keyed(pages)} == NAMED_BY.keys()
    assert _faults(pages) == set()


async def _read(apps: Apps, user: str, token: str, tweets: int) -> list[Thing]:
    """Read a timeline as X's own clients do, page by page, once it holds so many tweets or more."""
    path, headers = f"/2/users/{user}/timelines/reverse_chronological", {"authorization": f"Bearer {token}"}
    deadline_ms = Clock().now_ms() + SERVED_MS
    while True:
        pages: list[Thing] = []
        params: dict[str, str] = dict(FIELDS)
        while not pages or "next_token" in pages[-1]["meta"]:
            pages.append((await apps.ask("GET", path, params=params, headers=headers)).json())
            params["pagination_token"] = pages[-1]["meta"].get("next_token", "")
        if sum(page["meta"]["result_count"] for page in pages) >= tweets:
            return pages
        assert Clock().now_ms() < deadline_ms, f"no {tweets} tweets are served"
        await asyncio.sleep(0.2)


def _recorded_pages() -> Iterator[Thing]:
    """Read every recorded page, line by line; what is not a page is left out."""
    yield _home_page()
    for file in PAGES.glob("*.jsonl"):
        for line in file.read_text().split("\n"):
            if line.startswith('{"data": ['):
                yield json.loads(line)


def _home_page() -> Thing:
    """Take the one page out of the recording of a real home timeline."""
    (exchange,) = yaml.safe_load(HOME.read_text())["interactions"]
    return json.loads(gzip.decompress(exchange["response"]["body"]["string"]))


def _newest_versions() -> list[int]:
    """Name the recorded tweets, newest first, without those that another of them is an edit of."""
    tweets = {int(tweet["id"]): tweet for page in _recorded_pages() for tweet in page["data"]}
    replaced = {
        int(each)
        for tweet_id, tweet in tweets.items()
        for each in tweet.get("edit_history_tweet_ids", ())
        if int(each) < tweet_id
    }
    return sorted(tweets.keys() - replaced, reverse=True)


def _recorded() -> dict[Key, list[Thing]]:
    """Every recorded thing in its recorded versions, with the fields that we ask for."""
    versions: dict[Key, list[Thing]] = {}
    for key, thing in _keyed(_recorded_pages()):
        asked = {NAMED_BY[key[0]], "text", "name", *FIELDS[f"{key[0].removesuffix('s')}.fields"].split(",")}
        kept = {name: value for name, value in thing.items() if name in asked}
        versions.setdefault(key, []).append(kept)
    return versions


def _keyed(pages: Iterable[Thing]) -> Iterator[tuple[Key, Thing]]:
    """Go through everything on these pages."""
    for page in pages:
        for kind, things in {"tweets": page["data"], **page.get("includes", {})}.items():
            yield from (((kind, thing[NAMED_BY[kind]]), thing) for thing in things)


def _shown_with(tweet: Thing) -> Iterator[Key]:
    """Name what a tweet points to."""
    attachments = tweet.get("attachments", {})
    yield from (("users", tweet[field]) for field in ("author_id", "in_reply_to_user_id") if field in tweet)
    yield from (("tweets", each["id"]) for each in tweet.get("referenced_tweets", ()))
    yield from (("media", each) for each in attachments.get("media_keys", ()))
    yield from (("polls", each) for each in attachments.get("poll_ids", ()))
    yield from (("places", each) for each in filter(None, [tweet.get("geo", {}).get("place_id")]))


def _faults(pages: Iterable[Thing]) -> set[str]:
    """
    Name how these pages differ from what X documents.

    X's answers of 2021 are no longer quite what X documents today: a metric is not there that was
    introduced since. What X did not say, we do not make up.
    """
    schemas = {"$ref": RESPONSE, "components": json.loads(OPENAPI.read_text())["components"]}
    validator = OAS30Validator(schemas)
    return {
        f"{_place(fault.absolute_path)}: {fault.message}"
        for page in pages
        for fault in validator.iter_errors(page)
    }


def _place(path: Iterable[str | int]) -> str:
    """Name where on a page a fault is, whichever of the things there has it."""
    return ".".join(part for part in path if isinstance(part, str)).replace("includes.tweets", "data")
