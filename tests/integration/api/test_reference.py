"""What the reference says is so: a valid description, and no answer that it does not name."""

import pytest
from jsonschema import validate as validate_example
from openapi_spec_validator import validate

from tests.integration.api.people import ids_now, page_of


@pytest.fixture
async def described(gateway):
    """The application as it describes itself."""
    return (await gateway.get("/openapi.json")).json()


async def test_the_description_is_valid_openapi(described):
    validate(described)


async def test_every_scheme_that_a_route_asks_for_is_defined(described):
    asked = {
        scheme
        for path in described["paths"].values()
        for route in path.values()
        for each in route.get("security", ())
        for scheme in each
    }

    assert asked == set(described["components"]["securitySchemes"]) == {"bearer"}


async def test_every_route_but_those_that_let_in_and_that_are_for_all_asks_for_a_token(described):
    open_to_all = {path for path, routes in described["paths"].items() if not _secured(routes)}

    assert open_to_all == {
        "/v1/registrations", "/livez", "/readyz", "/metrics", "/login", "/login/callback", "/", "/settings",
        "/web/{name}",
        "/docs", "/docs/{name}",
    }  # fmt: skip


@pytest.mark.parametrize("wish", ["GET /v1/timeline", "GET /v1/account", "GET /2/users/me"])
async def test_each_kind_of_answer_is_described(gateway, people, ada, described, wish):
    await people.show(ada, page_of(ids_now(1)))
    method, path = wish.split()
    named = described["paths"][path][method.lower()]["responses"]

    good = await gateway.request(method, path, headers=ada.headers)
    bad = await gateway.request(method, path, params={"nonsense": "1"}, headers=ada.headers)
    unknown = await gateway.request(method, path)

    for answer in (good, bad, unknown):
        media_type = answer.headers["content-type"].partition(";")[0]
        assert media_type in named[str(answer.status_code)]["content"]


async def test_a_signature_that_cannot_be_read_is_answered_as_described(gateway, described):
    asked = [(path, routes["get"]) for path, routes in described["paths"].items() if "get" in routes]
    for path, route in asked:
        if "security" in route and "{" not in path:
            answer = await gateway.get(path, headers={"authorization": f"OAuth {'a' * 3000}"})
            assert answer.status_code == 400
            assert "400" in route["responses"], path


async def test_a_change_is_described_as_an_answer_without_content(described):
    for path, method in (("/v1/account/pause", "delete"), ("/v1/account/pause", "put")):
        named = described["paths"][path][method]["responses"]
        assert [status for status in named if status.startswith("2")] == ["204"]


async def test_every_success_has_an_example_that_is_as_it_is_described(described):
    answers = [
        (f"{method} {path} {status}", answer["content"]["application/json"])
        for path, methods in described["paths"].items()
        for method, route in methods.items()
        for status, answer in route["responses"].items()
        if status.startswith("2") and "application/json" in answer.get("content", {})
    ]

    assert len(answers) > 10
    for where, content in answers:
        assert "example" in content, where
        validate_example(content["example"], content["schema"])


async def test_every_parameter_that_is_described_is_taken(gateway, people, ada, described):
    await people.show(ada, page_of(ids_now(1)))
    route = described["paths"]["/2/users/{id}/timelines/reverse_chronological"]["get"]
    given = {
        "max_results": "1", "since_id": "1", "until_id": "9000000000000000000", "expansions": "author_id",
        "exclude": "replies", "start_time": "2026-01-01T00:00:00Z", "end_time": "2036-01-01T00:00:00Z",
    }  # fmt: skip

    for each in route["parameters"]:
        name = each["name"]
        if each["in"] == "query" and name != "pagination_token":
            value = given.get(name, "id" if name != "media.fields" else "media_key")
            answer = await gateway.get(ada.home, params={name: value}, headers=ada.headers)
            assert answer.status_code == 200, answer.text


def _secured(routes):
    return all(route.get("security") for route in routes.values())
