"""Our side of X against its stand-in: what is asked for, and what every answer comes to."""

import asyncio
from dataclasses import dataclass

import httpx2
import pytest

from roost.ports import reserve_port
from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.credential import Credential, OAuth1Credential, OAuth2Credential
from shared.domain.outcome import Limited, Malformed, Refused, Stopped, Unavailable
from shared.domain.timeline import Page, Want
from shared.domain.tweet import TweetId
from shared.x.home import Home
from shared.x.me import Me, Person
from shared.x.upstream import App, Upstream

TWEETS = 12
ALL = Want(since=TweetId(0))


@dataclass
class Asking:
    """Somebody's home timeline at X, and who asks for it."""

    x: httpx2.AsyncClient
    upstream: Upstream
    account_id: AccountId
    credentials: dict[str, Credential]
    username: str

    @property
    def credential(self):
        return self.credentials["oauth2"]

    async def fetch(self, want=ALL, *, page_size=100, credential=None):
        home = Home(self.upstream, Clock())
        return await home.fetch(self.account_id, credential or self.credential, want, page_size)

    async def whose(self, credential=None):
        return await Me(self.upstream, Clock()).whose(credential or self.credential)

    async def fail(self, **fault):
        answer = await self.x.post("/_sim/faults", json={"user": str(self.account_id)} | fault)
        assert answer.is_success, answer.text

    async def truth(self):
        """List what X holds, newest first."""
        answer = await self.x.get(f"/_sim/users/{self.account_id}/timeline")
        return [int(each) for each in answer.json()["ids"]]


@pytest.fixture
async def asking(simulator_url):
    async with httpx2.AsyncClient(base_url=simulator_url, timeout=30) as x:
        person = (await x.post("/_sim/users", json={"follow": 0})).json()
        await x.post(f"/_sim/users/{person['id']}/tweets", json={"count": TWEETS})
        await x.put(f"/_sim/users/{person['id']}/limit", json={"limit": 100})
        credentials = {
            "oauth1": OAuth1Credential(person["oauth1"]["token"], person["oauth1"]["token_secret"]),
            "oauth2": OAuth2Credential(person["oauth2"]["access_token"], None, 2**50, ""),
        }
        app = App(simulator_url, "roost-simulator", "roost-simulator-secret")
        async with Upstream(app, connections=2, timeout_seconds=1) as upstream:
            yield Asking(x, upstream, AccountId(int(person["id"])), credentials, person["username"])
        await x.delete("/_sim/faults")


@pytest.mark.parametrize("generation", ["oauth1", "oauth2"])
async def test_x_takes_both_generations_of_credentials(asking, generation):
    credential = asking.credentials[generation]

    answer, named = await asking.fetch(credential=credential), await asking.whose(credential)

    assert list(answer.outcome.ids) == await asking.truth()
    assert named.person == Person(asking.account_id, asking.username, named.person.name)


async def test_following_the_tokens_reads_everything_once(asking):
    read, token = [], None
    while True:
        page = (await asking.fetch(Want(TweetId(0), token=token), page_size=5)).outcome
        read += page.ids
        token = page.next_token
        if token is None:
            break

    assert read == await asking.truth()


async def test_both_ends_of_a_range_are_exclusive(asking):
    truth = await asking.truth()

    answer = await asking.fetch(Want(since=TweetId(truth[8]), until=TweetId(truth[3])))

    assert list(answer.outcome.ids) == truth[4:8]


async def test_every_tweet_comes_with_its_author_and_all_of_its_body(asking):
    page = (await asking.fetch()).outcome
    keys = {body.key for body in page.bodies}

    for body in page.bodies:
        if body.key.startswith("tweet:"):
            assert any(ref.startswith("user:") and ref in keys for ref in body.refs)


async def test_the_window_is_what_x_says_of_it(asking):
    first, second = await asking.fetch(), await asking.fetch()

    assert first.window.limit == 100
    assert first.window.left == second.window.left + 1
    assert first.window.resets_at_ms == second.window.resets_at_ms > Clock().now_ms()


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"status": 401}, Refused("sign-in-needed")),
        ({"status": 402}, Stopped("credit-empty")),
        ({"status": 403}, Refused("forbidden")),
        ({"status": 403, "body": "user-suspended"}, Refused("suspended", certain=True)),
        ({"status": 403, "body": "user-locked"}, Refused("locked", certain=True)),
        ({"status": 403, "body": "client-not-enrolled"}, Stopped("app-forbidden")),
        ({"status": 429, "body": "usage-capped"}, Stopped("usage-capped")),
        ({"status": 404}, Malformed("status-404")),
        ({"status": 500}, Unavailable("status-500")),
        ({"status": 503}, Unavailable("status-503")),
        ({"drop": True}, Unavailable("connection")),
        ({"latency_ms": 3000}, Unavailable("timeout")),
        ({"truncate": True}, Malformed("truncated")),
    ],
)
async def test_everything_that_goes_wrong_at_x_is_a_value_by_its_name(asking, fault, outcome):
    await asking.fail(**fault)

    assert (await asking.fetch()).outcome == outcome
    assert (await asking.whose()).person == outcome


async def test_a_window_that_is_empty_says_when_it_resets(asking):
    await asking.x.put(f"/_sim/users/{asking.account_id}/limit", json={"limit": 1})
    await asking.fetch()

    answer = await asking.fetch()

    assert isinstance(answer.outcome, Limited)
    assert answer.window.left == 0
    assert answer.outcome.resets_at_ms == answer.window.resets_at_ms > Clock().now_ms()


async def test_headers_count_also_of_an_answer_that_is_cut_short_or_refused(asking):
    windows = []
    for fault in ({"truncate": True}, {"status": 500}):
        await asking.x.delete("/_sim/faults")
        await asking.fail(**fault)
        windows += [(await asking.fetch()).window, (await asking.whose()).window]

    assert all(window is not None for window in windows)


async def test_a_token_x_has_not_given_needs_a_new_sign_in(asking):
    for credential in (OAuth2Credential("nobody's", None, 2**50, ""), OAuth1Credential("nobody's", "x")):
        assert (await asking.fetch(credential=credential)).outcome == Refused("sign-in-needed")
        assert (await asking.whose(credential)).person == Refused("sign-in-needed")


async def test_an_x_that_is_not_there_is_told_from_one_that_does_not_answer(asking):
    async with Upstream(
        App(f"http://127.0.0.1:{reserve_port()}"), connections=1, timeout_seconds=1
    ) as nowhere:
        answer = await Home(nowhere, Clock()).fetch(asking.account_id, asking.credential, ALL, 5)

    assert isinstance(answer.outcome, Unavailable)
    assert answer.outcome.reason == "unreached"
    assert answer.window is None


async def test_an_empty_timeline_is_an_empty_page(asking):
    newest = (await asking.truth())[0]

    assert (await asking.fetch(Want(since=TweetId(newest)))).outcome == Page()


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"data":{"id":"x","username":"a","name":"b"}}'])
async def test_a_200_that_is_not_what_x_documents_is_malformed(asking, body):
    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Upstream(App(f"http://127.0.0.1:{port}"), connections=1, timeout_seconds=5) as other:
        fetched = await Home(other, Clock()).fetch(asking.account_id, asking.credential, ALL, 5)
        named = await Me(other, Clock()).whose(asking.credential)

    assert isinstance(fetched.outcome, Malformed)
    assert isinstance(named.person, Malformed)
