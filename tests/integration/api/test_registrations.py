"""Registering: X says whose tokens they are before anything is kept."""

import pytest


@pytest.mark.parametrize("generation", ["oauth1", "oauth2"])
async def test_a_new_person_gets_an_account_and_a_token(gateway, people, generation):
    person = await people.meet()

    answer = await gateway.post("/v1/registrations", json={generation: person.tokens[generation]})

    assert answer.status_code == 201, answer.text
    given = answer.json()
    assert given["account"]["id"] == person.id
    assert given["account"]["username"] == person.username
    assert given["account"]["standing"] == "active"
    assert given["token"].startswith("roost_")
    assert answer.headers["cache-control"] == "no-store"
    me = await gateway.get("/2/users/me", headers={"authorization": f"Bearer {given['token']}"})
    assert me.json()["data"]["id"] == person.id


async def test_registering_again_keeps_one_account_and_gives_another_token(gateway, people, ada, dump):
    answer = await gateway.post("/v1/registrations", json={"oauth1": ada.tokens["oauth1"]})

    assert answer.status_code == 200, answer.text
    assert answer.json()["token"] != ada.token
    assert [key for key in dump() if b":account:" in key] == [_account(dump(), ada)]


async def test_the_token_is_nowhere_in_redis(ada, dump):
    prefix, account_id, secret = ada.token.split("_", 2)
    whole = b"".join([*dump().keys(), *dump().values()])

    assert (prefix, account_id) == ("roost", ada.id)
    assert len(secret) > 43
    assert ada.username.encode() in whole  # what is kept would be found
    assert secret.encode() not in whole
    assert secret[:43].encode() not in whole


async def test_tokens_that_x_refuses_are_a_401_and_nothing_is_kept(gateway, people, dump):
    answer = await gateway.post("/v1/registrations", json={"oauth2": {"access_token": "never-given-out"}})

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 401
    assert [key for key in dump() if not key.startswith(b"tries:")] == []


@pytest.mark.parametrize(
    "fault", [{"status": 503}, {"drop": True}, {"truncate": True}, {"status": 429, "body": "usage-capped"}]
)
async def test_while_x_does_not_say_who_it_is_nothing_is_kept(gateway, x, people, dump, fault):
    person = await people.meet()
    await x.post("/_sim/faults", json={"user": person.id, **fault})

    answer = await gateway.post("/v1/registrations", json={"oauth2": person.tokens["oauth2"]})

    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) > 0
    assert [key for key in dump() if not key.startswith(b"asked:")] == []


async def test_x_is_not_asked_over_its_window(gateway, x, people):
    person = await people.meet()
    body = {"oauth2": person.tokens["oauth2"]}

    statuses = [(await gateway.post("/v1/registrations", json=body)).status_code for _ in range(100)]

    asked = (await x.get("/_sim/requests", params={"user": person.id})).json()["requests"]
    assert 429 in statuses
    assert {each["status"] for each in asked} == {200}
    assert len(asked) == statuses.count(201) + statuses.count(200)


async def test_a_spent_window_says_when_to_come_back(gateway, people):
    person = await people.meet()
    body = {"oauth2": person.tokens["oauth2"]}

    while (answer := await gateway.post("/v1/registrations", json=body)).status_code != 429:
        assert answer.status_code in {200, 201}

    assert 0 < int(answer.headers["retry-after"]) <= 1000
    assert answer.json()["title"] == "Too Many Requests"


def _account(dump, person):
    (key,) = [key for key in dump if key.endswith(f":account:{person.id}".encode())]
    return key
