"""
Which tweets of a timeline a reader wants to see: without retweets or replies, by one author, with media.

What a tweet is stands in its body; so only what could be shown is looked through, in parts,
until the page is full or a bounded number of tweets has been looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from services.api.faults import invalid
from shared.domain.tweet import Body, TweetId
from shared.store.bodies import Shown

FILTERS = frozenset({"exclude", "author", "has"})
_KINDS = frozenset({"retweets", "replies"})


@dataclass(frozen=True, slots=True)
class Filters:
    """
    What is left out: with `retweets` or `replies` those, with `media` what has none.

    `author` is an id, or a handle with `@` before it; whoever it is not is left out.
    """

    retweets: bool = False
    replies: bool = False
    author: str | None = None
    media: bool = False

    def __bool__(self) -> bool:
        return self != EVERYTHING


EVERYTHING = Filters()


class _Reference(msgspec.Struct):
    type: str = ""
    id: str = ""


class _Attachments(msgspec.Struct):
    media_keys: list[str] = []


class _Tweet(msgspec.Struct):
    author_id: str = ""
    referenced_tweets: list[_Reference] = []
    attachments: _Attachments = msgspec.field(default_factory=_Attachments)


class _User(msgspec.Struct):
    id: str = ""
    username: str = ""


_tweet = msgspec.json.Decoder(_Tweet).decode
_user = msgspec.json.Decoder(_User).decode


def read_filters(params: Mapping[str, str]) -> Filters:
    """
    Read which tweets are wanted.

    Errors: Fault 400 that names the parameter.
    """
    excluded = read_excluded(params)
    has, author = params.get("has"), params.get("author")
    if has not in {None, "media"}:
        raise invalid("has", has[:80], f"`has` takes media; not `{has[:80]}`.")
    if author is not None and not _is_author(author):
        shown = author[:80]
        raise invalid("author", shown, f"`author` is an id, or a handle as in @jack; not `{shown}`.")
    return Filters("retweets" in excluded, "replies" in excluded, author, has == "media")


def read_excluded(params: Mapping[str, str]) -> frozenset[str]:
    """
    Read which kinds of tweets are left out.

    Errors: Fault 400 that names the value.
    """
    if "exclude" not in params:
        return frozenset()
    kinds = frozenset(params["exclude"].split(","))
    for kind in kinds - _KINDS:
        raise invalid("exclude", kind[:80], f"`exclude` takes retweets, replies or both; not `{kind[:80]}`.")
    return kinds


def fitting(filters: Filters, shown: Shown) -> frozenset[TweetId]:
    """Name those of the tweets that a reader wants to see; one whose body is lost is left out."""
    author = filters.author
    if author is not None and author.startswith("@"):
        author = _id_of(author[1:], shown.includes.get("user", []))
    by_key = {body.key: body for body in shown.includes.get("tweet", [])}
    return frozenset(
        TweetId(int(body.key[6:]))
        for body in shown.tweets
        if _fits(filters, author, _tweet(body.raw), by_key)
    )


def _fits(filters: Filters, author: str | None, tweet: _Tweet, referenced: Mapping[str, Body]) -> bool:
    kinds = {each.type for each in tweet.referenced_tweets}
    if (filters.retweets and "retweeted" in kinds) or (filters.replies and "replied_to" in kinds):
        return False
    if author is not None and tweet.author_id != author:
        return False
    return not filters.media or _has_media(tweet, referenced)


def _has_media(tweet: _Tweet, referenced: Mapping[str, Body]) -> bool:
    """Tell whether media are shown with it: X keeps those of a retweet with what is retweeted."""
    if tweet.attachments.media_keys:
        return True
    retweeted = (
        referenced.get(f"tweet:{each.id}") for each in tweet.referenced_tweets if each.type == "retweeted"
    )
    return any(body is not None and _tweet(body.raw).attachments.media_keys for body in retweeted)


def _id_of(handle: str, users: list[Body]) -> str:
    """Find whose handle it is, in whatever case; nobody's is an id that nobody has."""
    found = (_user(body.raw) for body in users)
    return next((user.id for user in found if user.username.lower() == handle.lower()), "")


def _is_author(author: str) -> bool:
    handle = author.removeprefix("@")
    is_handle = author.startswith("@") and handle.replace("_", "a").isalnum() and len(handle) <= 15
    return author.isascii() and (is_handle or (author.isdigit() and len(author) <= 19))
