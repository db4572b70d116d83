"""tweepy, unmodified: only the host that it asks is another."""

import asyncio

import pytest
import requests
import tweepy

from tests.integration.api.people import ids_now, page_of


class _Elsewhere(requests.adapters.HTTPAdapter):
    """Send what is meant for X to the gateway."""

    def __init__(self, url):
        super().__init__()
        self._url = url

    def send(self, request, **options):
        request.url = request.url.replace("https://api.twitter.com", self._url)
        return super().send(request, **options)


@pytest.fixture
def client(gateway_url, ada):
    """A tweepy client with the gateway's token where X's would be."""
    client = tweepy.Client(ada.token)
    client.session.mount("https://api.twitter.com", _Elsewhere(gateway_url))
    yield client
    client.session.close()


async def test_tweepy_reads_a_timeline(client, people, ada):
    ids = ids_now(3)
    await people.show(ada, page_of(ids))

    page = await asyncio.to_thread(
        client.get_home_timeline, user_auth=False, tweet_fields=["created_at"], expansions=["author_id"]
    )

    assert [tweet.id for tweet in page.data] == ids[::-1]
    assert page.data[0].text == f"tweet {ids[2]}"
    assert [user.username for user in page.includes["users"]] == ["jack"]
    assert page.meta["result_count"] == 3


async def test_tweepy_pages_through_a_timeline(client, people, ada):
    ids = ids_now(7)
    await people.show(ada, page_of(ids))

    def read():
        pages = tweepy.Paginator(client.get_home_timeline, user_auth=False, max_results=2)
        return [tweet.id for page in pages for tweet in page.data]

    assert await asyncio.to_thread(read) == ids[::-1]


async def test_tweepy_understands_what_the_gateway_refuses(client, gateway, ada):
    def read():
        with pytest.raises(tweepy.BadRequest) as refused:
            client.get_home_timeline(user_auth=False, max_results=101)
        return refused.value

    fault = await asyncio.to_thread(read)

    assert fault.api_messages
    assert "max_results" in fault.api_messages[0]


async def test_tweepy_hears_that_its_token_is_no_more(client, gateway, ada):
    await gateway.delete("/v1/account", headers=ada.headers)

    def read():
        with pytest.raises(tweepy.Unauthorized):
            client.get_home_timeline(user_auth=False)

    await asyncio.to_thread(read)
