"""Every metric, named and explained: what an operator's alarms and graphs are made of."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from shared.domain.money import Budget, Spent, allowance, forecast
from shared.domain.parking import Climate
from shared.domain.price import Price

CONTENT_TYPE = CONTENT_TYPE_LATEST
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Money:
    """What may be spent, what was, and when that is told."""

    budget: Budget
    spent: Spent
    now_ms: int


@dataclass(frozen=True, slots=True)
class Engine:
    """How polls go: the price, None while nobody has made one, and what stops them all."""

    price: Price | None
    late_ms: int
    surfacing_ms: int
    is_out: bool
    stopped: str | None


def write(climate: Climate, money: Money, engine: Engine) -> bytes:
    """Write how X treats everybody, what was spent and how polls go, in Prometheus's text format."""
    registry = CollectorRegistry()
    for name, help_text, value in (*_of_climate(climate), *_of_money(money), *_of_engine(engine)):
        Gauge(name, help_text, registry=registry).set(value)
    return generate_latest(registry)


def _of_climate(climate: Climate) -> Iterator[tuple[str, str, float]]:
    yield (
        "roost_sign_in_outage",
        "1 while X refuses so many accounts at once that its sign-in, or our app's, must be at fault; "
        "nobody is parked meanwhile. Raise an alarm.",
        int(climate.is_outage()),
    )
    yield "roost_accounts_refused", "Accounts that X refused in the last ten minutes.", climate.refused
    yield (
        "roost_accounts_accepted",
        "Accounts that X accepted in the last ten minutes, of one noted every five seconds a fetcher.",
        climate.accepted,
    )


def _of_money(money: Money) -> Iterator[tuple[str, str, float]]:
    budget, spent, now_ms = money.budget, money.spent, money.now_ms
    yield "roost_posts_billed_today", "Posts that X has billed in this UTC day, each once.", spent.day
    yield "roost_posts_billed_month", "Posts that X has billed in this UTC month.", spent.month
    yield "roost_dollars_today", "What these posts of today cost.", spent.day * budget.price / _MICRO
    yield (
        "roost_dollars_month_forecast",
        "What the month will have cost at its end, if it goes on at today's pace.",
        forecast(spent, now_ms) * budget.price / _MICRO,
    )
    yield (
        "roost_budget_spent",
        "1 while the money budget holds no further post: nobody is polled. Raise an alarm.",
        int(allowance(budget, spent, now_ms).posts == 0),
    )


def _of_engine(engine: Engine) -> Iterator[tuple[str, str, float]]:
    yield (
        "roost_late_seconds",
        "By how much the most overdue account is late. Scale fetchers on it.",
        engine.late_ms / 1000,
    )
    yield (
        "roost_tweets_surface_late_seconds",
        "How late X begins to show tweets, but for one in 10,000. From 96 on some are later than any poll "
        "looks back: raise an alarm.",
        engine.surfacing_ms / 1000,
    )
    yield (
        "roost_x_out",
        "1 while X does not answer and one canary alone is polled. Raise an alarm.",
        engine.is_out,
    )
    yield (
        "roost_app_stopped",
        "1 while X refuses the whole app, for its credit or its caps. Raise an alarm.",
        engine.stopped is not None,
    )
    if engine.price is None:
        return
    yield "roost_request_price", "Seconds that a poll must spare readers to be made.", engine.price.value
    yield "roost_requests_per_second", "Requests to X, averaged over ten minutes.", engine.price.spending
    yield "roost_requests_per_second_wanted", "What the price steers to.", engine.price.rate
