"""Every metric, named and explained: what an operator's alarms and graphs are made of."""

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from shared.domain.parking import Climate

CONTENT_TYPE = CONTENT_TYPE_LATEST


def write_climate(climate: Climate) -> bytes:
    """Write how X treats everybody, in Prometheus's text format."""
    registry = CollectorRegistry()
    for name, help_text, value in (
        (
            "roost_sign_in_outage",
            "1 while X refuses so many accounts at once that its sign-in, or our app's, must be at fault; "
            "nobody is parked meanwhile. Raise an alarm.",
            int(climate.is_outage()),
        ),
        ("roost_accounts_refused", "Accounts that X refused in the last ten minutes.", climate.refused),
        (
            "roost_accounts_accepted",
            "Accounts that X accepted in the last ten minutes, of one noted every five seconds a fetcher.",
            climate.accepted,
        ),
    ):
        Gauge(name, help_text, registry=registry).set(value)
    return generate_latest(registry)
