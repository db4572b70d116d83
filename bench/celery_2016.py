"""
The yardstick for the whole design: the student project of 2016, on the same RabbitMQ.

Celery with its default concurrency, a task per account, tweepy, one write per
tweet. Only tweepy's host is changed: it always asks api.twitter.com, so its
session is given an adapter that sends those requests to the page server.

    python -m bench.celery_2016 BROKER_URL PAGES_URL REDIS_URL worker …
"""

import json
import sys
from typing import Any

import redis
import tweepy
from celery import Celery
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from shared.x.home import FIELDS

X_URL = "https://api.twitter.com"
TASK = "poll"
FIELDS_ASKED = {name.replace(".", "_"): value for name, value in FIELDS.items()}


def make_app(broker_url: str) -> Celery:
    """Make the Celery app; all is left as Celery has it, but for results, which nobody reads."""
    app = Celery("student-project", broker=broker_url)
    app.conf.task_ignore_result = True
    return app


class Client(tweepy.Client):
    """tweepy, which here knows whose token it has, as the project did from its table of users."""

    def __init__(self, account_id: int, pages_url: str) -> None:
        super().__init__(bearer_token=f"at-{account_id:040}")
        self._account_id = account_id
        self.session.mount(X_URL, ToPages(pages_url))

    def _get_authenticating_user_id(self, **_: Any) -> str:
        return str(self._account_id)


class ToPages(HTTPAdapter):
    """Sends what is meant for X to the page server."""

    def __init__(self, pages_url: str) -> None:
        super().__init__()
        self._pages_url = pages_url

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Send a request."""
        request.url = (request.url or "").replace(X_URL, self._pages_url)
        return super().send(request, *args, **kwargs)


def poll(pages_url: str, store: redis.Redis, account_id: int) -> None:
    """Poll one account as the project did: ask since the newest tweet, write what came, tweet by tweet."""
    # Each user has a token of their own, so each task makes a client.
    client = Client(account_id, pages_url)
    since_id = store.get(f"since:{account_id}") or b"1"
    answer = client.get_home_timeline(
        max_results=100, since_id=since_id.decode(), user_auth=False, **FIELDS_ASKED
    )
    for tweet in reversed(answer.data):
        store.hset(f"timeline:{account_id}", str(tweet.id), json.dumps(tweet.data))
    store.set(f"since:{account_id}", answer.meta["newest_id"])


def main(broker_url: str, pages_url: str, redis_url: str, *words: str) -> None:
    """Be a Celery worker."""
    app = make_app(broker_url)
    store = redis.Redis.from_url(redis_url)

    @app.task(name=TASK)
    def poll_task(account_id: int) -> None:
        poll(pages_url, store, account_id)

    app.worker_main([*words])


if __name__ == "__main__":
    main(*sys.argv[1:])
