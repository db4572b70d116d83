"""
Which fields and expansions a caller of X's API v2 wants: read from the query, and cut from what is kept.

Without lists a tweet has its id, text and edit history, and nothing is shown with it. A field
list adds fields, an expansion adds the field that it expands and what that points to. X speaks
two dialects, of `tweet.fields` and since 2026-08 of `post.fields`: who asks in the newer one is
answered in it.

Source: OpenAPI 2.166 and 2.167, read 2026-11-22.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import msgspec

from services.api.parameters import LISTS, check_lists

Fields = dict[str, msgspec.Raw]

_decode = msgspec.json.Decoder(Fields).decode
_encode = msgspec.json.Encoder().encode

_DEFAULTS: Final = {
    "tweet": {"id", "text", "edit_history_tweet_ids"},
    "user": {"id", "name", "username"},
    "media": {"media_key", "type"},
    "poll": {"id", "options"},
    "place": {"id", "full_name"},
}
#: The field of a tweet that each expansion expands.
_EXPANDED: Final = {
    "author_id": "author_id",
    "username": "author_id",
    "in_reply_to_user_id": "in_reply_to_user_id",
    "entities.mentions.username": "entities",
    "attachments.media_keys": "attachments",
    "attachments.media_source_tweet": "attachments",
    "attachments.poll_ids": "attachments",
    "geo.place_id": "geo",
    "referenced_tweets.id": "referenced_tweets",
    "referenced_tweets.id.author_id": "referenced_tweets",
    "referenced_tweets.id.attachments.media_keys": "referenced_tweets",
}
#: The field of a user that each expansion expands.
_EXPANDED_OF_USERS: Final = {
    "affiliation": "affiliation",
    "affiliation.user_id": "affiliation",
    "most_recent_tweet_id": "most_recent_tweet_id",
    "pinned_tweet_id": "pinned_tweet_id",
}
#: Names of the newer dialect, and what is kept under the older one.
_OLDER: Final = {
    "referenced_posts": "referenced_tweets",
    "edit_history_post_ids": "edit_history_tweet_ids",
    "note_post": "note_tweet",
    "most_recent_post_id": "most_recent_tweet_id",
    "pinned_post_id": "pinned_tweet_id",
}
_NEWER: Final = {older: newer for newer, older in _OLDER.items()}
#: As they stand in JSON; a metric's value is a number, so that no value can look like a name.
_NEWER_METRICS: Final = {b'"retweet_count"': b'"repost_count"', b'"tweet_count"': b'"post_count"'}
#: What is withheld is named by its kind; besides it there are only countries.
_NEWER_SCOPE: Final = {b'"tweet"': b'"post"'}
_NEWER_EXPANSIONS: Final = {
    "referenced_posts": "referenced_tweets.id",
    "edit_history_post_ids": "edit_history_tweet_ids",
    "most_recent_post_id": "most_recent_tweet_id",
    "pinned_post_id": "pinned_tweet_id",
}
_NEWER_NAMES: Final = {older: newer for newer, older in _NEWER_EXPANSIONS.items()}


@dataclass(frozen=True, slots=True)
class Selection:
    """
    What is wanted of each kind of thing, in the older dialect's names.

    `newer` when it was asked for, and is answered, in the newer one.
    """

    fields: Mapping[str, frozenset[str]]
    expansions: frozenset[str]
    newer: bool

    @classmethod
    def read(cls, params: Mapping[str, str], lists: Mapping[str, frozenset[str]] = LISTS) -> Self:
        """
        Read what is wanted, of what the `lists` know.

        Errors: Fault 400 that names the value that X does not know.
        """
        check_lists(params, lists)
        asked = {name: _listed(params, f"{name}.fields") for name in _DEFAULTS}
        expansions = _listed(params, "expansions")
        newer = "post.fields" in params or bool(expansions & _NEWER_EXPANSIONS.keys())
        expansions = frozenset(_NEWER_EXPANSIONS.get(each, each) for each in expansions)
        tweet = asked["tweet"] | _listed(params, "post.fields")
        tweet |= {_EXPANDED[each] for each in expansions & _EXPANDED.keys()}
        user = asked["user"] | {_EXPANDED_OF_USERS[each] for each in expansions & _EXPANDED_OF_USERS.keys()}
        wanted = {**asked, "tweet": tweet, "user": user}
        fields = {
            name: frozenset(_DEFAULTS[name] | {_OLDER.get(each, each) for each in names})
            for name, names in wanted.items()
        }
        return cls(fields, expansions, newer and "tweet.fields" not in params)

    def cut(self, kind: str, raw: bytes) -> bytes:
        """Cut what is wanted out of the JSON of one thing; no value is parsed."""
        wanted = self.fields[kind]
        kept = {name: value for name, value in _decode(raw).items() if name in wanted}
        return _encode(_in_newer(kept) if self.newer else kept)

    def asked_as(self, expansion: str) -> str:
        """Name an expansion as it was asked for."""
        return _NEWER_NAMES.get(expansion, expansion) if self.newer else expansion


def _listed(params: Mapping[str, str], name: str) -> frozenset[str]:
    return frozenset(params[name].split(",")) if name in params else frozenset()


def _in_newer(fields: Fields) -> Fields:
    """Name fields, and metrics, as the newer dialect does."""
    named = {_NEWER.get(name, name): value for name, value in fields.items()}
    if "public_metrics" in named:
        named["public_metrics"] = _replaced(named["public_metrics"], _NEWER_METRICS)
    if "withheld" in named:
        named["withheld"] = _replaced(named["withheld"], _NEWER_SCOPE)
    return named


def _replaced(value: msgspec.Raw, texts: Mapping[bytes, bytes]) -> msgspec.Raw:
    written = bytes(value)
    for older, newer in texts.items():
        written = written.replace(older, newer)
    return msgspec.Raw(written)
