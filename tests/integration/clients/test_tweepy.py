"""tweepy, unmodified: X's API v1.1 by another host over TLS, and v2 through an adapter."""

import asyncio

import httpx2
import pytest
import tweepy
from oauthlib import oauth1
from requests.adapters import HTTPAdapter


class Elsewhere(HTTPAdapter):
    """Carry to the gateway what is meant for X: this client's host cannot be changed."""

    def __init__(self, url):
        super().__init__()
        self._url = url

    def send(self, request, **options):
        request.url = request.url.replace("https://api.twitter.com", self._url)
        return super().send(request, **options)


@pytest.fixture(params=["signed", "bearer"])
def api(request, gate, reader, keys):
    """The API as the app of 2016 made it, signed or with a token, but for the host."""
    signed = tweepy.OAuth1UserHandler(*keys)
    auth = signed if request.param == "signed" else tweepy.OAuth2BearerHandler(reader.token)
    api = tweepy.API(auth, host=gate.host)
    _trust(api, gate)
    yield api
    api.session.close()


def _trust(api, gate):
    """Trust who vouches for the gateway, and nobody whom the machine names instead."""
    api.session.trust_env, api.session.verify = False, gate.trusted


async def test_a_proxy_may_ask_the_gateway_by_another_name(gate, reader, keys):
    signer = oauth1.Client(*keys)
    headers = signer.sign(f"https://{gate.host}/v1/account")[1] | {"host": "gateway.internal:8000"}

    async with httpx2.AsyncClient(base_url=gate.plain, timeout=30) as proxy:
        answer = await proxy.get("/v1/account", headers=headers)

    assert answer.status_code == 200, answer.text
    assert answer.json()["id"] == reader.id


async def test_the_newest_are_read_as_in_2016(api, ids):
    statuses = await asyncio.to_thread(api.home_timeline, since_id=ids[5], count=200)

    assert [each.id for each in statuses] == ids[:5]
    assert statuses[0].text == f"tweet {ids[0]}"
    assert statuses[0].user.screen_name == "jack"
    assert statuses[0].created_at.tzinfo is not None


async def test_a_cursor_reads_everything_in_order(api, ids):
    def read():
        cursor = tweepy.Cursor(api.home_timeline, count=200, tweet_mode="extended")
        return [each.id for each in cursor.items()]

    assert await asyncio.to_thread(read) == ids


async def test_what_else_the_old_api_takes_is_taken(api, ids):
    statuses = await asyncio.to_thread(
        api.home_timeline,
        max_id=ids[10],
        count=3,
        trim_user=True,
        exclude_replies=True,
        include_entities=False,
    )

    assert [each.id for each in statuses] == ids[10:13]
    assert not hasattr(statuses[0].user, "screen_name")


async def test_limits_and_who_one_is_are_told(api, reader):
    limits = await asyncio.to_thread(api.rate_limit_status, resources="statuses")
    me = await asyncio.to_thread(api.verify_credentials)

    told = limits["resources"]["statuses"]["/statuses/home_timeline"]
    assert 0 < told["remaining"] < told["limit"]
    assert (me.id_str, me.screen_name) == (reader.id, reader.username)


async def test_what_is_wrong_is_understood(api):
    def read():
        with pytest.raises(tweepy.BadRequest) as refused:
            api.home_timeline(since_id="x")
        return refused.value

    fault = await asyncio.to_thread(read)

    assert fault.api_codes == [44]
    assert "since_id" in fault.api_messages[0]


async def test_a_token_that_is_no_more_is_understood(gate, people):
    stranger = tweepy.API(tweepy.OAuth2BearerHandler("roost_1_x"), host=gate.host)
    _trust(stranger, gate)

    def read():
        with stranger.session, pytest.raises(tweepy.Unauthorized) as refused:
            stranger.home_timeline()
        return refused.value

    assert (await asyncio.to_thread(read)).api_codes == [89]


@pytest.mark.parametrize(("spoilt", "code"), [("secret", 32), ("clock", 135), ("all", 215)])
async def test_why_a_signature_is_not_taken_is_understood(gate, keys, spoilt, code):
    path = "/1.1/statuses/home_timeline.json"
    consumer_key, _, token, token_secret = keys
    secret = "another" if spoilt == "secret" else keys[1]
    at = "1500000000" if spoilt == "clock" else None
    signer = oauth1.Client(consumer_key, secret, token, token_secret, timestamp=at)
    headers = {} if spoilt == "all" else signer.sign(f"https://{gate.host}{path}")[1]

    async with httpx2.AsyncClient(base_url=gate.plain, timeout=30) as client:
        answer = await client.get(path, headers=headers)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, code)


@pytest.mark.parametrize("how", ["signed", "bearer"])
async def test_the_newer_api_is_read_completely_and_in_order(gate, reader, keys, ids, how):
    is_signed = how == "signed"

    def read():
        client = tweepy.Client(None, *keys) if is_signed else tweepy.Client(reader.token)
        client.session.mount("https://api.twitter.com", Elsewhere(gate.plain))
        with client.session:
            one = client.get_home_timeline(user_auth=is_signed, max_results=5, expansions="author_id")
            pages = tweepy.Paginator(client.get_home_timeline, user_auth=is_signed, max_results=100)
            return one, [each.id for each in pages.flatten()]

    one, everything = await asyncio.to_thread(read)

    assert everything == ids
    assert one.includes["users"][0].username == "jack"
