"""What tests can do to sign-in, and see of it: faults, counts, secrets, the journal."""

import pytest

from tests.unit.simulator import oauth1
from tests.unit.simulator.oauth2 import CLIENT, consent, refresh, sign_in, status, trade


async def lost(how):
    """Ask, and hear nothing: in process, the transport says so by an assertion of its own."""
    with pytest.raises(AssertionError):
        await how


async def test_a_lost_answer_leaves_the_refresh_done(x):
    tokens = await sign_in(x, await x.person())
    await x.control("POST", "/faults", {"endpoint": "token", "drop": True, "times": 1})

    await lost(refresh(x, tokens))

    assert (await x.control("GET", "/oauth"))["refreshes"] == 1
    assert await status(x, tokens) == 200
    assert (await refresh(x, tokens)).status_code == 400  # a replay, which kills all
    assert await status(x, tokens) == 401


async def test_a_status_keeps_the_refresh_from_being_done(x):
    tokens = await sign_in(x, await x.person())
    await x.control("POST", "/faults", {"endpoint": "token", "status": 503, "times": 1})

    assert (await refresh(x, tokens)).status_code == 503

    assert (await x.control("GET", "/oauth"))["refreshes"] == 0
    assert (await refresh(x, tokens)).status_code == 200


async def test_an_outage_refuses_everybody_everything_and_leaves_all_as_it_was(x):
    ada = await x.person()
    tokens = await sign_in(x, ada)
    await x.control("POST", "/faults", {"status": 401})
    revoked = await x.ask("POST", "/2/oauth2/revoke", data={"token": tokens["access_token"]}, auth=CLIENT)
    async with oauth1.client(x, redirect_uri=oauth1.BACK) as app:
        begun = await app.post("/oauth/request_token")
    assert {revoked.status_code, begun.status_code, (await refresh(x, tokens)).status_code} == {401}
    assert await status(x, tokens) == 401

    await x.control("DELETE", "/faults")

    assert await status(x, tokens) == 200
    assert (await refresh(x, tokens)).status_code == 200


async def test_a_fault_strikes_the_refreshes_of_one_person(x):
    ada, bob = await x.person(), await x.person()
    await x.control("POST", "/faults", {"endpoint": "token", "status": 500, "user": ada["id"]})
    codes = [(await consent(x, each))["code"] for each in (ada, bob)]

    assert [(await trade(x, each)).status_code for each in codes] == [500, 200]
    assert [(await refresh(x, each["oauth2"])).status_code for each in (ada, bob)] == [500, 200]


async def test_a_slow_refresh_is_done_before_it_is_answered(x):
    ada = await x.person()
    await x.control("POST", "/faults", {"endpoint": "token", "latency_ms": 9000})
    before_ms = x.clock.at_ms

    tokens = (await refresh(x, ada["oauth2"])).json()

    assert x.clock.at_ms == before_ms + 9000
    x.clock.at_ms = before_ms + 7_200_000
    assert await status(x, tokens) == 401


async def test_access_tokens_expire_when_told_and_refresh_tokens_stay_good(x):
    ada, bob = await x.person(), await x.person()
    tokens = await sign_in(x, ada)

    await x.control("POST", f"/users/{ada['id']}/expire")

    everybody = (tokens, ada["oauth2"], bob["oauth2"])
    assert [await status(x, each) for each in everybody] == [401, 401, 200]
    assert (await x.control("GET", "/users"))["users"][0]["oauth2"]["expires_in"] == 0
    assert await status(x, (await refresh(x, tokens)).json()) == 200


async def test_everything_is_counted(x):
    ada = await x.person()
    assert set((await x.control("GET", "/oauth")).values()) == {0}
    tokens = await sign_in(x, ada)
    await refresh(x, tokens)
    await refresh(x, tokens)
    await refresh(x, tokens)
    await x.ask("POST", "/2/oauth2/revoke", data={"token": ada["oauth2"]["access_token"]}, auth=CLIENT)

    assert await x.control("GET", "/oauth") == {
        "codes": 1,
        "refreshes": 1,
        "replays": 2,
        "families_killed": 2,
        "revocations": 1,
    }


async def test_every_secret_is_known_and_none_is_in_the_journal(x):
    ada = await x.person()
    code = (await consent(x, ada))["code"]
    tokens = (await trade(x, code)).json()
    newer = (await refresh(x, tokens)).json()
    token = await oauth1.sign_in(x, ada)
    await x.ask("POST", "/2/oauth2/revoke", data={"token": newer["refresh_token"]}, auth=CLIENT)
    await x.ask("POST", "/2/oauth2/token", data={"grant_type": newer["access_token"]}, auth=CLIENT)

    known = set((await x.control("GET", "/secrets"))["secrets"])

    given = {each[name] for each in (tokens, newer) for name in ("access_token", "refresh_token")}
    given |= {code, token["oauth_token"], token["oauth_token_secret"]}
    given |= {ada["oauth2"]["access_token"], ada["oauth2"]["refresh_token"], *ada["oauth1"].values()}
    assert given <= known
    requests = await x.ask("GET", "/_sim/requests")
    assert not [each for each in known if each in requests.text]


async def test_the_journal_notes_what_sign_in_asks(x):
    ada = await x.person()
    tokens = await sign_in(x, ada)
    await refresh(x, tokens)
    await oauth1.sign_in(x, ada)
    await x.ask("POST", "/2/oauth2/revoke", data={"token": tokens["access_token"]})

    requests = (await x.control("GET", "/requests"))["requests"]

    assert [(each["endpoint"], each["params"], each["status"], each["user"]) for each in requests] == [
        ("authorize", {}, 303, ada["id"]),
        ("token", {"grant_type": "authorization_code"}, 200, ada["id"]),
        ("token", {"grant_type": "refresh_token"}, 200, ada["id"]),
        ("request_token", {}, 200, ""),
        ("authenticate", {}, 303, ada["id"]),
        ("access_token", {}, 200, ada["id"]),
        ("revoke", {}, 401, ada["id"]),
    ]
