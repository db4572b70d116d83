"""
Tweets and what is shown with them, read out of their JSON: for answers that are written in another form.

Only what such answers need is read; all of it may be missing but the id.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from shared.store.bodies import Shown

Metrics = dict[str, int]


class Link(msgspec.Struct):
    """A web address in a text, from `start` to `end`, in characters; of a medium if it has a key."""

    start: int
    end: int
    url: str = ""
    expanded_url: str = ""
    display_url: str = ""
    media_key: str = ""


class Mention(msgspec.Struct):
    """A handle in a text."""

    start: int
    end: int
    username: str = ""
    id: str = ""


class Tag(msgspec.Struct):
    """A hashtag or cashtag in a text, without its sign."""

    start: int
    end: int
    tag: str = ""


class Entities(msgspec.Struct):
    """What of a text leads elsewhere."""

    urls: list[Link] = []
    mentions: list[Mention] = []
    hashtags: list[Tag] = []
    cashtags: list[Tag] = []


class Note(msgspec.Struct):
    """The whole of a long text."""

    text: str
    entities: Entities = msgspec.field(default_factory=Entities)


class Reference(msgspec.Struct):
    """Another tweet, and what this one is to it."""

    id: str
    type: str = ""


class Attachments(msgspec.Struct):
    """What hangs on a tweet."""

    media_keys: list[str] = []


class Tweet(msgspec.Struct):
    """A tweet."""

    id: str
    text: str = ""
    author_id: str = ""
    created_at: str = ""
    lang: str = ""
    in_reply_to_user_id: str | None = None
    possibly_sensitive: bool = False
    public_metrics: Metrics = {}
    entities: Entities = msgspec.field(default_factory=Entities)
    note_tweet: Note | None = None
    referenced_tweets: list[Reference] = []
    attachments: Attachments = msgspec.field(default_factory=Attachments)

    @property
    def whole(self) -> Note:
        """Give all of its text."""
        return self.note_tweet or Note(self.text, self.entities)

    def refers_to(self, kind: str) -> str | None:
        """Name the tweet that this one is to another, as `retweeted`, `quoted` or `replied_to`."""
        return next((each.id for each in self.referenced_tweets if each.type == kind), None)


class Described(msgspec.Struct):
    """The links in what somebody says of themselves."""

    description: Entities = msgspec.field(default_factory=Entities)
    url: Entities = msgspec.field(default_factory=Entities)


class User(msgspec.Struct):
    """Somebody at X."""

    id: str
    name: str = ""
    username: str = ""
    created_at: str = ""
    description: str = ""
    location: str = ""
    profile_image_url: str = ""
    protected: bool = False
    url: str = ""
    verified: bool = False
    public_metrics: Metrics = {}
    entities: Described = msgspec.field(default_factory=Described)


class Variant(msgspec.Struct):
    """One of the forms in which a video is given."""

    url: str = ""
    content_type: str = ""
    bit_rate: int | None = None


class Medium(msgspec.Struct):
    """A picture or a video."""

    media_key: str
    type: str = "photo"
    url: str = ""
    preview_image_url: str = ""
    alt_text: str = ""
    width: int = 0
    height: int = 0
    duration_ms: int = 0
    variants: list[Variant] = []


_tweet = msgspec.json.Decoder(Tweet).decode
_user = msgspec.json.Decoder(User).decode
_medium = msgspec.json.Decoder(Medium).decode


@dataclass(frozen=True, slots=True)
class Things:
    """The tweets of a page in their order, and what is shown with them, by id."""

    tweets: list[Tweet]
    others: Mapping[str, Tweet]
    users: Mapping[str, User]
    media: Mapping[str, Medium]

    def media_of(self, tweet: Tweet) -> list[Medium]:
        """List what is attached to a tweet, of what is held."""
        return [self.media[key] for key in tweet.attachments.media_keys if key in self.media]

    def author_of(self, tweet: Tweet) -> User:
        """Name the author of a tweet, by the id alone where no more is held."""
        return self.users.get(tweet.author_id) or User(tweet.author_id)


def read_things(shown: Shown) -> Things:
    """Read what is shown."""
    others = [_tweet(body.raw) for body in shown.includes.get("tweet", ())]
    users = [_user(body.raw) for body in shown.includes.get("user", ())]
    media = [_medium(body.raw) for body in shown.includes.get("media", ())]
    return Things(
        [_tweet(body.raw) for body in shown.tweets],
        {each.id: each for each in others},
        {each.id: each for each in users},
        {each.media_key: each for each in media},
    )


def read_user(raw: bytes) -> User:
    """Read somebody."""
    return _user(raw)
