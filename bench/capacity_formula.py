"""
How much of everything so many accounts need: one function, by which docs/capacity.md works its examples.

What one thing costs is measured and quoted there; what people do is the population of the study of
freshness. A core, Redis' one thread among them, is filled to a half at the busiest hour.

    python -m bench.capacity_formula    the table of examples
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil

from shared.store.keys import ARRIVALS_KEPT

_DAY_S = 86_400
_MONTH_DAYS = 30
#: X's price for a post, and how many it lets an app read in a day of a month of 30.
POST_DOLLARS = 0.005
POSTS_MOST = 3_000_000 // _MONTH_DAYS
#: The busiest hour has so many times the mean.
PEAK = 3
FILL = 0.5
_TICKS_PER_SECOND = 4
#: As the scheduler makes its batches (`services/scheduler/tick.py`).
_MESSAGES_WANTED, _JOBS_PER_MESSAGE = 16, 50
#: A node of Redis holds no more than this, for it is copied whole to a replica that is new.
NODE_GB = 16
#: As `zset-max-listpack-entries` has it; what holds more is no longer packed.
_PACKED_MOST = 1024


@dataclass(frozen=True, slots=True)
class Costs:
    """
    What one of each costs.

    Units: `…_ms` milliseconds of processor time; `…_bytes` bytes of Redis, `packed` and `unpacked` those of a
           tweet's place in a timeline, `arrival` and `told` of an arrival and of each tweet that it tells of;
           `app_us` microseconds in which a page keeps the node of `{app}`; `cluster_…` how many times as much
           it is on a cluster.
    """

    fetcher_ms: float
    scheduler_ms: float
    gateway_ms: float
    redis_poll_ms: float
    redis_page_ms: float
    redis_tick_ms: float
    app_us: float
    account_bytes: float
    session_bytes: float
    arrival_bytes: float
    told_bytes: float
    packed_bytes: float
    unpacked_bytes: float
    tweet_bytes: float
    cluster_fetcher: float
    cluster_redis: float


@dataclass(frozen=True, slots=True)
class Habits:
    """
    What people do and what is kept for them.

    Units: `awake` is their share of all; polls and posts in a day of one who is awake, pages of anybody;
           `posts_most` in a day of all together, None for no limit; a timeline holds up to `kept` tweets, of
           `days`. Each post is taken to be seen by one of them: where many follow the same, posts are fewer.
    """

    awake: float
    polls_daily: float
    posts_daily: float
    pages_daily: float
    posts_most: int | None = None
    kept: int = 3200
    days: int = 30


@dataclass(frozen=True, slots=True)
class Needs:
    """What that comes to; a second's figures are those of the busiest hour."""

    polls_per_second: float
    pages_per_second: float
    messages_per_second: float
    fetchers: int
    schedulers: int
    gateways: int
    redis_gb: float
    redis_cores: float
    redis_primaries: int
    broker_nodes: int
    app_share: float
    posts_daily: float
    dollars_monthly: float


#: What docs/capacity.md quotes, each with the command that measures it.
MEASURED = Costs(
    fetcher_ms=1.09,
    scheduler_ms=0.05,
    gateway_ms=0.20,
    redis_poll_ms=0.27,
    redis_page_ms=0.07,
    redis_tick_ms=2.6,
    app_us=25.0,
    account_bytes=1_747,
    session_bytes=500,
    arrival_bytes=12.6,
    told_bytes=21.1,
    packed_bytes=12.1,
    unpacked_bytes=74.9,
    tweet_bytes=579,
    cluster_fetcher=1.49,
    cluster_redis=1.48,
)

#: A fifth of the polls of 2016, a minute apart, for who is awake; all that is new is read.
FRESH = Habits(awake=0.6, polls_daily=288, posts_daily=2_592, pages_daily=8.3)
#: X is asked when somebody reads, for the newest page.
LAZY = replace(FRESH, polls_daily=7.2, posts_daily=140)
#: The same with timelines that Redis still packs.
PACKED = replace(LAZY, kept=1_000)
#: The same, as far as X lets one app read.
CAPPED = replace(PACKED, posts_most=POSTS_MOST)

EXAMPLES = {"fresh": FRESH, "lazy": LAZY, "lazy, 1,000 kept": PACKED, "the same within X's cap": CAPPED}
ACCOUNTS = (1_000, 100_000, 10_000_000)


def needs(accounts: int, habits: Habits, costs: Costs) -> Needs:
    """Work out what so many accounts need."""
    awake = accounts * habits.awake
    posts = min(awake * habits.posts_daily, habits.posts_most or float("inf"))
    gb = _redis_bytes(accounts, posts, habits, costs) / 1e9
    polls, pages = (
        PEAK * each / _DAY_S for each in (awake * habits.polls_daily, accounts * habits.pages_daily)
    )
    schedulers = 1 + _programs(polls, costs.scheduler_ms)
    cores = (polls * costs.redis_poll_ms + pages * costs.redis_page_ms) / 1000
    cores += _TICKS_PER_SECOND * schedulers * costs.redis_tick_ms / 1000
    is_cluster = gb > NODE_GB or cores > FILL
    cores *= costs.cluster_redis if is_cluster else 1
    return Needs(
        polls_per_second=polls,
        pages_per_second=pages,
        messages_per_second=_messages(polls),
        fetchers=_programs(polls, costs.fetcher_ms * (costs.cluster_fetcher if is_cluster else 1)),
        schedulers=schedulers,
        gateways=1 + _programs(pages, costs.gateway_ms),
        redis_gb=gb,
        redis_cores=cores,
        redis_primaries=max(3, ceil(gb / NODE_GB), ceil(cores / FILL)) if is_cluster else 1,
        broker_nodes=3 if is_cluster else 1,
        app_share=polls * costs.app_us / 1e6,
        posts_daily=posts,
        dollars_monthly=posts * _MONTH_DAYS * POST_DOLLARS,
    )


def within_cap(habits: Habits) -> int:
    """Tell how many accounts X's posts are enough for."""
    return int(POSTS_MOST / (habits.awake * habits.posts_daily))


def timeline_bytes(tweets: float, costs: Costs) -> float:
    """Tell what a timeline of so many tweets takes."""
    return tweets * (costs.packed_bytes if tweets <= _PACKED_MOST else costs.unpacked_bytes)


def arrivals_bytes(told: float, costs: Costs) -> float:
    """Tell what the arrivals of an account take if each tells of so many tweets; of one at least."""
    return ARRIVALS_KEPT * (costs.arrival_bytes + max(1.0, told) * costs.told_bytes)


def examples() -> str:
    """Write the table of worked examples, as docs/capacity.md has it."""
    return "\n".join(_lines())


def _programs(per_second: float, each_ms: float) -> int:
    return ceil(per_second * each_ms / 1000 / FILL)


def _redis_bytes(accounts: int, posts: float, habits: Habits, costs: Costs) -> float:
    bodies = posts * habits.days
    held = min(habits.kept, bodies / (accounts * habits.awake))
    told = posts / (accounts * habits.awake * habits.polls_daily)
    # Who fell asleep keeps their timeline and arrivals: they are cut when their account is polled.
    own = (
        costs.account_bytes + costs.session_bytes + timeline_bytes(held, costs) + arrivals_bytes(told, costs)
    )
    return accounts * own + bodies * costs.tweet_bytes


def _messages(jobs_per_second: float) -> float:
    jobs = jobs_per_second / _TICKS_PER_SECOND
    return jobs_per_second / max(1, min(_JOBS_PER_MESSAGE, int(jobs) // _MESSAGES_WANTED))


def _lines() -> Iterator[str]:
    names = [name.replace("_", " ") for name in Needs.__dataclass_fields__]
    yield f"| accounts, mode | {' | '.join(names)} |"
    yield f"|---|{'---:|' * len(names)}"
    for name, habits in EXAMPLES.items():
        for count in ACCOUNTS:
            told = needs(count, habits, MEASURED)
            figures = (_short(getattr(told, each)) for each in Needs.__dataclass_fields__)
            yield f"| {count:,}, {name} | {' | '.join(figures)} |"


def _short(figure: float) -> str:
    if isinstance(figure, int) or figure >= 10:
        return f"{figure:,.0f}"
    return f"{figure:.2g}" if figure >= 0.01 else "< 0.01"


if __name__ == "__main__":
    print(examples())
