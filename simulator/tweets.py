"""
Tweets and what is shown with them, as X describes them with all fields.

A tweet is written from its outline when somebody first sees it. Objects carry the
names of the `tweet.*` dialect; `fields` chooses and renames.
"""

import random

from simulator.attachments import attach, number, place
from simulator.authors import Author
from simulator.ids import iso, written_at_ms
from simulator.outline import Kind, Outline
from simulator.shelf import Shelf, Thing
from simulator.words import sentence, word


def write(shelf: Shelf, outline: Outline, original: Outline | None) -> Thing:
    """Write a tweet, and what it shows, onto the shelf; `original` is what it retweets, quotes or answers."""
    known = shelf.tweets.get(str(outline.id))
    if known is not None:
        return known
    chance = random.Random(outline.id)  # noqa: S311 (repeatable, not secret)
    author = outline.author
    shelf.users.setdefault(author.id, author.user)
    tweet = _plain(chance, outline)
    if original is not None:
        _refer(tweet, outline.kind, write(shelf, original, None), original.author)
    if outline.kind is not Kind.RETWEET:
        _decorate(chance, tweet, shelf)
    shelf.tweets[tweet["id"]] = tweet
    return tweet


def bare(outline: Outline) -> Thing:
    """Write a tweet that carries and refers to nothing."""
    tweet = _plain(random.Random(outline.id), outline)  # noqa: S311 (repeatable, not secret)
    del tweet["entities"]
    return tweet


def _plain(chance: random.Random, outline: Outline) -> Thing:
    tweet_id, at_ms = str(outline.id), written_at_ms(outline.id)
    history = [str(outline.first_id), tweet_id] if outline.first_id else [tweet_id]
    text = sentence(chance, min(45, int(chance.lognormvariate(2.6, 0.6)) + 2))
    return {
        "id": tweet_id,
        "text": text[:280],
        "author_id": outline.author.id,
        "conversation_id": tweet_id,
        "created_at": iso(at_ms),
        "edit_controls": {
            "edits_remaining": 5 - len(history) + 1,
            "is_edit_eligible": outline.kind is Kind.PLAIN,
            "editable_until": iso(at_ms + 3_600_000),
        },
        "edit_history_tweet_ids": history,
        "lang": "en",
        "possibly_sensitive": False,
        "public_metrics": {
            "retweet_count": int(chance.paretovariate(0.9)),
            "reply_count": int(chance.paretovariate(1.1)),
            "like_count": int(chance.paretovariate(0.8)),
            "quote_count": chance.randrange(4),
            "bookmark_count": chance.randrange(9),
            "impression_count": int(chance.paretovariate(0.6) * 90),
        },
        "reply_settings": "everyone",
        "entities": {},
    }


def _refer(tweet: Thing, kind: Kind, original: Thing, author: Author) -> None:
    """Make it a retweet, a quote or a reply of the original."""
    tweet["referenced_tweets"] = [{"type": kind.value, "id": original["id"]}]
    if kind is Kind.RETWEET:
        prefix = f"RT @{author.user['username']}: "
        tweet["text"] = (prefix + original["text"])[:140]
        tweet["entities"] = {"mentions": [_mention(3, author)]}
    if kind is Kind.REPLY:
        tweet["text"] = f"@{author.user['username']} {tweet['text']}"[:280]
        tweet["in_reply_to_user_id"] = author.id
        tweet["conversation_id"] = original["conversation_id"]
        tweet["entities"] = {"mentions": [_mention(0, author)]}


def _mention(start: int, author: Author) -> Thing:
    username = author.user["username"]
    return {"start": start, "end": start + len(username) + 1, "username": username, "id": author.id}


def _decorate(chance: random.Random, tweet: Thing, shelf: Shelf) -> None:
    """Add what tweets carry: tags, links, pictures, polls, places, long texts."""
    if chance.random() < 0.2:
        _append(tweet, "hashtags", "tag", word(chance), "#")
    if chance.random() < 0.25:
        _link(chance, tweet)
    attach(chance, tweet, shelf)
    if chance.random() < 0.02:
        place(chance, tweet, shelf)
    if chance.random() < 0.03:
        _prolong(chance, tweet)
    if chance.random() < 0.3:
        tweet["context_annotations"] = [_annotation(chance) for _ in range(chance.randint(1, 4))]
    if not tweet["entities"]:
        del tweet["entities"]


def _prolong(chance: random.Random, tweet: Thing) -> None:
    """Make it a long post: its text is the beginning of the note."""
    note = " ".join([tweet["text"], *(sentence(chance, 20) for _ in range(5))])
    tweet["note_tweet"] = {"text": note}
    tweet["text"] = note[:277].rsplit(" ", 1)[0] + "…"


def _annotation(chance: random.Random) -> Thing:
    """Say what X thinks that a tweet is about."""
    domain, entity = word(chance), word(chance)
    return {
        "domain": {
            "id": str(number(domain) % 200),
            "name": domain.title(),
            "description": sentence(chance, 6),
        },
        "entity": {"id": str(number(entity)), "name": entity.title()},
    }


def _append(tweet: Thing, kind: str, name: str, value: str, sign: str) -> None:
    start = len(tweet["text"]) + 1
    tweet["text"] += f" {sign}{value}"
    tweet["entities"].setdefault(kind, []).append({"start": start, "end": len(tweet["text"]), name: value})


def _link(chance: random.Random, tweet: Thing) -> None:
    path = f"{word(chance)}/{word(chance)}-{chance.randrange(10**6)}"
    url = "https://t.co/" + "".join(chance.choices("abcdefghijkmnpqrstuvwxyzABCDEFGH23456789", k=10))
    start = len(tweet["text"]) + 1
    tweet["text"] += f" {url}"
    tweet["entities"].setdefault("urls", []).append(
        {
            "start": start,
            "end": len(tweet["text"]),
            "url": url,
            "expanded_url": f"https://example.org/{path}",
            "display_url": f"example.org/{path}"[:28],
            "title": sentence(chance, 6),
            "description": sentence(chance, 14),
        }
    )
