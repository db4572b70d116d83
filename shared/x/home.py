"""
Fetch one page of a home timeline.

Source: GET /2/users/:id/timelines/reverse_chronological, OpenAPI 2.166, read 2026-11-22:
        at most 100 a page, `since_id` and `until_id` both exclusive, order newest first.
"""

from typing import assert_never

from shared.clock import Clock
from shared.domain.account import AccountId
from shared.domain.credential import Credential
from shared.domain.outcome import Answer, Malformed, Unavailable
from shared.domain.timeline import Want
from shared.x.page import read_page
from shared.x.refusal import read_refusal
from shared.x.upstream import Broken, Reply, Upstream
from shared.x.window import read_window

#: All that is public of a tweet and of what is shown with it: asking for more costs no more.
FIELDS = {
    "tweet.fields": "attachments,author_id,conversation_id,created_at,edit_controls,edit_history_tweet_ids,"
    "entities,geo,in_reply_to_user_id,lang,note_tweet,possibly_sensitive,public_metrics,referenced_tweets,"
    "reply_settings,withheld",
    "expansions": "attachments.media_keys,attachments.poll_ids,author_id,geo.place_id,in_reply_to_user_id,"
    "referenced_tweets.id,referenced_tweets.id.attachments.media_keys,referenced_tweets.id.author_id",
    "user.fields": "created_at,description,entities,location,name,profile_image_url,protected,public_metrics,"
    "url,username,verified,verified_type,withheld",
    "media.fields": "alt_text,duration_ms,height,media_key,preview_image_url,public_metrics,type,url,"
    "variants,width",
    "poll.fields": "duration_minutes,end_datetime,id,options,voting_status",
    "place.fields": "country,country_code,full_name,geo,id,name,place_type",
}


class Home:
    """X's home timelines."""

    def __init__(self, upstream: Upstream, clock: Clock) -> None:
        self._upstream = upstream
        self._clock = clock

    async def fetch(self, account_id: AccountId, credential: Credential, want: Want, posts: int) -> Answer:
        """Fetch what is wanted, up to so many of it: one request, whose every end is a value."""
        path = f"/2/users/{account_id}/timelines/reverse_chronological"
        reply = await self._upstream.ask(path, FIELDS | _range(want, posts), credential)
        match reply:
            case Unavailable():
                return Answer(reply, None)
            case Broken(headers):
                return Answer(Malformed("truncated"), read_window(headers, now_ms=self._clock.now_ms()))
            case Reply(status=200):
                return _read(reply, now_ms=self._clock.now_ms())
            case Reply():
                return Answer(*read_refusal(reply, now_ms=self._clock.now_ms()))
            case _:
                assert_never(reply)


def _range(want: Want, posts: int) -> dict[str, str]:
    params = {"max_results": str(posts)}
    if want.since > 0:
        params["since_id"] = str(want.since)
    if want.token is not None:
        params["pagination_token"] = want.token
    elif want.until is not None:
        params["until_id"] = str(want.until)
    return params


def _read(reply: Reply, *, now_ms: int) -> Answer:
    window = read_window(reply.headers, now_ms=now_ms)
    try:
        return Answer(read_page(reply.body), window)
    except (ValueError, RecursionError) as fault:  # msgspec's errors are ValueErrors
        return Answer(Malformed(str(fault)[:80]), window)
