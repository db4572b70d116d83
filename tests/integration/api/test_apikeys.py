"""API keys: made, named, listed with their last use, revoked; and never more than their maker may."""

import pytest

from shared.store.sessions import KEYS_KEPT

READ, WRITE = "timeline:read", "account:write"


async def make(gateway, headers, **wanted):
    return await gateway.post("/v1/account/keys", json={"name": "shelf", **wanted}, headers=headers)


async def speak(gateway, headers, **wanted):
    """Make a key; give the headers that speak with it."""
    answer = await make(gateway, headers, **wanted)
    assert answer.status_code == 201, answer.text
    return {"authorization": f"Bearer {answer.json()['token']}"}


async def list_keys(gateway, ada):
    return (await gateway.get("/v1/account/keys", headers=ada.headers)).json()["keys"]


async def test_a_key_is_shown_once_and_reads_the_timeline(gateway, ada):
    answer = await make(gateway, ada.headers, name="Zoë's shelf", scopes=[READ])

    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    made = answer.json()
    token = made.pop("token")
    assert (made["name"], made["scopes"], made["used_at"]) == ("Zoë's shelf", [READ], None)
    assert len(made["id"]) == 16
    assert await list_keys(gateway, ada) == [made]
    headers = {"authorization": f"Bearer {token}"}
    assert (await gateway.get("/v1/timeline", headers=headers)).status_code == 200
    assert (await gateway.get(ada.home, headers=headers)).status_code == 200


async def test_a_key_may_read_only_unless_more_was_asked_for(gateway, ada):
    headers = await speak(gateway, ada.headers)

    answer = await gateway.put("/v1/account/pause", headers=headers)

    assert answer.status_code == 403
    assert 'error="insufficient_scope", scope="account:write"' in answer.headers["www-authenticate"]
    assert answer.json()["title"] == "Forbidden"


async def test_a_key_that_may_only_write_does_not_read(gateway, ada):
    headers = await speak(gateway, ada.headers, scopes=[WRITE])

    for path in ("/v1/timeline", "/v1/account", ada.home, "/2/users/me"):
        answer = await gateway.get(path, headers=headers)
        assert answer.status_code == 403
        assert 'scope="timeline:read"' in answer.headers["www-authenticate"]
    assert (await gateway.put("/v1/account/pause", headers=headers)).status_code == 204


async def test_a_key_does_not_make_one_that_may_more_than_itself(gateway, ada):
    writer = await speak(gateway, ada.headers, scopes=[WRITE])

    assert (await make(gateway, writer, scopes=[READ])).status_code == 403
    assert (await make(gateway, writer, scopes=[READ, WRITE])).status_code == 403
    assert (await make(gateway, writer, scopes=[WRITE])).status_code == 201


@pytest.mark.parametrize("path", ["/v1/timeline", "/v1/account"])
async def test_the_list_tells_when_a_key_was_last_used(gateway, ada, path):
    await gateway.get(path, headers=await speak(gateway, ada.headers))

    (listed,) = await list_keys(gateway, ada)

    assert listed["used_at"] >= listed["made_at"]


async def test_a_key_that_was_revoked_holds_no_more(gateway, ada):
    made = (await make(gateway, ada.headers)).json()

    answers = [await gateway.delete(f"/v1/account/keys/{made['id']}", headers=ada.headers) for _ in range(2)]

    assert [each.status_code for each in answers] == [204, 404]
    assert await list_keys(gateway, ada) == []
    headers = {"authorization": f"Bearer {made['token']}"}
    assert (await gateway.get("/v1/timeline", headers=headers)).status_code == 401


@pytest.mark.parametrize("key_id", ["", "0", "*", "%00", "0123456789abcdef"])
async def test_an_id_that_is_none_revokes_nothing(gateway, ada, key_id):
    await make(gateway, ada.headers)

    answer = await gateway.delete(f"/v1/account/keys/{key_id}", headers=ada.headers)

    assert answer.status_code in {404, 405}
    assert len(await list_keys(gateway, ada)) == 1


async def test_the_keys_of_others_are_neither_seen_nor_revoked(gateway, people, ada):
    bob = await people.register()
    made = (await make(gateway, ada.headers)).json()

    assert await list_keys(gateway, bob) == []
    answer = await gateway.delete(f"/v1/account/keys/{made['id']}", headers=bob.headers)
    assert answer.status_code == 404
    assert len(await list_keys(gateway, ada)) == 1


async def test_keys_go_with_their_account(gateway, ada):
    headers = await speak(gateway, ada.headers)

    await gateway.delete("/v1/account", headers=ada.headers)

    assert (await gateway.get("/v1/timeline", headers=headers)).status_code == 401


async def test_one_key_too_many_is_refused(gateway, ada):
    statuses = [(await make(gateway, ada.headers)).status_code for _ in range(KEYS_KEPT + 1)]

    assert statuses == [201] * KEYS_KEPT + [409]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b'{"scopes":["timeline:read"]}', b'{"name":"","scopes":["timeline:read"]}',
        b'{"name":"   "}', b'{"name":"a\\nb"}', b'{"name":7}', b'{"name":"%b"}' % (b"n" * 81),
        b'{"name":"a","scopes":[]}', b'{"name":"a","scopes":["all"]}',
        b'{"name":"a","scopes":"timeline:read"}', b'{"name":"a","idle":1}', b'{"name":"\\ud800"}',
    ],
)  # fmt: skip
async def test_what_describes_no_key_is_a_problem_that_says_why(gateway, ada, dump, body):
    before = dump().keys()

    answer = await gateway.post("/v1/account/keys", content=body, headers=ada.headers)

    assert answer.status_code == 400, answer.text
    assert answer.json()["detail"]
    assert dump().keys() == before
