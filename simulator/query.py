"""
What a request asks for, read as strictly as X reads it.

Two dialects are alive: `tweet.*` names (OpenAPI 2.166) and `post.*` names (2.167);
a request speaks the second when it uses a parameter of it.
Source: X's OpenAPI descriptions of those versions, read 2026-11-22.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from simulator import problems
from simulator.ids import snowflake

_TWEET_FIELDS = (
    "article,attachments,author_id,card_uri,community_id,context_annotations,conversation_id,created_at,"
    "display_text_range,edit_controls,edit_history_tweet_ids,entities,geo,id,in_reply_to_user_id,lang,"
    "matched_media_notes,media_metadata,non_public_metrics,note_request_suggestions,note_tweet,organic_metrics,"
    "paid_partnership,possibly_sensitive,promoted_metrics,public_metrics,referenced_tweets,reply_settings,scopes,"
    "source,suggested_source_links,suggested_source_links_with_counts,text,withheld"
)
_POST_FIELDS = (
    "article,article_title,attachments,card_uri,community_id,context_annotations,conversation_id,created_at,"
    "display_text_range,edit_controls,entities,geo,id,lang,matched_media_notes,media_metadata,non_public_metrics,"
    "note_post,note_request_suggestions,organic_metrics,paid_partnership,possibly_sensitive,promoted_metrics,"
    "public_metrics,reply_settings,scopes,source,suggested_source_links,suggested_source_links_with_counts,text,"
    "withheld"
)
_EXPANSIONS = (
    "article.cover_media,article.media_entities,attachments.media_keys,attachments.media_source_tweet,"
    "attachments.poll_ids,author_id,edit_history_tweet_ids,edit_history_post_ids,entities.mentions.username,"
    "entities.note.mentions.username,geo.place_id,in_reply_to_user_id,referenced_tweets.id,"
    "referenced_tweets.id.attachments.media_keys,referenced_tweets.id.author_id,referenced_posts,username"
)
_USER_FIELDS = (
    "affiliation,confirmed_email,connection_status,created_at,description,entities,id,is_identity_verified,location,"
    "most_recent_tweet_id,name,parody,pinned_tweet_id,profile_banner_url,profile_image_url,protected,public_metrics,"
    "receives_your_dm,subscribes_to_you,subscription,subscription_type,url,username,verified,"
    "verified_followers_count,verified_type,withheld"
)
_MEDIA_FIELDS = (
    "alt_text,duration_ms,height,media_key,non_public_metrics,organic_metrics,preview_image_url,promoted_metrics,"
    "public_metrics,type,url,variants,width"
)

#: What each list parameter may hold.
LISTS: dict[str, frozenset[str]] = {
    "tweet.fields": frozenset(_TWEET_FIELDS.split(",")),
    "post.fields": frozenset(_POST_FIELDS.split(",")),
    "expansions": frozenset(_EXPANSIONS.split(",")),
    "user.fields": frozenset(_USER_FIELDS.split(",")),
    "media.fields": frozenset(_MEDIA_FIELDS.split(",")),
    "poll.fields": frozenset({"duration_minutes", "end_datetime", "id", "options", "voting_status"}),
    "place.fields": frozenset(
        {"contained_within", "country", "country_code", "full_name", "geo", "id", "name", "place_type"}
    ),
    "exclude": frozenset({"replies", "retweets"}),
}
FIELD_LISTS = frozenset(LISTS) - {"exclude"}
HOME = FIELD_LISTS | {
    "exclude", "since_id", "until_id", "start_time", "end_time", "max_results", "pagination_token",
}  # fmt: skip
LOOKUP = FIELD_LISTS | {"ids"}
ME = frozenset({"user.fields", "tweet.fields", "post.fields", "expansions"})

_LARGEST_ID = 2**63 - 1
_EARLIEST = datetime(2010, 11, 6, tzinfo=UTC)


class InvalidError(Exception):
    """A request that X would answer with 400; `problem` is the body."""

    def __init__(self, parameter: str, value: str, message: str) -> None:
        super().__init__(message)
        self.problem = problems.invalid(parameter, [value], message)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which fields and expansions are asked for; hashable, so that what is rendered can be kept."""

    fields: tuple[tuple[str, frozenset[str]], ...]
    expansions: frozenset[str]
    posts: bool

    def of(self, name: str) -> frozenset[str]:
        """List the fields asked for of one kind of object."""
        return dict(self.fields).get(name, frozenset())


def check_names(params: Mapping[str, str], allowed: frozenset[str]) -> None:
    """
    Refuse parameters that X does not know.

    Errors: InvalidError.
    """
    for name, value in params.items():
        if name not in allowed:
            raise InvalidError(
                name, value, f"The query parameter [{name}] is not one of [{','.join(sorted(allowed))}]"
            )


def read_list(params: Mapping[str, str], name: str) -> frozenset[str]:
    """
    Read a list of names separated by commas.

    Errors: InvalidError for a name that X does not know.
    """
    if name not in params:
        return frozenset()
    values = params[name].split(",")
    for value in values:
        if value not in LISTS[name]:
            known = ",".join(sorted(LISTS[name]))
            raise InvalidError(
                name, params[name], f"The `{name}` query parameter value [{value}] is not one of [{known}]"
            )
    return frozenset(values)


def read_selection(params: Mapping[str, str]) -> Selection:
    """
    Read which fields and expansions are asked for, in which dialect.

    Errors: InvalidError.
    """
    lists = {name: read_list(params, name) for name in sorted(FIELD_LISTS)}
    expansions = lists.pop("expansions")
    posts = "post.fields" in params or bool(expansions & {"referenced_posts", "edit_history_post_ids"})
    return Selection(tuple(lists.items()), expansions, posts)


def read_id(params: Mapping[str, str], name: str) -> int | None:
    """
    Read an id; None when it was not given.

    Errors: InvalidError.
    """
    value = params.get(name)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 19 and int(value) <= _LARGEST_ID):
        raise InvalidError(
            name, value, f"The `{name}` query parameter value [{value}] does not match ^[0-9]{{1,19}}$"
        )
    return int(value)


def read_time(params: Mapping[str, str], name: str) -> int | None:
    """
    Read an instant as the smallest id that can have been written at it; None when it was not given.

    Errors: InvalidError.
    """
    value = params.get(name)
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or at < _EARLIEST:
        raise InvalidError(
            name,
            value,
            f"The `{name}` query parameter value [{value}] is not a date-time of RFC 3339 after 2010-11-05",
        )
    return snowflake(int(at.timestamp() * 1000), 0)


def read_count(params: Mapping[str, str], most: int) -> int:
    """
    Read how many results are asked for; X's most when nothing is.

    Errors: InvalidError.
    """
    value = params.get("max_results")
    if value is None:
        return most
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= most):
        raise InvalidError(
            "max_results",
            value,
            f"The `max_results` query parameter value [{value}] is not between 1 and {most}",
        )
    return int(value)
