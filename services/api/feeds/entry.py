"""
A tweet as an entry of a feed: what it says as text and as HTML, unaltered, with what it links to linked.

A retweet shows what it retweets, and by whom it was reposted. X's text has `&amp;`, `&lt;` and `&gt;`
in it; places in it count them as they are written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape, unescape

from services.api.things import Medium, Note, Things, Tweet, User
from shared.domain.tweet import written_at_ms

_TITLE_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed tells of a tweet; `at` is RFC 3339, UTC."""

    id: str
    url: str
    author: User
    title: str
    text: str
    html: str
    at: str
    lang: str
    tags: list[str]
    media: list[Medium]


def entries_of(things: Things) -> list[Entry]:
    """Make an entry of each tweet."""
    return [_entry(tweet, things) for tweet in things.tweets]


def page_of(tweet: Tweet, author: User) -> str:
    """Name the page of a tweet at X."""
    return f"https://x.com/{author.username or 'i/web'}/status/{tweet.id}"


def profile_of(user: User) -> str:
    """Name the page of somebody at X."""
    return f"https://x.com/{user.username}" if user.username else f"https://x.com/i/user/{user.id}"


def name_of(user: User) -> str:
    """Name somebody, as well as is known."""
    return user.name.strip() or user.username or "Somebody at X"


def _entry(tweet: Tweet, things: Things) -> Entry:
    shown = things.others.get(tweet.refers_to("retweeted") or "", tweet)
    author, note = things.author_of(shown), shown.whole
    text = unescape(note.text)
    reposted = "" if shown is tweet else f"RT @{author.username}: " if author.username else "RT: "
    return Entry(
        id=tweet.id,
        url=page_of(shown, author),
        author=author,
        title=reposted + _beginning(text),
        text=text,
        html="".join(_html(tweet, shown, things)),
        at=_at(tweet),
        lang=shown.lang,
        tags=[each.tag for each in note.entities.hashtags if each.tag],
        media=things.media_of(shown),
    )


def _html(tweet: Tweet, shown: Tweet, things: Things) -> Iterator[str]:
    if shown is not tweet:
        by = things.author_of(tweet)
        yield f'<p><small><a href="{escape(profile_of(by))}">{escape(name_of(by))}</a> reposted</small></p>'
    yield _signed(shown, things)
    quoted = things.others.get(shown.refers_to("quoted") or "")
    if quoted is not None:
        yield f"<blockquote>{_signed(quoted, things)}</blockquote>"


def _signed(tweet: Tweet, things: Things) -> str:
    """Write who says something, when, what, and what hangs on it."""
    author = things.author_of(tweet)
    link = f'<a href="{escape(profile_of(author))}">{escape(_handle(author))}</a>'
    head = f"<p><strong>{escape(name_of(author))}</strong> {link}</p>"
    pictures = "".join(map(_picture, things.media_of(tweet)))
    foot = f'<p><a href="{escape(page_of(tweet, author))}"><time>{_at(tweet)}</time> on X</a></p>'
    return f"{head}<p>{linked(tweet.whole)}</p>{pictures}{foot}"


def _handle(user: User) -> str:
    return f"@{user.username}" if user.username else "on X"


def linked(note: Note) -> str:
    """Write a text as HTML with its links, people and tags linked; links of media are left out."""
    found = note.entities
    spans = [(each.start, each.end, _anchor(each.expanded_url or each.url, each.display_url or each.url))
             for each in found.urls if not each.media_key]  # fmt: skip
    spans += [(each.start, each.end, "") for each in found.urls if each.media_key]
    spans += [(each.start, each.end, _anchor(f"https://x.com/{each.username}", f"@{each.username}"))
              for each in found.mentions]  # fmt: skip
    spans += [(each.start, each.end, _anchor(f"https://x.com/hashtag/{each.tag}", f"#{each.tag}"))
              for each in found.hashtags]  # fmt: skip
    pieces, place = [], 0
    for start, end, written in sorted(spans):
        if place <= start <= end <= len(note.text):
            pieces += [_plain(note.text[place:start]), written]
            place = end
    return "".join([*pieces, _plain(note.text[place:])]).strip()


def _anchor(address: str, words: str) -> str:
    if not address.startswith(("https://", "http://")):
        return escape(unescape(words))
    return f'<a href="{escape(address)}">{escape(unescape(words))}</a>'


def _plain(text: str) -> str:
    return escape(unescape(text)).replace("\n", "<br>")


def _picture(medium: Medium) -> str:
    address = medium.url or medium.preview_image_url
    return f'<p><img src="{escape(address)}" alt="{escape(medium.alt_text)}"></p>' if address else ""


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TITLE_CHARACTERS else line[: _TITLE_CHARACTERS - 1].rstrip() + "…"


def _at(tweet: Tweet) -> str:
    at_ms = written_at_ms(int(tweet.id))
    at = (
        datetime.fromisoformat(tweet.created_at)
        if tweet.created_at
        else datetime.fromtimestamp(at_ms / 1000, UTC)
    )
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
