"""What a tweet carries with it: photos, videos, polls, places."""

import random

from simulator.ids import iso, written_at_ms
from simulator.shelf import Shelf, Thing
from simulator.words import sentence, word


def attach(chance: random.Random, tweet: Thing, shelf: Shelf) -> None:
    """Attach photos, a video, a poll or, mostly, nothing."""
    lot = chance.random()
    if lot < 0.20:
        _attach_photos(chance, tweet, shelf)
    elif lot < 0.25:
        _attach_video(chance, tweet, shelf)
    elif lot < 0.27:
        _attach_poll(chance, tweet, shelf)


def place(chance: random.Random, tweet: Thing, shelf: Shelf) -> None:
    """Say where a tweet was written."""
    name = word(chance).title()
    place_id = format(number(name), "016x")
    tweet["geo"] = {"place_id": place_id}
    shelf.places[place_id] = {
        "id": place_id,
        "name": name,
        "full_name": f"{name}, Nowhere",
        "country": "Nowhere",
        "country_code": "XX",
        "place_type": "city",
        "geo": {"type": "Feature", "bbox": [-1.5, 50.1, -1.2, 50.3], "properties": {}},
    }


def number(name: str) -> int:
    """Give a name a number that is the same in every process."""
    return random.Random(name).getrandbits(63)  # noqa: S311 (repeatable, not secret)


def _attach_photos(chance: random.Random, tweet: Thing, shelf: Shelf) -> None:
    keys = [f"3_{int(tweet['id']) + number}" for number in range(1, chance.choice([2, 2, 2, 3, 5]))]
    tweet["attachments"] = {"media_keys": keys}
    for key in keys:
        shelf.media[key] = {
            "media_key": key,
            "type": "photo",
            "url": f"https://pbs.twimg.com/media/{format(chance.getrandbits(80), 'x')}.jpg",
            "width": chance.choice([1080, 1200, 2048]),
            "height": chance.choice([720, 1350, 2048]),
            "alt_text": sentence(chance, 8),
        }


def _attach_video(chance: random.Random, tweet: Thing, shelf: Shelf) -> None:
    key = f"13_{int(tweet['id']) + 1}"
    path = f"https://video.twimg.com/amplify_video/{tweet['id']}"
    tweet["attachments"] = {"media_keys": [key]}
    shelf.media[key] = {
        "media_key": key,
        "type": "video",
        "duration_ms": chance.randrange(2_000, 140_000),
        "width": 1280,
        "height": 720,
        "preview_image_url": f"https://pbs.twimg.com/amplify_video_thumb/{tweet['id']}/img/preview.jpg",
        "public_metrics": {"view_count": int(chance.paretovariate(0.6) * 90)},
        "variants": [
            {"content_type": "application/x-mpegURL", "url": f"{path}/pl/list.m3u8"},
            *(
                {"bit_rate": bits, "content_type": "video/mp4", "url": f"{path}/vid/{bits}.mp4"}
                for bits in (288_000, 832_000, 2_176_000)
            ),
        ],
    }


def _attach_poll(chance: random.Random, tweet: Thing, shelf: Shelf) -> None:
    poll_id = str(int(tweet["id"]) + 1)
    tweet["attachments"] = {"poll_ids": [poll_id]}
    shelf.polls[poll_id] = {
        "id": poll_id,
        "duration_minutes": 1440,
        "end_datetime": iso(written_at_ms(int(tweet["id"])) + 86_400_000),
        "voting_status": "open",
        "options": [
            {"position": place, "label": word(chance), "votes": chance.randrange(900)} for place in (1, 2, 3)
        ],
    }
