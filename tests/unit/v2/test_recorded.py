"""
What X answered to real requests is what is selected for the same requests, to the last field and in order.

The recordings are private test input beside the repository; they are read in place.
"""

import json
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from openapi_schema_validator import OAS30Validator

from services.api.page import write_page
from services.api.parameters import LISTS
from services.api.v2.expansions import select
from services.api.v2.selection import Selection
from shared.store.bodies import Shown
from shared.x.page import read_page

RECORDINGS = Path(__file__).parents[4] / "shared" / "recordings"
PAGES = RECORDINGS / "v2" / "twarc-csv"
OPENAPI = RECORDINGS / "openapi" / "x-openapi-2.166_docs_2026-06-11.json"
RESPONSE = "#/components/schemas/Get2UsersIdTimelinesReverseChronologicalResponse"

#: What X shows of a thing for which no list was given.
DEFAULTS = {
    "data": {"id", "text", "edit_history_tweet_ids"},
    "tweets": {"id", "text", "edit_history_tweet_ids"},
    "users": {"id", "name", "username"},
    "media": {"media_key", "type"},
    "polls": {"id", "options"},
    "places": {"id", "full_name"},
}
WISHES = [
    {"expansions": "author_id"},
    {"expansions": "referenced_tweets.id,edit_history_tweet_ids"},
    {"expansions": "referenced_tweets.id.author_id", "user.fields": "public_metrics"},
    {"tweet.fields": "created_at,lang,public_metrics"},
    {"expansions": "attachments.media_keys,attachments.poll_ids,geo.place_id"},
]

pytestmark = pytest.mark.skipif(
    not RECORDINGS.exists(), reason="The recordings of real pages are not beside this repository."
)


@cache
def recorded():
    """Read every recorded answer that tells its request: the lists asked for, and the answer."""
    read = []
    for line in (line for file in sorted(PAGES.glob("*.jsonl")) for line in file.read_text().split("\n")):
        answer = json.loads(line) if line.startswith('{"data": [') else {}
        asked = dict(parse_qsl(urlsplit(answer.get("__twarc", {}).get("url", "")).query))
        if "expansions" in asked:
            lists = {name: value for name, value in asked.items() if name in LISTS}
            read.append((lists, {name: answer[name] for name in ("data", "includes") if name in answer}))
    return read


def selected(answer, lists):
    """Keep an answer as it is kept when it is fetched, and select from it."""
    bodies = {body.key: body for body in read_page(json.dumps(answer | {"meta": {}}).encode()).bodies}
    includes: dict[str, list] = {}
    for key, body in bodies.items():
        includes.setdefault(key.partition(":")[0], []).append(body)
    shown = Shown([bodies[f"tweet:{each['id']}"] for each in answer["data"]], includes)
    page = json.loads(write_page(select(Selection.read(lists), shown), {}, None))
    page.pop("meta")
    return page


def test_there_are_recordings_to_compare_with():
    assert sum(len(answer["data"]) for _, answer in recorded()) > 100


def test_what_is_selected_is_what_x_selected():
    for lists, answer in recorded():
        assert selected(answer, lists) == answer


def test_without_lists_each_thing_has_what_x_shows_of_all():
    for lists, answer in recorded():
        page = selected(answer, {"expansions": lists["expansions"]})

        things = {"data": page["data"], **page.get("includes", {})}
        for kind in things.keys() - {"data", "tweets"}:
            assert {name for thing in things[kind] for name in thing} <= DEFAULTS[kind]
        assert all(thing.keys() <= DEFAULTS["data"] for thing in selected(answer, {})["data"])


@pytest.mark.parametrize("wish", WISHES, ids=str)
def test_what_is_selected_has_no_fault_that_x_did_not_make(wish):
    components = json.loads(OPENAPI.read_text())["components"]
    validator = OAS30Validator({"$ref": RESPONSE, "components": components})

    for _, answer in recorded():
        theirs = {fault.message for fault in validator.iter_errors(answer)}
        assert {fault.message for fault in validator.iter_errors(selected(answer, wish))} <= theirs
