"""What the simulator answers is what X documents, in both dialects, whatever is asked for."""

import json
from pathlib import Path

import pytest
from openapi_schema_validator import OAS30Validator

from simulator import query
from simulator.outline import Kind
from tests.unit.simulator.x import X, bearer, ids_of

RECORDINGS = Path(__file__).parents[4] / "shared" / "recordings"
SPECS = {"tweet": "x-openapi-2.166_docs_2026-06-11.json", "post": "x-openapi-2.167_docs_2026-08-22.json"}
HOME = "/2/users/{id}/timelines/reverse_chronological"

documented = pytest.mark.skipif(
    not RECORDINGS.exists(), reason="X's descriptions of its API are not beside this repository."
)


def spec(dialect):
    """Read X's description of its API, as far as we need it."""
    return json.loads((RECORDINGS / "openapi" / SPECS[dialect]).read_text())


def enums(description, path):
    """List which values X documents for each list parameter of a path."""
    named = description["components"]["parameters"]
    parameters = [
        named[each["$ref"].split("/")[-1]] if "$ref" in each else each
        for each in description["paths"][path]["get"]["parameters"]
    ]
    return {each["name"]: each["schema"]["items"]["enum"] for each in parameters if _is_list(each)}


def _is_list(parameter):
    """Tell whether a parameter takes names from a list of X's."""
    return "enum" in parameter["schema"].get("items", {})


def everything(description, path):
    """Ask for every field and expansion that is documented."""
    return {name: ",".join(values) for name, values in enums(description, path).items() if name != "exclude"}


def faults(description, path, answer):
    """List how an answer differs from what is documented, also by names that are not."""
    content = description["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    validator = OAS30Validator(content["schema"] | {"components": description["components"]})
    return [f"{list(each.absolute_path)}: {each.message}" for each in validator.iter_errors(answer)]


@pytest.fixture(scope="module")
def one_world():
    """The seed's world, with somebody in it; read only, for all tests here."""
    return X(simulator_users=1)


@pytest.fixture
async def world(one_world):
    """The seed's world and who is in it."""
    (person,) = (await one_world.control("GET", "/users"))["users"]
    return one_world, person


@documented
@pytest.mark.parametrize("dialect", SPECS)
async def test_a_home_timeline_is_as_documented(world, dialect):
    x, person = world
    description = spec(dialect)
    params = everything(description, HOME)
    pages = [await x.home(person, **params)]
    for _ in range(20):
        token = pages[-1].json()["meta"]["next_token"]
        pages.append(await x.home(person, **params, pagination_token=token))

    shown = {kind for page in pages for kind in page.json()["includes"]}
    assert [fault for page in pages[:3] for fault in faults(description, HOME, page.json())] == []
    assert shown == {"users", f"{dialect}s", "media", "polls", "places"}
    assert any("errors" in page.json() for page in pages)  # what is quoted may have been deleted


@documented
@pytest.mark.parametrize("dialect", SPECS)
async def test_nothing_is_shown_that_is_not_documented(world, dialect):
    x, person = world
    description = spec(dialect)
    page = (await x.home(person, **everything(description, HOME))).json()

    schemas = description["components"]["schemas"]
    kinds = {"data": dialect, f"{dialect}s": dialect, "users": "user", "polls": "poll", "places": "place"}
    for kind, things in (page["includes"] | {"data": page["data"]}).items():
        if kind != "media":  # whose schema is one of several
            known = schemas[kinds[kind].title()]["properties"]
            assert {name for thing in things for name in thing} <= known.keys()


@documented
@pytest.mark.parametrize("dialect", SPECS)
async def test_looked_up_tweets_are_as_documented(world, dialect):
    x, person = world
    description = spec(dialect)
    ids = ids_of(await x.page(person))[:99]

    answer = (await x.lookup(person, 20, *ids, **everything(description, "/2/tweets"))).json()

    assert faults(description, "/2/tweets", answer) == []
    assert ids_of(answer) == ids
    lost = {"resource_id": "20", "parameter": "ids", "title": "Not Found Error"}
    assert answer["errors"][-1] == answer["errors"][-1] | lost


@documented
async def test_who_asks_is_told_who_they_are_as_documented(world):
    x, person = world
    params = {"user.fields": everything(spec("tweet"), HOME)["user.fields"], "expansions": "pinned_tweet_id"}

    answer = (await x.ask("GET", "/2/users/me", params=params, headers=bearer(person))).json()

    assert faults(spec("tweet"), "/2/users/me", answer) == []
    assert answer["data"] == answer["data"] | {"id": person["id"], "username": person["username"]}


@documented
@pytest.mark.parametrize("dialect", SPECS)
def test_every_field_that_is_documented_is_known(dialect):
    for name, values in enums(spec(dialect), HOME).items():
        assert query.LISTS[name] >= set(values)


async def test_without_wishes_only_the_default_fields_are_shown(world):
    x, person = world

    page = await x.page(person)

    assert "includes" not in page
    assert {name for tweet in page["data"] for name in tweet} == {"id", "text", "edit_history_tweet_ids"}


async def test_wishes_choose_fields_and_what_is_shown_with_them(world):
    x, person = world
    wishes = {"tweet.fields": "lang,created_at", "expansions": "author_id", "user.fields": "verified"}

    page = await x.page(person, **wishes)

    default = {"id", "text", "edit_history_tweet_ids"}
    assert {name for tweet in page["data"] for name in tweet} == default | {"lang", "created_at", "author_id"}
    assert page["includes"].keys() == {"users"}
    assert {name for user in page["includes"]["users"] for name in user} == {
        "id", "name", "username", "verified",
    }  # fmt: skip
    assert {each["author_id"] for each in page["data"]} == {each["id"] for each in page["includes"]["users"]}


async def test_the_newer_dialect_has_names_of_its_own(world):
    x, person = world
    wishes = {"post.fields": "note_post", "expansions": "referenced_posts,author_id"}

    page = await x.page(person, **wishes)

    names = {name for tweet in page["data"] + page["includes"]["posts"] for name in tweet}
    assert {"edit_history_post_ids", "referenced_posts"} <= names
    assert not names & {"edit_history_tweet_ids", "referenced_tweets", "note_tweet"}
    assert page["includes"].keys() == {"users", "posts"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_results", "0"),
        ("max_results", "101"),
        ("max_results", "ten"),
        ("since_id", "-1"),
        ("until_id", "12345678901234567890"),
        ("until_id", ""),
        ("start_time", "yesterday"),
        ("start_time", "2010-11-05T23:59:59Z"),
        ("end_time", "2026-09-21"),
        ("pagination_token", "nonsense"),
        ("pagination_token", "é"),
        ("exclude", "quotes"),
        ("tweet.fields", "text,colour"),
        ("expansions", ""),
        ("count", "20"),
    ],
)
async def test_what_x_does_not_understand_is_named(world, name, value):
    x, person = world

    answer = await x.home(person, **{name: value})

    problem = answer.json()
    (error,) = problem.pop("errors")
    assert answer.status_code == 400
    assert problem == {
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.twitter.com/2/problems/invalid-request",
    }
    assert error["parameters"] == {name: [value]}
    assert name in error["message"]


@pytest.mark.parametrize("ids", ["", "twenty", "20,", ",".join(map(str, range(1, 102)))])
async def test_what_cannot_be_looked_up_is_refused(world, ids):
    x, person = world

    answer = await x.ask("GET", "/2/tweets", params={"ids": ids}, headers=bearer(person))

    assert answer.status_code == 400
    assert "ids" in answer.json()["errors"][0]["message"]


async def test_an_unknown_address_is_answered_as_x_answers(world):
    x, _ = world

    answer = await x.ask("GET", "/2/nowhere")

    assert (answer.status_code, answer.json()) == (
        404,
        {"title": "Not Found", "detail": "Not Found", "type": "about:blank", "status": 404},
    )


async def test_a_timeline_holds_every_kind_of_tweet(world):
    x, person = world
    kinds, lists = set(), {"tweet.fields": "referenced_tweets,note_tweet,edit_controls"}
    params = {}
    for _ in range(10):
        page = await x.page(person, **lists, **params)
        params = {"pagination_token": page["meta"]["next_token"]}
        kinds |= {each["type"] for tweet in page["data"] for each in tweet.get("referenced_tweets", ())}
        kinds |= {"note" for tweet in page["data"] if "note_tweet" in tweet}
        kinds |= {"edit" for tweet in page["data"] if len(tweet["edit_history_tweet_ids"]) > 1}

    assert kinds == {Kind.RETWEET, Kind.QUOTE, Kind.REPLY, "note", "edit"}
