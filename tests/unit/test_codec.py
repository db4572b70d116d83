"""Bodies come out of their frames as they went in, and small ones stay small."""

import json

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.tweet import Body
from shared.store.codec import Codec

CODEC = Codec()
REFS = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=8).map(tuple)


@given(st.binary(max_size=5000), REFS)
def test_a_body_comes_out_as_it_went_in(raw, refs):
    body = Body("tweet:1", raw, refs)

    assert CODEC.read("tweet:1", CODEC.write(body)) == body


def test_another_process_reads_what_one_wrote():
    body = Body("tweet:1", b'{"id":"1"}', ("user:2",))

    assert Codec().read("tweet:1", Codec().write(body)) == body


def test_a_tweet_takes_less_than_half_of_its_bytes():
    tweet = {
        "id": "1050118621198921728",
        "text": "To make room for more expression, we will now count all emojis as equal",
        "author_id": "6253282",
        "created_at": "2018-10-10T20:19:24.000Z",
        "edit_history_tweet_ids": ["1050118621198921728"],
        "edit_controls": {"edits_remaining": 5, "is_edit_eligible": True,
                          "editable_until": "2018-10-10T20:49:24.000Z"},
        "lang": "en",
        "conversation_id": "1050118621198921728",
        "possibly_sensitive": False,
        "reply_settings": "everyone",
        "public_metrics": {"retweet_count": 1, "reply_count": 2, "like_count": 3, "quote_count": 4,
                           "bookmark_count": 5, "impression_count": 6},
    }  # fmt: skip
    raw = json.dumps(tweet, separators=(",", ":")).encode()

    assert len(CODEC.write(Body("tweet:1", raw, ("user:6253282",)))) < len(raw) / 2
