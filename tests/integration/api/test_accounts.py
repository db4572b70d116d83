"""The caller's own account: its state, pausing, forgetting."""

from tests.integration.api.people import ids_now, page_of


async def test_the_account_says_how_it_stands(gateway, people, ada):
    await people.show(ada, page_of(ids_now(3)))

    answer = await gateway.get("/v1/account", headers=ada.headers)

    assert answer.status_code == 200, answer.text
    account = answer.json()
    assert (account["id"], account["username"]) == (ada.id, ada.username)
    assert account["standing"] == "active"
    assert (account["tweets"], account["gaps"], account["last_outcome"]) == (3, 0, "page")
    assert (account["window"]["limit"], account["window"]["left"]) == (15, 14)
    assert account["as_of"] == answer.headers["roost-as-of"]
    assert account["stale"] is None


async def test_an_account_never_polled_has_no_instant_and_no_window(gateway, ada):
    account = (await gateway.get("/v1/account", headers=ada.headers)).json()

    assert (account["as_of"], account["window"], account["last_outcome"]) == (None, None, None)
    assert (account["stale"], account["gaps"]) == ("not-polled-yet", 1)


async def test_pausing_twice_is_pausing_once_and_what_is_held_is_served(gateway, people, ada):
    ids = ids_now(1)
    await people.show(ada, page_of(ids))

    for _ in range(2):
        assert (await gateway.put("/v1/account/pause", headers=ada.headers)).status_code == 204

    answer = await gateway.get("/v1/timeline", headers=ada.headers)
    assert answer.json()["meta"]["newest_id"] == str(ids[0])
    assert answer.headers["roost-stale"] == "paused"
    assert await people.claimed() == []


async def test_resuming_makes_the_account_due(gateway, people, ada):
    await gateway.put("/v1/account/pause", headers=ada.headers)

    for _ in range(2):
        assert (await gateway.delete("/v1/account/pause", headers=ada.headers)).status_code == 204

    assert await people.claimed() == [ada.id]


async def test_forgetting_leaves_nothing_of_the_account(gateway, people, ada, dump):
    bob = await people.register()
    await people.show(ada, page_of(ids_now(3)))
    again = await gateway.post("/v1/registrations", json={"oauth1": ada.tokens["oauth1"]})

    assert (await gateway.delete("/v1/account", headers=ada.headers)).status_code == 200

    for token in (ada.token, again.json()["token"]):
        answer = await gateway.get("/v1/account", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 401
    assert [key for key in dump() if ada.id.encode() in key] == []
    assert not [key for key, value in dump().items() if ada.id.encode() in value]
    assert (await gateway.get("/v1/account", headers=bob.headers)).status_code == 200


async def test_one_who_was_forgotten_may_come_back(gateway, people, ada):
    await people.show(ada, page_of(ids_now(3)))
    await gateway.delete("/v1/account", headers=ada.headers)

    answer = await gateway.post("/v1/registrations", json={"oauth1": ada.tokens["oauth1"]})

    assert answer.status_code == 201
    headers = {"authorization": f"Bearer {answer.json()['token']}"}
    assert (await gateway.get("/v1/timeline", headers=headers)).json()["meta"] == {"result_count": 0}


async def test_a_parked_timeline_is_still_served_and_says_why(gateway, people, ada):
    await people.show(ada, page_of(ids_now(3)))
    await people.park(ada, "sign-in-needed")

    for path in ("/v1/timeline", ada.home):
        answer = await gateway.get(path, headers=ada.headers)
        assert answer.status_code == 200
        assert len(answer.json()["data"]) == 3
        assert answer.headers["roost-stale"] == "sign-in-needed"
    assert (await gateway.get("/v1/account", headers=ada.headers)).json()["parked"] == "sign-in-needed"


async def test_one_who_registers_again_is_parked_no_longer(gateway, people, ada):
    await people.show(ada, page_of(ids_now(3)))
    await people.park(ada, "sign-in-needed")

    await gateway.post("/v1/registrations", json={"oauth1": ada.tokens["oauth1"]})

    assert "roost-stale" not in (await gateway.get("/v1/timeline", headers=ada.headers)).headers
    assert await people.claimed() == [ada.id]
