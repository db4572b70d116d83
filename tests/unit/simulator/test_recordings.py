"""Recorded pages of X go into the made-up world as they are."""

import json
from pathlib import Path

import pytest

from tests.unit.simulator.x import X, ids_of

V2 = Path(__file__).parents[4] / "shared" / "recordings" / "v2"
PAGE = {
    "data": [
        {"id": "30", "text": "30", "author_id": "7"},
        {"id": "20", "text": "20", "author_id": "7"},
    ],
    "includes": {"users": [{"id": "7", "name": "Seven", "username": "seven", "location": "here"}]},
    "meta": {"result_count": 2},
}

recorded = pytest.mark.skipif(
    not V2.exists(), reason="The recordings of real pages are not beside this repository."
)


async def test_pages_are_read_line_by_line_and_what_is_none_is_left_out(x, tmp_path):
    ada = await x.person()
    lines = ["", "no page", json.dumps(PAGE), '{"data": {"id": "1"}}', '{"data": [{"id": "1"}]}', "[]"]
    (tmp_path / "pages.jsonl").write_text("\n".join(lines))

    answer = await x.control("POST", "/recordings", {"path": str(tmp_path), "user": ada["id"]})

    page = await x.page(ada, tweet_fields="author_id", expansions="author_id", user_fields="location")
    assert answer == {"tweets": 2}
    assert (page["data"], page["includes"]) == (PAGE["data"], PAGE["includes"])


async def test_the_first_person_gets_them_unless_told_otherwise(tmp_path):
    file = tmp_path / "page.json"
    file.write_text(json.dumps(PAGE))
    x = X(simulator_users=1, simulator_recordings=file)
    (person,) = (await x.control("GET", "/users"))["users"]

    assert (await x.truth(person))[-2:] == [30, 20]


@recorded
async def test_a_real_home_timeline_is_shown_as_it_was(x):
    ada = await x.person()
    cassette = V2 / "tweepy" / "test_client_get_home_timeline.yaml"

    answer = await x.control("POST", "/recordings", {"path": str(cassette), "user": ada["id"]})

    page = await x.page(ada)
    assert answer == {"tweets": 98}
    assert page["meta"]["result_count"] == 98
    assert ids_of(page) == await x.truth(ada)


@recorded
async def test_all_recorded_pages_can_be_read(x):
    ada = await x.person()

    answer = await x.control("POST", "/recordings", {"path": str(V2), "user": ada["id"]})

    assert answer["tweets"] >= len(await x.truth(ada)) > 200
