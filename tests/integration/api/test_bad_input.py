"""Bad input: each is told what is wrong with it, and nothing is written."""

import pytest

from shared.clock import Clock
from shared.domain.account import AccountId
from shared.store.connection import connect
from shared.store.sessions import Sessions, Terms

MEGABYTE = 1024 * 1024
REGISTRATIONS = {
    "not JSON": b"{",
    "nothing": b"",
    "not UTF-8": b'{"oauth1":{"token":"\xff","token_secret":"s"}}',
    "a list": b"[]",
    "null": b"null",
    "neither": b"{}",
    "both": b'{"oauth1":{"token":"t","token_secret":"s"},"oauth2":{"access_token":"t"}}',
    "an unknown field": b'{"oauth1":{"token":"t","token_secret":"s"},"color":"red"}',
    "an unknown field inside": b'{"oauth1":{"token":"t","token_secret":"s","color":"red"}}',
    "a number for a token": b'{"oauth2":{"access_token":1}}',
    "a text for a number": b'{"oauth2":{"access_token":"t","expires_in":"7200"}}',
    "a secret missing": b'{"oauth1":{"token":"t"}}',
    "an empty token": b'{"oauth2":{"access_token":""}}',
    "a line break in a token": b'{"oauth2":{"access_token":"t\\r\\nhost: x"}}',
    "half a character": b'{"oauth2":{"access_token":"\\ud800"}}',
    "a NUL in a scope": b'{"oauth2":{"access_token":"t","scope":"\\u0000"}}',
    "a token of 5000 characters": b'{"oauth2":{"access_token":"%b"}}' % (b"t" * 5000),
    "a hundred thousand brackets": b"[" * 60_000,
    "deep inside an object": b'{"oauth2":' + b'{"access_token":' * 3000,
    "a number without end": b'{"oauth2":{"access_token":"t","expires_in":1e999}}',
}
READS = {
    "max_results": ["0", "-1", "801", "ten", "", "1.5", "9" * 5000],
    "since_id": ["x", "-1", "9223372036854775808", ""],
    "until_id": ["x", "1e3", "99999999999999999999"],
    "pagination_token": ["x", "%00", "", "b" * 9000],
    "sort": ["old"],
    "exclude": ["likes", "", "replies,likes"],
}


@pytest.fixture
def unchanged(dump, ada):
    """Nothing in Redis is written by what the test does, but that somebody asked, or a token did not hold."""

    def kept():
        return {key: each for key, each in dump().items() if b"tries:" not in key and b":session:" not in key}

    before = kept()
    yield
    assert kept() == before


@pytest.mark.parametrize("body", REGISTRATIONS.values(), ids=REGISTRATIONS)
async def test_what_is_no_registration_is_a_problem_that_says_why(gateway, unchanged, body):
    answer = await gateway.post("/v1/registrations", content=body)

    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["title"]) == (400, "Invalid Request")
    assert problem["detail"]
    assert "t" * 100 not in answer.text  # no token comes back


@pytest.mark.parametrize("name", ["color", "token_secret", "access_token", "expires_in"])
async def test_a_field_that_cannot_be_taken_is_named(gateway, unchanged, name):
    body = {
        "color": {"oauth2": {"access_token": "t", "color": "red"}},
        "token_secret": {"oauth1": {"token": "t"}},
        "access_token": {"oauth2": {"access_token": 1}},
        "expires_in": {"oauth2": {"access_token": "t", "expires_in": "soon"}},
    }[name]

    answer = await gateway.post("/v1/registrations", json=body)

    assert name in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/v1/registrations", "/v1/account/pause", "/v1/nothing", "/v1/timeline"])
async def test_ten_megabytes_are_too_large_wherever_they_go(gateway, ada, unchanged, path):
    answer = await gateway.post(path, content=b"x" * (10 * MEGABYTE), headers=ada.headers)

    assert answer.status_code == 413
    assert answer.json()["title"] == "Content Too Large"


async def test_ten_megabytes_in_chunks_are_too_large_too(gateway, unchanged):
    sent = 0

    async def chunks():
        nonlocal sent
        for _ in range(160):
            sent += 1
            yield b"x" * 65536

    answer = await gateway.post("/v1/registrations", content=chunks())

    assert answer.status_code == 413
    assert answer.json()["title"] == "Content Too Large"


CASES = [(name, value) for name, values in READS.items() for value in values]


@pytest.mark.parametrize(("name", "value"), CASES, ids=[f"{name}={value[:24]}" for name, value in CASES])
async def test_a_parameter_that_cannot_be_taken_is_named(gateway, ada, unchanged, name, value):
    own = await gateway.get("/v1/timeline", params={name: value}, headers=ada.headers)
    as_x = await gateway.get(ada.home, params={name: value}, headers=ada.headers)

    assert (own.status_code, as_x.status_code) == (400, 400)
    assert own.headers["content-type"] == "application/problem+json"
    assert own.json()["errors"][0]["parameter"] == name
    assert as_x.json()["title"] == "Invalid Request"
    assert list(as_x.json()["errors"][0]["parameters"]) == [name]
    assert len(as_x.content) < 2000


async def test_a_parameter_given_twice_is_named(gateway, ada, unchanged):
    params = [("since_id", "1"), ("since_id", "2")]
    answer = await gateway.get("/v1/timeline", params=params, headers=ada.headers)

    assert answer.status_code == 400
    assert "twice" in answer.json()["detail"]


@pytest.mark.parametrize(
    "wish",
    [
        "GET /2/users/me",
        "GET /v1/account",
        "DELETE /v1/account",
        "PUT /v1/account/pause",
        "DELETE /v1/account/pause",
    ],
)
async def test_a_parameter_nobody_knows_changes_nothing(gateway, ada, unchanged, wish):
    answer = await gateway.request(*wish.split(), params={"dry_run": "true"}, headers=ada.headers)

    assert answer.status_code == 400
    assert "dry_run" in answer.text


@pytest.mark.parametrize("name", ["tweet.fields", "post.fields", "expansions", "user.fields", "media.fields"])
async def test_a_field_that_x_does_not_know_is_refused_as_x_does(gateway, ada, unchanged, name):
    answer = await gateway.get(ada.home, params={name: "nonsense"}, headers=ada.headers)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameters"] == {name: ["nonsense"]}


@pytest.mark.parametrize("path_id", ["me", "-1", "1e9", "9" * 30, "%D9%A3", "%00"])
async def test_an_id_in_the_path_that_is_none_is_a_400(gateway, ada, unchanged, path_id):
    path = f"/2/users/{path_id}/timelines/reverse_chronological"
    answer = await gateway.get(path, headers=ada.headers)

    assert answer.status_code == 400
    assert list(answer.json()["errors"][0]["parameters"]) == ["id"]


@pytest.mark.parametrize("given", ["", "Bearer", "Basic dTpw", "Bearer x", "Bearer roost_1_x", "roost"])
@pytest.mark.parametrize("path", ["/v1/timeline", "/v1/account", "/2/users/me", "home"])
async def test_without_a_good_token_nobody_is_known(gateway, ada, unchanged, path, given):
    answer = await gateway.get(ada.home if path == "home" else path, headers={"authorization": given})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["title"] == "Unauthorized"
    assert answer.json()["status"] == 401


async def test_a_token_for_another_account_is_not_believed(gateway, people, ada):
    bob = await people.register()
    forged = ada.token.replace(f"_{ada.id}_", f"_{bob.id}_")

    answer = await gateway.get("/v1/account", headers={"authorization": f"Bearer {forged}"})

    assert answer.status_code == 401


async def test_a_token_that_has_expired_is_no_longer_good(gateway, ada, redis_db):
    redis = connect(redis_db)
    given = await Sessions(redis).begin(AccountId(int(ada.id)), Terms.app(1), now_ms=Clock().now_ms())
    await redis.aclose()
    await Clock().sleep_ms(20)

    for path in ("/v1/timeline", "/v1/account", ada.home):
        answer = await gateway.get(path, headers={"authorization": f"Bearer {given.token}"})
        assert answer.status_code == 401
        assert "expired" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ("GET /v1/nothing", 404),
        ("GET /2/nothing", 404),
        ("GET /v1/registrations", 405),
        ("POST /v1/timeline", 405),
        ("DELETE /2/users/me", 405),
        ("PATCH /v1/account", 405),
    ],
)
async def test_what_is_not_there_is_a_problem_too(gateway, ada, unchanged, wish, status):
    answer = await gateway.request(*wish.split(), headers=ada.headers)

    assert answer.status_code == status
    fault = answer.json()
    assert (fault["status"], bool(fault["detail"])) == (status, True)
    if status == 405:
        assert answer.headers["allow"]
