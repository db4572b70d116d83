"""
Tweets as X's API v1.1 has them: statuses, with ids as exact integers beside their text.

Made from what X's v2 gave. It does not tell by which client a tweet was written, and whether
the viewer liked or retweeted it: `source` is empty, `favorited` and `retweeted` are false.
"""

import re
from dataclasses import dataclass

from services.api.things import Entities, Link, Medium, Mention, Note, Tag, Things, Tweet
from services.api.v1_1.entities import write_entities, write_media
from services.api.v1_1.users import Json, write_time, write_user

#: Longer texts are cut for clients that do not ask for the extended mode.
_COMPAT_CHARACTERS = 140
_ESCAPED = re.compile("&(amp|lt|gt);")


@dataclass(frozen=True, slots=True)
class Wish:
    """How statuses are wanted: with the whole text (`extended`), with authors `trimmed` to their ids."""

    extended: bool = False
    trimmed: bool = False
    entities: bool = True


def write_statuses(things: Things, wish: Wish) -> list[Json]:
    """Write the tweets of a page."""
    return [_status(tweet, things, wish) for tweet in things.tweets]


def _status(tweet: Tweet, things: Things, wish: Wish, *, is_inner: bool = False) -> Json:
    author = things.author_of(tweet)
    page = f"https://x.com/{author.username or 'i/web'}/status/{tweet.id}"
    note, is_cut = (tweet.whole, False) if wish.extended else _cut(tweet.whole, tweet)
    media = [] if is_cut else things.media_of(tweet)  # their link was cut away
    return {
        "created_at": write_time(tweet.created_at, int(tweet.id)),
        "id": int(tweet.id),
        "id_str": tweet.id,
        **_text(note, tweet, wish, is_cut=is_cut),
        **(_entities(note, media, things, page) if wish.entities else {}),
        "source": "",
        **_reply(tweet, things),
        "user": write_user(author, trimmed=wish.trimmed),
        "geo": None,
        "coordinates": None,
        "place": None,
        "contributors": None,
        **_inner(tweet, things, wish, is_inner=is_inner),
        "retweet_count": tweet.public_metrics.get("retweet_count", 0),
        "favorite_count": tweet.public_metrics.get("like_count", 0),
        "favorited": False,
        "retweeted": False,
        "possibly_sensitive": tweet.possibly_sensitive,
        "possibly_sensitive_appealable": False,
        "lang": tweet.lang or "und",
    }


def _text(note: Note, tweet: Tweet, wish: Wish, *, is_cut: bool) -> Json:
    if not wish.extended:
        return {"text": note.text, "truncated": is_cut}
    return {"full_text": note.text, "truncated": False, "display_text_range": _shown_range(note, tweet)}


def _shown_range(note: Note, tweet: Tweet) -> list[int]:
    """Tell where the text begins after those it replies to, and ends before the links of its media."""
    start = 0
    if tweet.refers_to("replied_to"):
        for mention in sorted(note.entities.mentions, key=lambda each: each.start):
            if mention.start != start:
                break
            start = min(mention.end + 1, len(note.text))
    media = [each.start for each in note.entities.urls if each.media_key]
    end = len(note.text[: min(media, default=len(note.text))].rstrip()) if media else len(note.text)
    return [min(start, end), end]


def _cut(note: Note, tweet: Tweet) -> tuple[Note, bool]:
    """Cut a long text as X did for clients of before 2017: an ellipsis, and a link to the whole."""
    if len(note.text) <= _COMPAT_CHARACTERS or tweet.refers_to("retweeted"):
        return note, False
    url = f"https://x.com/i/web/status/{tweet.id}"
    kept = note.text[: _end(note, _COMPAT_CHARACTERS - len(url) - 2)].rstrip()
    text, start = f"{kept}… {url}", len(kept) + 2
    found = note.entities
    entities = Entities(
        urls=[each for each in found.urls if each.end <= len(kept)],
        mentions=[each for each in found.mentions if each.end <= len(kept)],
        hashtags=[each for each in found.hashtags if each.end <= len(kept)],
        cashtags=[each for each in found.cashtags if each.end <= len(kept)],
    )
    entities.urls.append(Link(start, len(text), url, url, url.removeprefix("https://")))
    return Note(text, entities), True


def _end(note: Note, most: int) -> int:
    """Find where to cut: half a link leads nowhere, half a name to somebody else, `&am` is no character."""
    found = note.entities
    led: list[Link | Mention | Tag] = [*found.urls, *found.mentions, *found.hashtags, *found.cashtags]
    whole = [(each.start, each.end) for each in led] + [each.span() for each in _ESCAPED.finditer(note.text)]
    return min((start for start, end in whole if start < most < end), default=most)


def _entities(note: Note, media: list[Medium], things: Things, page: str) -> Json:
    """Write what of a text leads elsewhere, and the media that are shown with it."""
    written = write_entities(note, things.users)
    if not media:
        return {"entities": written}
    shown = write_media(note, media, page)
    return {"entities": {**written, "media": shown[:1]}, "extended_entities": {"media": shown}}


def _reply(tweet: Tweet, things: Things) -> Json:
    status, user = tweet.refers_to("replied_to"), tweet.in_reply_to_user_id
    mentioned = (each.username for each in tweet.entities.mentions if each.id == user)
    known = things.users.get(user or "")
    name = known.username if known else next(mentioned, None)
    return {
        "in_reply_to_status_id": int(status) if status else None,
        "in_reply_to_status_id_str": status,
        "in_reply_to_user_id": int(user) if user else None,
        "in_reply_to_user_id_str": user,
        "in_reply_to_screen_name": name,
    }


def _inner(tweet: Tweet, things: Things, wish: Wish, *, is_inner: bool) -> Json:
    """Write the tweets that this one shows: what it retweets, and what it quotes."""
    retweeted, quoted = tweet.refers_to("retweeted"), tweet.refers_to("quoted")
    written: Json = {"is_quote_status": quoted is not None}
    original = things.others.get(retweeted or "")
    if original is not None and not is_inner:
        inner = _status(original, things, wish)
        # X says of a retweet what it says of what is retweeted.
        written |= {"retweeted_status": inner, "is_quote_status": inner["is_quote_status"]}
    if quoted is None:
        return written
    written |= {"quoted_status_id": int(quoted), "quoted_status_id_str": quoted}
    if quoted in things.others and not is_inner:
        author = things.author_of(things.others[quoted])
        page = f"https://x.com/{author.username or 'i/web'}/status/{quoted}"
        written["quoted_status"] = _status(things.others[quoted], things, wish, is_inner=True)
        written["quoted_status_permalink"] = {
            "url": page, "expanded": page, "display": page.removeprefix("https://"),
        }  # fmt: skip
    return written
