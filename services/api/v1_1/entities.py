"""
What of a text leads elsewhere, as X's API v1.1 has it: links, people, tags and media, by their place.

Both APIs count characters as code points, so places stay as they are.
"""

from collections.abc import Mapping

from services.api.things import Link, Medium, Note, User
from services.api.v1_1.users import Json, write_link

#: Widths that X resizes pictures to, and how.
_SIZES = {"thumb": (150, "crop"), "small": (680, "fit"), "medium": (1200, "fit"), "large": (2048, "fit")}


def write_entities(note: Note, users: Mapping[str, User]) -> Json:
    """Write what of a text leads elsewhere, but media."""
    found = note.entities
    return {
        "hashtags": [{"text": each.tag, "indices": [each.start, each.end]} for each in found.hashtags],
        "symbols": [{"text": each.tag, "indices": [each.start, each.end]} for each in found.cashtags],
        "user_mentions": [
            {
                "screen_name": each.username,
                "name": users[each.id].name if each.id in users else each.username,
                "id": int(each.id) if each.id else None,
                "id_str": each.id or None,
                "indices": [each.start, each.end],
            }
            for each in found.mentions
        ],
        "urls": [write_link(each) for each in found.urls if not each.media_key],
    }


def write_media(note: Note, media: list[Medium], page: str) -> list[Json]:
    """Write what is attached to a tweet whose own page is `page`."""
    links = {each.media_key: each for each in note.entities.urls if each.media_key}
    shared = next(iter(links.values()), Link(len(note.text), len(note.text)))
    return [
        _medium(each, links.get(each.media_key, shared), page, number) for number, each in enumerate(media, 1)
    ]


def _medium(medium: Medium, link: Link, page: str, number: int) -> Json:
    media_id = medium.media_key.rpartition("_")[2]
    picture = medium.url or medium.preview_image_url
    written: Json = {
        "id": int(media_id) if media_id.isdigit() else 0,
        "id_str": media_id,
        "indices": [link.start, link.end],
        "media_url": picture.replace("https://", "http://", 1),
        "media_url_https": picture,
        "url": link.url or page,
        "display_url": link.display_url or page.removeprefix("https://"),
        "expanded_url": link.expanded_url
        or f"{page}/{'photo' if medium.type == 'photo' else 'video'}/{number}",
        "type": medium.type,
        "sizes": {name: _size(medium, most, resize) for name, (most, resize) in _SIZES.items()},
        "ext_alt_text": medium.alt_text or None,
    }
    if medium.type != "photo":
        written["video_info"] = _video(medium)
    return written


def _size(medium: Medium, most: int, resize: str) -> Json:
    if resize == "crop":
        return {"w": most, "h": most, "resize": resize}
    longest = max(medium.width, medium.height, 1)
    scale = min(1.0, most / longest)
    return {"w": round(medium.width * scale), "h": round(medium.height * scale), "resize": resize}


def _video(medium: Medium) -> Json:
    return {
        "aspect_ratio": [medium.width, medium.height],
        "duration_millis": medium.duration_ms,
        "variants": [
            {"bitrate": each.bit_rate, "content_type": each.content_type, "url": each.url}
            for each in medium.variants
        ],
    }
