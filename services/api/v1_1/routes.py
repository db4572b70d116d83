"""The routes of X's API v1.1 that apps of its time ask for; what else they send is ignored, as X did."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from services.api.answers import answer
from services.api.auth import claimed, ended, session
from services.api.faults import Fault, invalid
from services.api.filters import Filters
from services.api.freshen import read_wait
from services.api.gateway import Gateway
from services.api.parameters import read_id
from services.api.rates import rate_headers
from services.api.reading import Asked, read, with_rates
from services.api.things import User, read_things, read_user
from services.api.timelines import bodies_of, headers_of
from services.api.v1_1.statuses import Wish, write_statuses
from services.api.v1_1.users import write_user
from shared.domain.tweet import MAX_ID, TweetId
from shared.store.sessions import TIMELINE_READ, Session
from shared.store.timelines import Range

_MOST = 200
_USUAL = 20
_YES = frozenset({"1", "t", "true"})
_encode = msgspec.json.Encoder().encode


async def home_timeline(request: Request) -> Response:
    """Answer `GET /1.1/statuses/home_timeline.json`: the caller's timeline, newest first."""
    claim = await claimed(request)
    params = _params(request)
    try:
        asked = Asked(
            _read_range(params),
            filters=Filters(replies=_is_yes(params, "exclude_replies")),
            wait_seconds=read_wait(request),
        )
    except Fault as fault:
        raise await with_rates(request, claim, fault) from None
    part = await read(request, claim, asked)
    gateway: Gateway = request.app.state.gateway
    wish = Wish(
        extended=params.get("tweet_mode") == "extended",
        trimmed=_is_yes(params, "trim_user"),
        entities=params.get("include_entities", "true").lower() in _YES,
    )
    body = _encode(write_statuses(read_things(await bodies_of(gateway, part)), wish))
    return answer(request, body, headers_of(gateway, part, asked.wait_seconds))


async def rate_limit_status(request: Request) -> Response:
    """Answer `GET /1.1/application/rate_limit_status.json`: how often the caller may still ask."""
    found = await session(request, TIMELINE_READ)
    calls = found.calls
    told = {"limit": calls.limit, "remaining": max(0, calls.left), "reset": -(-calls.resets_at_ms // 1000)}
    resources = {
        "account": {"/account/verify_credentials": told},
        "application": {"/application/rate_limit_status": told},
        "statuses": {"/statuses/home_timeline": told},
    }
    wanted = set(filter(None, _params(request).get("resources", "").split(","))) or resources.keys()
    chosen = {name: each for name, each in resources.items() if name in wanted}
    context = {"access_token": f"{found.account_id}-{found.id}"}
    return _answer(request, found, {"rate_limit_context": context, "resources": chosen})


async def verify_credentials(request: Request) -> Response:
    """Answer `GET /1.1/account/verify_credentials.json`: who the caller is."""
    found = await session(request, TIMELINE_READ)
    gateway: Gateway = request.app.state.gateway
    kept = await gateway.accounts.find(found.account_id)
    if kept is None:
        raise ended()
    (body,) = await gateway.bodies.find([f"user:{found.account_id}"])
    user = read_user(body.raw) if body else User(str(found.account_id))
    user.name, user.username = kept.account.name, kept.account.username
    return _answer(request, found, write_user(user))


def _answer(request: Request, found: Session, told: Mapping[str, object]) -> Response:
    return answer(request, _encode(told), {"cache-control": "private, no-store", **rate_headers(found.calls)})


def _params(request: Request) -> dict[str, str]:
    query = request.scope["query_string"].decode("latin-1")
    return dict(parse_qsl(query, keep_blank_values=True))


def _read_range(params: Mapping[str, str]) -> Range:
    """
    Read which part of the timeline is asked for; `max_id` is part of it.

    Errors: Fault 400 that names the parameter.
    """
    since, newest = read_id(params, "since_id"), read_id(params, "max_id")
    until = TweetId(newest + 1) if newest is not None and newest < MAX_ID else None
    count = params.get("count", str(_USUAL))
    if not (count.isascii() and count.isdigit() and len(count) <= 9 and int(count) > 0):
        raise invalid("count", count[:80], f"`count` is a number from 1 to {_MOST}; not `{count[:80]}`.")
    return Range(since, until, min(int(count), _MOST))


def _is_yes(params: Mapping[str, str], name: str) -> bool:
    return params.get(name, "").lower() in _YES
