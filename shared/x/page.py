"""
X's JSON, read into a page without being rewritten.

Objects are cut out of the answer as bytes and kept so; of each tweet only what
links it to others is decoded. X speaks two dialects, `tweet.*` and, since
2026-08, `post.*` names: what comes in the second is rewritten into the first, so
that one dialect is kept.
"""

from collections.abc import Iterable

import msgspec

from shared.domain.timeline import Page
from shared.domain.tweet import MAX_ID, Body, TweetId


class _Attachments(msgspec.Struct, frozen=True):
    media_keys: list[str] = []
    poll_ids: list[str] = []


class _Referenced(msgspec.Struct):
    id: str


class _Geo(msgspec.Struct, frozen=True):
    place_id: str | None = None


class _Tweet(msgspec.Struct):
    id: str
    author_id: str | None = None
    in_reply_to_user_id: str | None = None
    attachments: _Attachments = _Attachments()
    geo: _Geo = _Geo()
    referenced_tweets: list[_Referenced] = []
    referenced_posts: list[_Referenced] | None = None
    edit_history_tweet_ids: list[str] = []
    edit_history_post_ids: list[str] | None = None
    note_post: object = None


class _User(msgspec.Struct):
    id: str


class _Media(msgspec.Struct):
    media_key: str


class _Includes(msgspec.Struct, frozen=True):
    users: list[msgspec.Raw] = []
    tweets: list[msgspec.Raw] = []
    posts: list[msgspec.Raw] = []
    media: list[msgspec.Raw] = []
    polls: list[msgspec.Raw] = []
    places: list[msgspec.Raw] = []


class _Meta(msgspec.Struct):
    next_token: str | None = None


class _Answer(msgspec.Struct):
    meta: _Meta
    data: list[msgspec.Raw] = []
    includes: _Includes = _Includes()


_answers = msgspec.json.Decoder(_Answer)
_tweets = msgspec.json.Decoder(_Tweet)
_users = msgspec.json.Decoder(_User)  # places and polls, too, are known by their id
_media = msgspec.json.Decoder(_Media)

_RENAMED = {
    "referenced_posts": "referenced_tweets",
    "edit_history_post_ids": "edit_history_tweet_ids",
    "note_post": "note_tweet",
}
#: Of a tweet and of a user.
_RENAMED_METRICS = {"repost_count": "retweet_count", "post_count": "tweet_count"}


def read_page(raw: bytes) -> Page:
    """
    Read an answer of the home timeline.

    Shape:  ids newest first; each body once; `refs` of a tweet name what it points to itself;
            `withheld` are the tweets of which X did not send something they refer to.
    Errors: ValueError when it is not the JSON that X documents.
    """
    answer = _answers.decode(raw)
    tweets = [_read_tweet(each) for each in answer.data]
    included = {
        tweet.id: (tweet, body)
        for tweet, body in map(_read_tweet, [*answer.includes.tweets, *answer.includes.posts])
    }
    bodies = _read_others(answer.includes)
    bodies |= {
        f"tweet:{tweet.id}": Body(f"tweet:{tweet.id}", body, _refs(tweet))
        for tweet, body in [*included.values(), *tweets]
    }
    ids = sorted((_read_id(tweet.id) for tweet, _ in tweets), reverse=True)
    return Page(
        ids=tuple(ids),
        bodies=tuple(bodies.values()),
        replaced=tuple(_replaced(tweet for tweet, _ in tweets)),
        withheld=tuple(
            TweetId(int(tweet.id))
            for tweet, _ in tweets
            if any(f"tweet:{each.id}" not in bodies for each in tweet.referenced_tweets)
        ),
        next_token=answer.meta.next_token,
    )


def _read_tweet(raw: msgspec.Raw) -> tuple[_Tweet, bytes]:
    tweet, body = _tweets.decode(raw), bytes(raw)
    if tweet.edit_history_post_ids is None and tweet.referenced_posts is None and tweet.note_post is None:
        return tweet, body if b'"repost_count"' not in body else _renamed(body)
    renamed = _renamed(body)
    return _tweets.decode(renamed), renamed


def _read_user(raw: msgspec.Raw) -> tuple[str, bytes]:
    body = bytes(raw)
    return f"user:{_users.decode(body).id}", body if b'"post_count"' not in body else _renamed(body)


def _renamed(body: bytes) -> bytes:
    """Rewrite a tweet or a user from the newer dialect into the older."""
    fields = _rename(body, _RENAMED)
    if "public_metrics" in fields:
        metrics = _rename(fields["public_metrics"], _RENAMED_METRICS)
        fields["public_metrics"] = msgspec.Raw(msgspec.json.encode(metrics))
    return msgspec.json.encode(fields)


def _rename(raw: bytes | msgspec.Raw, names: dict[str, str]) -> dict[str, msgspec.Raw]:
    fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    return {names.get(name, name): value for name, value in fields.items()}


def _read_others(includes: _Includes) -> dict[str, Body]:
    keyed = [_read_user(each) for each in includes.users]
    keyed += [(f"media:{_media.decode(each).media_key}", bytes(each)) for each in includes.media]
    keyed += [(f"poll:{_users.decode(each).id}", bytes(each)) for each in includes.polls]
    keyed += [(f"place:{_users.decode(each).id}", bytes(each)) for each in includes.places]
    return {key: Body(key, body) for key, body in keyed}


def _refs(tweet: _Tweet) -> tuple[str, ...]:
    """List what a tweet itself points to."""
    refs = [f"user:{each}" for each in (tweet.author_id, tweet.in_reply_to_user_id) if each]
    refs += [f"tweet:{each.id}" for each in tweet.referenced_tweets]
    refs += [f"media:{each}" for each in tweet.attachments.media_keys]
    refs += [f"poll:{each}" for each in tweet.attachments.poll_ids]
    refs += [f"place:{tweet.geo.place_id}"] if tweet.geo.place_id else []
    return tuple(refs)


def _replaced(tweets: Iterable[_Tweet]) -> Iterable[TweetId]:
    """Name the older versions of edited tweets; an edit's history lists newer ones too."""
    for tweet in tweets:
        for each in tweet.edit_history_tweet_ids:
            if _read_id(each) < int(tweet.id):
                yield TweetId(int(each))


def _read_id(text: str) -> TweetId:
    if not (text.isascii() and text.isdigit() and int(text) <= MAX_ID):
        raise ValueError(f"not a tweet id: {text[:24]!r}")
    return TweetId(int(text))
