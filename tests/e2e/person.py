"""What a person does on the pages, what they see there, and what X tells them meanwhile."""

import json
import urllib.request

import redis
from playwright.sync_api import Page, expect

ROWS = "#timeline > li.row"
PAGE = 50
A_TWEET = 100
#: What people write who want to see a page break.
STRANGE = {
    "data": [
        {
            "id": "2124700899293056973",
            "author_id": "1",
            "text": "שלום  two spaces\n\nhttps://t.co/a",
            "lang": "he",
            "edit_history_tweet_ids": ["2124700899293056900", "2124700899293056973"],
            "entities": {
                "urls": [
                    {
                        "start": 18,
                        "end": 32,
                        "expanded_url": "javascript:alert(1)",
                        "display_url": "<b>here</b>",
                    }
                ]
            },
        },
        {
            "id": "2124700899293056800",
            "author_id": "1",
            "text": "RT",
            "referenced_tweets": [{"type": "retweeted", "id": "2124700899293056700"}],
        },
    ],
    "includes": {
        "users": [
            {"id": "1", "username": "liar", "name": "🦜 <i>bold</i>\u202e"},
            {"id": "2", "username": "calm", "name": "Calm"},
        ],
        "tweets": [
            {
                "id": "2124700899293056700",
                "author_id": "2",
                "text": "what Calm says",
                "referenced_tweets": [{"type": "quoted", "id": "2124700899293056600"}],
            },
            {"id": "2124700899293056600", "author_id": "1", "text": "what was quoted"},
        ],
    },
    "meta": {"result_count": 2, "newest_id": "2124700899293056973", "oldest_id": "2124700899293056800"},
    "gaps": [],
}


def sign_in(page: Page, roost, person: str = "person0", *, is_empty: bool = False) -> str:
    """Sign in; tell whose account it is."""
    page.goto(roost.gateway_url)
    page.get_by_role("link", name="Sign in with X").click()
    page.locator("#person").select_option(person)
    page.locator("#allow").click()
    expect(page.locator("#timeline" if is_empty else ROWS).first).to_be_attached()
    return account(page)["id"]


def account(page: Page) -> dict:
    return page.evaluate("fetch('/v1/account').then((answer) => answer.json())")


def ids(page: Page) -> list[int]:
    return [int(each) for each in page.locator(ROWS).evaluate_all("rows => rows.map(row => row.dataset.id)")]


def held(page: Page, roost) -> list[int]:
    """Read the newest ids of the timeline, whatever the page shows."""
    answer = page.request.get(f"{roost.gateway_url}/v1/timeline?max_results=800").json()
    return [int(each["id"]) for each in answer.get("data", [])]


def ask(roost, method: str, path: str, body: object = None):
    """Ask the simulator of X."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{roost.simulator_url}{path}", data, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"{}")


def write(roost, person: str, *texts: str) -> list[int]:
    """Let tweets appear in somebody's timeline at X."""
    tweets = {"tweets": [{"text": text} for text in texts]}
    return [int(each) for each in ask(roost, "POST", f"/_sim/users/{person}/tweets", tweets)["ids"]]


def open_gap(roost, person: str, older: int, newer: int, mark: str = "") -> None:
    """Note that something may be missing between two tweets."""
    with redis.Redis.from_url(roost.redis_url) as client:
        (key,) = client.scan_iter(f"*:account:{person}")
        client.hset(key, "gaps", f"{older}-{newer}{mark}")
