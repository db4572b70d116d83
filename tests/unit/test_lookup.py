"""What X says of tweets it is asked about by id, in its own words as they were recorded."""

import msgspec
import pytest

from shared.domain.deletion import Told
from shared.domain.outcome import Malformed
from shared.domain.tweet import TweetId
from shared.x.lookup import read_told

OLDER, NEWER = "https://api.twitter.com/2/problems/", "https://api.x.com/2/problems/"
TWENTY, THIRTY = TweetId(20), TweetId(30)


def told(data=(), errors=(), asked=(TWENTY, THIRTY)):
    answer = {"data": [{"id": each, "text": "…"} for each in data], "errors": list(errors)}
    return read_told(msgspec.json.encode({name: value for name, value in answer.items() if value}), asked)


def problem(kind, title, value="30", host=OLDER, **other):
    of = {"resource_type": "tweet", "resource_id": value, "parameter": "ids", "value": value}
    return of | {"title": title, "detail": "…", "type": host + kind} | other


def test_what_comes_is_there():
    assert told(["20", "30"]) == Told(there=frozenset({TWENTY, THIRTY}))


@pytest.mark.parametrize("host", [OLDER, NEWER])
def test_what_is_not_found_is_gone(host):
    answer = told(["20"], [problem("resource-not-found", "Not Found Error", host=host)])

    assert answer == Told(there=frozenset({TWENTY}), gone=frozenset({THIRTY}))


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("not-authorized-for-resource", "Authorization Error"),
        ("resource-not-found", "Forbidden"),
        ("disallowed-resource", "Disallowed Resource"),
        ("resource-unavailable", "Resource Unavailable"),
    ],
)
def test_what_is_protected_or_suspended_is_unseen(kind, title):
    assert told(["20"], [problem(kind, title)]) == Told(frozenset({TWENTY}), unseen=frozenset({THIRTY}))


def test_what_is_refused_in_words_we_do_not_know_is_neither():
    assert told([], [problem("internal-error", "Internal Server Error")]) == Told()


def test_only_what_was_asked_about_counts():
    mention = problem("resource-not-found", "Forbidden", "leeseunggi", parameter="entities.mentions.username")

    answer = told(["20", "99"], [mention, problem("resource-not-found", "Not Found Error", "98")])

    assert answer == Told(there=frozenset({TWENTY}))


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data": 3}', b'{"errors": [3]}', b"<html>", b"[" * 9999])
def test_what_is_not_xs_json_is_malformed(body):
    assert isinstance(read_told(body, [TWENTY]), Malformed)


def test_an_answer_about_nothing_says_nothing():
    assert read_told(b"{}", [TWENTY]) == Told()
