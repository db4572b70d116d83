"""The consent page, and the codes that it gives."""

import re

import pytest

from tests.unit.simulator.oauth2 import (
    ASKED,
    BACK,
    NO_CODE,
    VERIFIER,
    consent,
    refresh,
    status,
    trade,
)


async def test_the_page_asks_for_what_the_app_asks_for(x):
    await x.person(username="ada")
    await x.person(username="bob")

    page = await x.ask("GET", "/i/oauth2/authorize", params=ASKED | {"state": '"><script>'})

    assert page.status_code == 200
    assert re.findall(r"<option[^>]*>\w+", page.text) == ["<option selected>ada", "<option>bob"]
    assert "See who you are" in page.text
    assert "<script" not in page.text
    assert {'form id="consent"', 'select id="person"', 'button id="allow"', 'button id="deny"'} <= set(
        re.findall(r'(?:form|select|button) id="\w+"', page.text)
    )


async def test_a_person_can_be_chosen_beforehand(x):
    await x.person(username="ada")
    await x.person(username="bob")

    page = await x.ask("GET", "/i/oauth2/authorize", params=ASKED | {"person": "bob"})

    assert re.findall(r"<option[^>]*>\w+", page.text) == ["<option>ada", "<option selected>bob"]


async def test_a_person_who_keeps_the_app_out_gives_no_code(x):
    ada = await x.person()

    assert await consent(x, ada, "deny") == {"error": "access_denied", "state": "s-7"}
    assert await consent(x, ada, "") == {"error": "access_denied", "state": "s-7"}


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"response_type": "token"}, "response_type"),
        ({"client_id": "another"}, "client_id"),
        ({"redirect_uri": "http://elsewhere.test/"}, "redirect_uri"),
        ({"redirect_uri": "//127.0.0.1/"}, "redirect_uri"),
        ({"redirect_uri": "https://"}, "redirect_uri"),
        ({"redirect_uri": "https://[/"}, "redirect_uri"),
        ({"redirect_uri": BACK + "#part"}, "redirect_uri"),
        ({"scope": ""}, "scope"),
        ({"scope": "tweet.read everything"}, "scope"),
        ({"state": ""}, "state"),
        ({"state": "s" * 501}, "state"),
        ({"code_challenge": ""}, "code_challenge"),
        ({"code_challenge_method": "s256"}, "code_challenge_method"),
        ({"person": "nobody"}, "Nobody"),
    ],
    ids=str,
)
async def test_a_wrong_request_gets_a_page_that_says_what_is_wrong(x, wrong, word):
    ada = await x.person()
    asked = ASKED | wrong

    answers = [
        await x.ask("GET", "/i/oauth2/authorize", params=asked),
        await x.ask(
            "POST", "/i/oauth2/authorize", data={"person": ada["username"], "decision": "allow"} | asked
        ),
    ]

    for answer in answers:
        assert answer.status_code == 400
        assert answer.headers["content-type"].startswith("text/html")
        assert word in answer.text


@pytest.mark.parametrize(
    "back", ["https://roost.example/login?a=b", "http://localhost:1/", "http://[::1]:80/x"]
)
async def test_a_person_is_sent_back_safely_or_within_this_machine(x, back):
    ada = await x.person()
    form = ASKED | {"redirect_uri": back, "person": ada["username"], "decision": "allow"}

    answer = await x.ask("POST", "/i/oauth2/authorize", data=form)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith(
        back + ("&" if "?" in back else "?") + "state=s-7&code=code-"
    )


async def test_a_code_lives_thirty_seconds(x):
    ada = await x.person()
    young, old = (await consent(x, ada))["code"], (await consent(x, ada))["code"]
    x.clock.at_ms += 29_999
    assert (await trade(x, young)).status_code == 200

    x.clock.at_ms += 1

    answer = await trade(x, old)
    assert (answer.status_code, answer.json()["error_description"]) == (400, NO_CODE)


async def test_a_code_that_comes_again_takes_back_what_it_gave(x):
    code = (await consent(x, await x.person()))["code"]
    tokens = (await trade(x, code)).json()
    assert await status(x, tokens) == 200

    answer = await trade(x, code)

    assert (answer.status_code, answer.json()["error_description"]) == (400, NO_CODE)
    assert await status(x, tokens) == 401
    assert (await refresh(x, tokens)).status_code == 400
    assert (await x.control("GET", "/oauth"))["families_killed"] == 1


@pytest.mark.parametrize(
    "wrong",
    [{"redirect_uri": BACK + "/"}, {"code_verifier": "w" * 43}, {"code_verifier": "é"}, {"redirect_uri": ""}],
)
async def test_a_code_is_for_who_asked_for_it(x, wrong):
    code = (await consent(x, await x.person()))["code"]

    answer = await trade(x, code, **wrong)

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


async def test_a_plain_challenge_is_its_own_verifier(x):
    ada = await x.person()
    plain = {"code_challenge": VERIFIER, "code_challenge_method": "plain"}

    code = (await consent(x, ada, **plain))["code"]

    assert (await trade(x, code)).status_code == 200
