"""
A timeline as a JSON Feed.

Source: jsonfeed.org, version 1.1, read 2026-11-23.
"""

import re

import msgspec

from services.api.feeds.entry import Entry, name_of, profile_of
from services.api.feeds.feed import Feed
from services.api.things import Medium

MEDIA_TYPE = "application/feed+json; charset=utf-8"
_VERSION = "https://jsonfeed.org/version/1.1"
_LANGUAGE = re.compile(r"[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8})*")  # RFC 5646
_KINDS = {"photo": "image/jpeg", "video": "video/mp4", "animated_gif": "video/mp4"}


def write(feed: Feed) -> bytes:
    """Write the feed."""
    return msgspec.json.encode(
        {
            "version": _VERSION,
            "title": feed.title,
            "home_page_url": feed.home,
            "feed_url": feed.url,
            "items": [_item(each) for each in feed.entries],
        }
    )


def _item(each: Entry) -> dict[str, object]:
    author = {"name": name_of(each.author), "url": profile_of(each.author)}
    item: dict[str, object] = {
        "id": each.id,
        "url": each.url,
        "title": each.title,
        "content_html": each.html,
        "content_text": each.text,
        "date_published": each.at,
        "authors": [author | ({"avatar": picture} if (picture := each.author.profile_image_url) else {})],
    }
    if each.tags:
        item["tags"] = each.tags
    if _LANGUAGE.fullmatch(each.lang) and each.lang != "und":
        item["language"] = each.lang
    attachments = [made for medium in each.media if (made := _attachment(medium))]
    if attachments:
        item |= {"attachments": attachments}
    if image := next((medium.url or medium.preview_image_url for medium in each.media), ""):
        item["image"] = image
    return item


def _attachment(medium: Medium) -> dict[str, object]:
    """Tell of a picture, or of the best form of a video; of nothing where no address is known."""
    videos = [each for each in medium.variants if each.bit_rate is not None]
    address = max(videos, key=lambda each: each.bit_rate or 0).url if videos else medium.url
    kind = "image/png" if address.endswith(".png") else _KINDS.get(medium.type, "image/jpeg")
    return {"url": address, "mime_type": kind} if address else {}
