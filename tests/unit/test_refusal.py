"""What X's refusals mean, by the bodies that were recorded."""

import json
from pathlib import Path

import httpx2
import pytest

from shared.domain.budget import ASSUMED_WINDOW_MS
from shared.domain.outcome import Limited, Malformed, Refused, Stopped, Unavailable, word_for
from shared.x.refusal import read_refusal
from shared.x.upstream import Reply

NOW_MS = 1_800_000_000_000
RECORDED = Path(__file__).parents[3] / "shared" / "recordings" / "derived" / "error_bodies_from_threads.json"
WINDOW = {"x-rate-limit-limit": "15", "x-rate-limit-remaining": "3", "x-rate-limit-reset": "1800000600"}


def read(status, body, headers=None):
    return read_refusal(
        Reply(status, httpx2.Headers(headers or {}), json.dumps(body).encode()), now_ms=NOW_MS
    )


def test_a_429_is_a_spent_window_whatever_its_headers_count():
    failure, window = read(429, {"title": "Too Many Requests", "type": "about:blank", "status": 429}, WINDOW)

    assert failure == Limited(1_800_000_601_000)
    assert window.left == 0


def test_a_429_without_headers_waits_for_a_whole_window():
    failure, window = read(429, {})

    assert failure == Limited(NOW_MS + ASSUMED_WINDOW_MS)
    assert window is None


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (429, {"title": "UsageCapExceeded"}, Stopped("usage-capped")),
        (429, {"type": "https://api.twitter.com/2/problems/usage-capped"}, Stopped("usage-capped")),
        (402, {"title": "CreditsDepleted"}, Stopped("credit-empty")),
        (401, {"title": "Unauthorized"}, Refused("sign-in-needed")),
        (403, {"type": "https://api.x.com/2/problems/user-suspended"}, Refused("suspended")),
        (403, {"errors": [{"code": 64}]}, Refused("suspended")),
        (403, {"errors": [{"code": 326}]}, Refused("locked")),
        (403, {"errors": [{"code": 453}]}, Stopped("app-forbidden")),
        (403, {"type": "https://api.twitter.com/2/problems/client-forbidden"}, Stopped("app-forbidden")),
        (403, {"title": "Forbidden", "type": "about:blank"}, Refused("forbidden")),
        (503, {"errors": [{"code": 130}]}, Unavailable("status-503")),
        (500, "not an object", Unavailable("status-500")),
        (400, {"type": "https://api.twitter.com/2/problems/invalid-request"}, Malformed("status-400")),
        (404, {}, Malformed("status-404")),
    ],
)  # fmt: skip
def test_each_refusal_has_its_meaning(status, body, failure):
    assert read(status, body)[0] == failure
    assert word_for(failure)


def test_no_recorded_refusal_is_without_meaning():
    if not RECORDED.exists():
        pytest.skip("The recordings of real answers are not beside this repository.")
    recorded = [each for each in json.loads(RECORDED.read_text())["items"] if each["http"] >= 400]
    words = {(each["http"], word_for(read(each["http"], each["body"])[0])) for each in recorded}

    assert (429, "usage-capped") in words
    assert (429, "limited") in words
    assert {word for status, word in words if status == 401} == {"sign-in-needed"}
    assert {word for status, word in words if status >= 500} == {"unavailable"}
    assert {word for status, word in words if status == 402} == {"credit-empty"}
