"""
What a request for a timeline may ask, read strictly: what cannot be taken is refused by name.

Field lists and expansions are checked against X's own names, of both its dialects.
"""

import base64
from collections.abc import Collection, Mapping
from datetime import datetime
from urllib.parse import parse_qsl

from starlette.requests import Request

from services.api.faults import invalid
from shared.domain.tweet import MAX_ID, TweetId, first_id_at
from shared.store.timelines import Range

_TWEET_FIELDS = (
    "article article_title attachments author_id card_uri community_id context_annotations conversation_id "
    "created_at display_text_range edit_controls edit_history_post_ids edit_history_tweet_ids entities geo "
    "id in_reply_to_user_id lang matched_media_notes media_metadata non_public_metrics note_post "
    "note_request_suggestions note_tweet organic_metrics paid_partnership possibly_sensitive "
    "promoted_metrics public_metrics referenced_posts referenced_tweets reply_settings scopes source "
    "suggested_source_links suggested_source_links_with_counts text withheld"
)
_EXPANSIONS = (
    "article.cover_media article.media_entities attachments.media_keys attachments.media_source_tweet "
    "attachments.poll_ids author_id edit_history_post_ids edit_history_tweet_ids entities.mentions.username "
    "entities.note.mentions.username geo.place_id in_reply_to_user_id referenced_posts referenced_tweets.id "
    "referenced_tweets.id.attachments.media_keys referenced_tweets.id.author_id username"
)
_ME_EXPANSIONS = (
    "affiliation affiliation.user_id most_recent_post_id most_recent_tweet_id pinned_post_id pinned_tweet_id"
)
_USER_FIELDS = (
    "affiliation confirmed_email connection_status created_at description entities id is_identity_verified "
    "location most_recent_tweet_id name parody pinned_tweet_id profile_banner_url profile_image_url "
    "protected public_metrics receives_your_dm subscribes_to_you subscription subscription_type url "
    "username verified verified_followers_count verified_type withheld"
)
_MEDIA_FIELDS = (
    "alt_text duration_ms height media_key non_public_metrics organic_metrics preview_image_url "
    "promoted_metrics public_metrics type url variants width"
)

#: Field lists and what each may hold. Source: OpenAPI 2.166 and 2.167, read 2026-11-22.
LISTS = {
    "tweet.fields": frozenset(_TWEET_FIELDS.split()),
    "post.fields": frozenset(_TWEET_FIELDS.split()),
    "expansions": frozenset(_EXPANSIONS.split()),
    "user.fields": frozenset(_USER_FIELDS.split()),
    "media.fields": frozenset(_MEDIA_FIELDS.split()),
    "poll.fields": frozenset(["duration_minutes", "end_datetime", "id", "options", "voting_status"]),
    "place.fields": frozenset(
        ["contained_within", "country", "country_code", "full_name", "geo", "id", "name", "place_type"]
    ),
}
#: The same where an account is asked for and no timeline.
ME_LISTS = {name: LISTS[name] for name in ("user.fields", "tweet.fields", "post.fields")} | {
    "expansions": frozenset(_ME_EXPANSIONS.split())
}
RANGE = frozenset({"max_results", "since_id", "until_id", "pagination_token"})
TIMES = frozenset({"start_time", "end_time"})

#: The longest value that is repeated in a fault.
_SHOWN_CHARACTERS = 80


def read_params(request: Request, allowed: frozenset[str]) -> dict[str, str]:
    """
    Read the query, each parameter once and none that is not allowed.

    Errors: Fault 400 that names the parameter.
    """
    params: dict[str, str] = {}
    for name, value in parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True):
        if name not in allowed:
            known = ", ".join(sorted(allowed)) or "no parameters"
            raise invalid(
                name, value[:_SHOWN_CHARACTERS], f"`{name[:40]}` is not known here; known: {known}."
            )
        if name in params:
            raise invalid(name, value[:_SHOWN_CHARACTERS], f"`{name}` is given twice; give it once.")
        params[name] = value
    return params


def check_lists(params: Mapping[str, str], lists: Mapping[str, frozenset[str]] = LISTS) -> None:
    """
    Check the field lists that are given.

    Errors: Fault 400 that names the value.
    """
    for name, known in lists.items():
        for value in params[name].split(",") if name in params else ():
            if value not in known:
                shown = value[:_SHOWN_CHARACTERS]
                raise invalid(name, shown, _unknown(name, shown, known))


def _unknown(name: str, value: str, known: Collection[str]) -> str:
    """Say it in X's own words: clients of X print them."""
    return f"The `{name}` query parameter value [{value}] is not one of [{','.join(sorted(known))}]"


def read_ascending(params: Mapping[str, str]) -> bool:
    """
    Read whether the oldest is wanted first.

    Errors: Fault 400.
    """
    order = params.get("order", "newest")
    if order not in {"newest", "oldest"}:
        shown = order[:_SHOWN_CHARACTERS]
        raise invalid(
            "order", shown, f"`order` takes newest or oldest, whichever comes first; not `{shown}`."
        )
    return order == "oldest"


def read_range(params: Mapping[str, str], *, most: int, usual: int, ascending: bool = False) -> Range:
    """
    Read which part of the timeline is asked for: from its newest end on, or `ascending` from its oldest.

    Errors: Fault 400 that names the parameter.
    """
    start, end = _read_time(params, "start_time"), _read_time(params, "end_time")
    since, until = read_id(params, "since_id"), read_id(params, "until_id")
    if since is None and start is not None:
        since = TweetId(max(0, start - 1))
    until = end if until is None else until
    if since is not None and until is not None and since >= until:
        begin = "since_id" if "since_id" in params else "start_time"
        raise invalid(begin, params[begin], "The range is empty: it must begin before it ends.")
    limit = _read_count(params, most=most, usual=usual)
    if "pagination_token" not in params:
        return Range(since, until, limit, oldest_first=ascending)
    newer, edge = _read_token(params["pagination_token"])
    if newer:
        return Range(max(since or edge, edge), until, limit, oldest_first=True)
    return Range(since, edge if until is None else min(until, edge), limit)


def read_id(params: Mapping[str, str], name: str) -> TweetId | None:
    """
    Read an id; None when it is not given.

    Errors: Fault 400.
    """
    value = params.get(name)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 19 and int(value) <= MAX_ID):
        shown = value[:_SHOWN_CHARACTERS]
        raise invalid(name, shown, f"`{name}` is an id of at most 19 digits; not `{shown}`.")
    return TweetId(int(value))


def write_token(edge: TweetId, *, newer: bool) -> str:
    """Write a token for the page just older, or just newer, than an id."""
    return base64.urlsafe_b64encode(f"{'n' if newer else 'o'}{edge}".encode()).decode().rstrip("=")


def _read_token(token: str) -> tuple[bool, TweetId]:
    try:
        padded = token + "=" * (-len(token) % 4)
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
        newer = {"n": True, "o": False}[text[:1]]
    except (ValueError, KeyError):
        text = ""
    if not (text[1:].isdigit() and len(text) <= 20 and int(text[1:]) <= MAX_ID):
        shown = token[:_SHOWN_CHARACTERS]
        raise invalid("pagination_token", shown, "`pagination_token` is not one that this API gave out.")
    return newer, TweetId(int(text[1:]))


def _read_count(params: Mapping[str, str], *, most: int, usual: int) -> int:
    value = params.get("max_results")
    if value is None:
        return usual
    if not (value.isascii() and value.isdigit() and len(value) <= 4 and 1 <= int(value) <= most):
        shown = value[:_SHOWN_CHARACTERS]
        raise invalid("max_results", shown, f"`max_results` is a number from 1 to {most}; not `{shown}`.")
    return int(value)


def _read_time(params: Mapping[str, str], name: str) -> TweetId | None:
    value = params.get(name)
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        shown = value[:_SHOWN_CHARACTERS]
        raise invalid(name, shown, f"`{name}` is an instant like 2026-11-23T08:00:00Z; not `{shown}`.")
    return min(first_id_at(int(at.timestamp() * 1000)), MAX_ID)  # ids end before the calendar does
