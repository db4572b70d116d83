"""What X's refusals mean, by the bodies that were recorded."""

import json
import re
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
        (401, {"errors": [{"code": 89}]}, Refused("sign-in-needed")),
        (401, {"errors": [{"code": 135}]}, Unavailable("clock")),
        (403, {"type": "https://api.x.com/2/problems/user-suspended"}, Refused("suspended", certain=True)),
        (403, {"errors": [{"code": 64}]}, Refused("suspended", certain=True)),
        (403, {"errors": [{"code": 326}]}, Refused("locked", certain=True)),
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


def test_every_recorded_refusal_has_the_meaning_that_x_gives_it():
    if not RECORDED.exists():
        pytest.skip("The recordings of real answers are not beside this repository.")
    recorded = [each for each in json.loads(RECORDED.read_text())["items"] if each["http"] >= 400]

    words = {
        told(each["http"], each["body"]): word_for(read(each["http"], each["body"])[0]) for each in recorded
    }

    assert words == {
        (400, ""): "malformed",
        (400, 215): "malformed",
        (400, "invalid-request"): "malformed",
        (401, ""): "sign-in-needed",
        (401, "blank"): "sign-in-needed",
        (401, 32): "sign-in-needed",
        (401, 89): "sign-in-needed",
        (401, 135): "unavailable",
        (402, ""): "credit-empty",
        (403, 64): "suspended",
        (403, 220): "forbidden",
        (403, 326): "locked",
        (403, 453): "app-forbidden",
        (403, "blank"): "forbidden",
        (403, "client-forbidden"): "app-forbidden",
        (403, "user-suspended"): "suspended",
        (404, ""): "malformed",
        (429, 88): "limited",
        (429, "blank"): "limited",
        (429, "usage-capped"): "usage-capped",
        (500, 131): "unavailable",
        (503, 130): "unavailable",
    }


def told(status, body):
    """Name what a body tells: its problem's type, else its first error's code."""
    if not isinstance(body, dict):
        return status, ""
    kind = re.split("[:/]", body.get("type", ""))[-1]
    return status, kind or next((each["code"] for each in body.get("errors", []) if "code" in each), "")
