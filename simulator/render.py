"""
Objects as the answer shows them: the fields asked for, in the dialect asked for.

What has been rendered for one selection is kept as bytes: every app asks for the
same fields again and again, and a page is then joined, not encoded.
"""

from functools import lru_cache

import msgspec

from simulator import problems
from simulator.query import Selection
from simulator.shelf import Thing
from simulator.world import World

_ALWAYS = {
    "tweets": frozenset({"id", "text", "edit_history_tweet_ids"}),
    "users": frozenset({"id", "name", "username"}),
    "media": frozenset({"media_key", "type"}),
    "polls": frozenset({"id", "options"}),
    "places": frozenset({"id", "full_name"}),
}
_POST_NAMES = {
    "edit_history_tweet_ids": "edit_history_post_ids",
    "referenced_tweets": "referenced_posts",
    "note_tweet": "note_post",
}
_POST_METRICS = {"retweet_count": "repost_count", "tweet_count": "post_count"}
_TWEET_NAMES = {new: old for old, new in _POST_NAMES.items()}
_FIELDS_OF = {
    "users": "user.fields",
    "media": "media.fields",
    "polls": "poll.fields",
    "places": "place.fields",
}
#: An expansion brings the field that names what is expanded.
_BROUGHT = {
    "author_id": "author_id", "in_reply_to_user_id": "in_reply_to_user_id", "geo.place_id": "geo",
    "attachments.media_keys": "attachments", "attachments.poll_ids": "attachments",
    "referenced_tweets.id": "referenced_tweets", "referenced_posts": "referenced_tweets",
    "referenced_tweets.id.author_id": "referenced_tweets",
}  # fmt: skip

#: What an expansion asks of the tweet that is referred to.
_OF_ORIGINAL = {
    "referenced_posts": "author_id",
    "referenced_tweets.id.author_id": "author_id",
    "referenced_tweets.id.attachments.media_keys": "attachments.media_keys",
}

Name = tuple[str, str]  # kind and X's name for it: ("users", "12")


class Renderer:
    """Renders the objects of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._encode = msgspec.json.Encoder().encode
        self.tweet = lru_cache(maxsize=200_000)(self._tweet)
        self.other = lru_cache(maxsize=100_000)(self._other)
        self.names = lru_cache(maxsize=200_000)(self._names)

    def forget(self) -> None:
        """Render anew: something may have changed that was rendered."""
        for cache in (self.tweet, self.other, self.names):
            cache.cache_clear()

    def includes(self, tweet_ids: list[int], selection: Selection, now_ms: int) -> tuple[bytes, bytes]:
        """Render the members of `includes` and of `errors` of an answer with these tweets."""
        kinds: dict[str, dict[str, bytes]] = {}
        errors: dict[str, bytes] = {}
        for kind, name in dict.fromkeys(
            each for tweet_id in tweet_ids for each in self.names(tweet_id, selection)
        ):
            if kind == "tweets" and not self._world.is_there(int(name), now_ms):
                parameter = "referenced_posts.id" if selection.posts else "referenced_tweets.id"
                errors[name] = self._encode(problems.missing(parameter, name, posts=selection.posts))
                continue
            shown = (
                self.tweet(int(name), selection) if kind == "tweets" else self.other(kind, name, selection)
            )
            if shown:
                kinds.setdefault("posts" if selection.posts and kind == "tweets" else kind, {})[name] = shown
        members = (b'"%b":[%b]' % (kind.encode(), b",".join(shown.values())) for kind, shown in kinds.items())
        return b",".join(members), b",".join(errors.values())

    def _tweet(self, tweet_id: int, selection: Selection) -> bytes:
        tweet = self._world.tweet(tweet_id)
        if tweet is None:
            return b""
        asked = {
            _TWEET_NAMES.get(name, name)
            for name in selection.of("tweet.fields") | selection.of("post.fields")
        }
        asked |= {_BROUGHT[name] for name in selection.expansions if name in _BROUGHT} | _ALWAYS["tweets"]
        shown = {name: value for name, value in tweet.items() if name in asked}
        return self._encode(_as_post(shown) if selection.posts else shown)

    def _other(self, kind: str, name: str, selection: Selection) -> bytes:
        thing: Thing | None = getattr(self._world.shelf, kind).get(name)
        if thing is None:
            return b""
        asked = selection.of(_FIELDS_OF[kind]) | _ALWAYS[kind]
        shown = {field: value for field, value in thing.items() if field in asked}
        return self._encode(_as_post(shown) if selection.posts else shown)

    def _names(self, tweet_id: int, selection: Selection) -> tuple[Name, ...]:
        """List what is to be shown with a tweet, as the expansions ask."""
        tweet = self._world.tweet(tweet_id) or {}
        asked = selection.expansions
        names = _own(tweet, asked)
        of_original = frozenset(_OF_ORIGINAL[each] for each in asked if each in _OF_ORIGINAL)
        for each in tweet.get("referenced_tweets", ()):
            if asked & {"referenced_tweets.id", "referenced_posts", "referenced_tweets.id.author_id"}:
                names.append(("tweets", each["id"]))
            names += _own(self._world.tweet(int(each["id"])) or {}, of_original)
        return tuple(names)


def _as_post(thing: Thing) -> Thing:
    """Name fields and metrics as the newer dialect does."""
    renamed = {_POST_NAMES.get(name, name): value for name, value in thing.items()}
    if metrics := thing.get("public_metrics"):
        renamed["public_metrics"] = {_POST_METRICS.get(name, name): value for name, value in metrics.items()}
    return renamed


def _own(tweet: Thing, asked: frozenset[str]) -> list[Name]:
    """List what a tweet itself names."""
    names: list[Name] = []
    for field, expansion in (("author_id", "author_id"), ("in_reply_to_user_id", "in_reply_to_user_id")):
        if expansion in asked and field in tweet:
            names.append(("users", tweet[field]))
    attachments = tweet.get("attachments", {})
    if "attachments.media_keys" in asked:
        names += [("media", key) for key in attachments.get("media_keys", ())]
    if "attachments.poll_ids" in asked:
        names += [("polls", each) for each in attachments.get("poll_ids", ())]
    if "geo.place_id" in asked and "place_id" in tweet.get("geo", {}):
        names.append(("places", tweet["geo"]["place_id"]))
    if "entities.mentions.username" in asked:
        names += [
            ("users", each["id"]) for each in tweet.get("entities", {}).get("mentions", ()) if "id" in each
        ]
    return names
