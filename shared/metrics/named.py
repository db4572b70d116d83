"""
Every metric, named and explained: what an operator's alarms and graphs are made of.

Nowhere else is one named; docs/metrics.md is made from here. No label says whose account
something was about: labels have few values, all known before anything is counted.
"""

from shared.domain.outcome import WORDS
from shared.metrics.kinds import Label, Metric

ALARM = "Raise an alarm."

# Read from Redis when the gateway is asked, so every gateway shows the same.

REDIS_UP = Metric(
    "roost_redis_up",
    "gauge",
    "1 when Redis answered; at 0 nothing is shown of what is read from it.",
    f"{ALARM} Mend Redis; all goes on by itself.",
)
LATE = Metric(
    "roost_late_seconds",
    "gauge",
    "By how much the most overdue account is late, of those that nobody reads now.",
    "Scale fetchers on it.",
)
SIGN_IN_OUTAGE = Metric(
    "roost_sign_in_outage",
    "gauge",
    "1 while X refuses so many accounts at once that its sign-in, or our app's, must be at fault; "
    "nobody is parked meanwhile.",
    f"{ALARM} See to the app's keys.",
)
REFUSED = Metric(
    "roost_accounts_refused",
    "gauge",
    "Accounts that X refused in the last ten minutes.",
    "Compare it with those accepted.",
)
ACCEPTED = Metric(
    "roost_accounts_accepted",
    "gauge",
    "Accounts that X accepted in the last ten minutes, of one noted every five seconds a fetcher.",
    "Nothing at all, while polls are made, is an outage.",
)
X_OUT = Metric(
    "roost_x_out",
    "gauge",
    "1 while X does not answer and one canary alone is polled.",
    f"{ALARM} If X is up, see to the network.",
)
APP_STOPPED = Metric(
    "roost_app_stopped",
    "gauge",
    "1 while X refuses the whole app, for its credit or its caps.",
    f"{ALARM} See to the app at X.",
)
SURFACE_LATE = Metric(
    "roost_tweets_surface_late_seconds",
    "gauge",
    "How late X begins to show tweets, but for one in 10,000.",
    "From 96 on some are later than any poll looks back: raise an alarm.",
)
BILLED_TODAY = Metric(
    "roost_posts_billed_today",
    "gauge",
    "Posts that X has billed in this UTC day, each once.",
    "Compare it with what X's own account of it says.",
)
BILLED_MONTH = Metric(
    "roost_posts_billed_month",
    "gauge",
    "Posts that X has billed in this UTC month.",
    "Compare it with what X's own account of it says.",
)
DOLLARS_TODAY = Metric(
    "roost_dollars_today",
    "gauge",
    "What the posts of this UTC day cost, in dollars.",
    "Draw it beside the day's limit.",
)
DOLLARS_FORECAST = Metric(
    "roost_dollars_month_forecast",
    "gauge",
    "What the month will have cost at its end, in dollars, if it goes on at today's pace.",
    "Change the mode or the limits before the bill does.",
)
BUDGET_LEFT = Metric(
    "roost_budget_left",
    "gauge",
    "What may still be asked of X: posts of the day's and of the month's money, and requests now; "
    "+Inf where there is no limit.",
    "Raise the limit, or wait: it begins anew at midnight UTC, or on the first; requests flow all the time.",
    (Label("scope", ("day", "month", "requests")),),
)
BUDGET_SPENT = Metric(
    "roost_budget_spent",
    "gauge",
    "1 while the money budget of the day or the month is spent: nobody is polled.",
    f"{ALARM} Raise the limit, or wait.",
)
PRICE = Metric(
    "roost_request_price",
    "gauge",
    "Seconds that a poll must spare readers to be made; shown once a scheduler has made a price.",
    "It rises while more is wanted than the budget bears: raise the budget, or let it.",
)
REQUESTS_RATE = Metric(
    "roost_requests_per_second",
    "gauge",
    "Requests to X, averaged over ten minutes.",
    "Compare it with what is wanted.",
)
REQUESTS_WANTED = Metric(
    "roost_requests_per_second_wanted",
    "gauge",
    "What the price steers requests to.",
    "Far above what is made: run more fetchers, or see why X limits.",
)

# Counted by each gateway.

READ_STALE = Metric(
    "roost_read_stale_seconds",
    "histogram",
    "For each timeline that was served, also as a feed or as unchanged: how old what it shows is; apart for "
    "accounts that are paused or parked, and so are hardly polled. One that never was shows nothing, and is "
    "not counted.",
    "The promise to readers: raise an alarm when a twentieth of what is `kept` is older than "
    "ROOST_STALE_SECONDS. Then look at roost_late_seconds, roost_x_out and roost_budget_left.",
    (Label("account", ("kept", "paused", "parked")),),
    # Half a second: a reader who waits for a poll; 20 s: read again at once above it; 60 s: the cadence;
    # 180 s: called stale; 900 s: X's window; 6 h: the longest wait between polls; a day: who has slept.
    (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 180, 300, 900, 1800, 3600, 21_600, 86_400),
)
REQUESTS = Metric(
    "roost_request_seconds",
    "histogram",
    "Requests to the gateway: how long until there was an answer, by route and by class of status. A stream "
    "is answered when it begins.",
    "5xx: see to the log. Slow, and roost_redis_failures_total is still: run more gateways.",
    (
        Label("route", said="the templates in /docs, and `none` for any other path"),
        Label("status", ("2xx", "3xx", "4xx", "5xx")),
    ),
    # 5 s is as long as Redis is waited for, 10 s as long as a reader may wait for a poll.
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
LISTENERS = Metric(
    "roost_stream_listeners",
    "gauge",
    "Streams that are open at this gateway.",
    "Each takes some memory: spread them over more gateways.",
)

# Counted by each scheduler.

TICKS = Metric(
    "roost_ticks_total",
    "counter",
    "Ticks: jobs were sent, nobody was due, nothing could be claimed, or it failed.",
    "`failed` grows: Redis or the broker does not answer. `held-back` grows: the log says why. Nothing "
    "grows: no scheduler runs.",
    (Label("result", ("sent", "idle", "held-back", "failed")),),
)
TICK_TIME = Metric(
    "roost_tick_seconds",
    "histogram",
    "How long ticks took that did not fail.",
    "Often above ROOST_TICK_MS: Redis or the broker is slow, or a second scheduler is wanted.",
    # A quarter second is the time between ticks, 5 s as long as Redis and the broker are waited for.
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
JOBS = Metric(
    "roost_jobs_claimed_total",
    "counter",
    "Accounts that were claimed and sent as jobs.",
    "Compare it with roost_polls_total: jobs that are not polled are lost messages, or fetchers that died.",
)
WAITING = Metric(
    "roost_queue_messages",
    "gauge",
    "Messages that no fetcher had taken, when this scheduler last looked.",
    "It stays high: run more fetchers. At ROOST_QUEUE_MAX_MESSAGES nothing is claimed.",
)

# Counted by each fetcher.

#: What comes of a poll before X is asked for a page.
_UNASKED = {"budget-spent", "requests-spent", "client-refused"}

POLLS = Metric(
    "roost_polls_total",
    "counter",
    "Polls by outcome: `page`, why there was none, `late` when the lease was another's by then, `checked` "
    "when only deletions were looked for, `nothing` when nothing was wanted, `failed` by a fault in us or of "
    "Redis.",
    "The runbook says what each outcome means. `failed` grows: raise an alarm.",
    (Label("outcome", (*WORDS, "late", "checked", "nothing", "failed")),),
)
FETCHES = Metric(
    "roost_fetch_seconds",
    "histogram",
    "Pages asked of X: how long it took to answer, by what it answered; `page` are those that were fetched.",
    "Slow for `page`, or others grow: X is failing, or the network.",
    (Label("outcome", tuple(word for word in WORDS if word not in _UNASKED)),),
    # X answers in a tenth to a half of a second; 8 s is as long as it is waited for.
    (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 12),
)
TWEETS = Metric(
    "roost_tweets_added_total",
    "counter",
    "Tweets that were added to timelines; one that several follow counts for each of them.",
    "Polls bring pages and this stands still: nobody whom people follow writes, or X shows nothing new.",
)
REFRESHES = Metric(
    "roost_refreshes_total",
    "counter",
    "OAuth 2.0 credentials shown to X for new ones: it gave one, surely did nothing, or its answer was lost.",
    "`unclear` costs people their sign-in: see to the network. `not-done`: the log says why.",
    (Label("result", ("refreshed", "not-done", "unclear")),),
)
QUEUE_AGE = Metric(
    "roost_queue_age_seconds",
    "histogram",
    "How long a message waited between being sent by a scheduler and being begun here, by their two clocks.",
    "Seconds, for long: run more fetchers. Near ROOST_LEASE_SECONDS jobs come too late to be polled.",
    # A quarter second is a tick; leases last 60 s.
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
)

# Counted by each of them.

REDIS_FAILURES = Metric(
    "roost_redis_failures_total",
    "counter",
    "Calls of Redis that failed: no answer within 5 s, no connection, or refused, for it is full, cannot "
    "write to its disk, has too few replicas, is a replica, or misses slots. Many who share a round trip "
    "are one call.",
    "A few: a restart. It goes on growing: see to Redis. `refused`: nothing is kept, raise an alarm.",
    (Label("reason", ("timeout", "connection", "refused")),),
)

#: All of them, by who shows them.
EVERY: dict[str, tuple[Metric, ...]] = {
    "What gateways read from Redis": (
        REDIS_UP, LATE, SIGN_IN_OUTAGE, REFUSED, ACCEPTED, X_OUT, APP_STOPPED, SURFACE_LATE, BILLED_TODAY,
        BILLED_MONTH, DOLLARS_TODAY, DOLLARS_FORECAST, BUDGET_LEFT, BUDGET_SPENT, PRICE, REQUESTS_RATE,
        REQUESTS_WANTED,
    ),
    "What each gateway counts": (READ_STALE, REQUESTS, LISTENERS),
    "What each scheduler counts": (TICKS, TICK_TIME, JOBS, WAITING),
    "What each fetcher counts": (POLLS, FETCHES, TWEETS, REFRESHES, QUEUE_AGE),
    "What all of them count": (REDIS_FAILURES,),
}  # fmt: skip
