"""What may be chosen of each concern; a program takes those that are its own."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator

from shared import cluster_url
from shared.environment import Settings
from shared.sealing import MasterKeys

X_API_URL = "https://api.x.com"

Port = Annotated[int, Field(ge=1, le=65535)]
MetricsPort = Annotated[int, Field(ge=0, le=65535)]
Count = Annotated[int, Field(ge=1)]
Amount = Annotated[int, Field(ge=0)]
Seconds = Annotated[int, Field(ge=1)]
Dollars = Annotated[Decimal, Field(ge=0, decimal_places=6)]
Share = Annotated[float, Field(ge=0, le=1)]


class StoreSettings(Settings):
    """Where timelines are kept, and how much of them."""

    redis_url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:6379/0"),
        description="Redis or Valkey, where everything is kept: redis://, rediss:// or unix://, or a "
        "cluster, by some of its nodes: redis+cluster://host:port,host:port or rediss+cluster://. "
        "The default is a server on this machine.",
    )
    retention_days: Count = Field(
        30, description="Days a tweet is kept; a month is more than most readers ever scroll back."
    )
    retention_tweets: Count = Field(
        3200, description="Newest tweets kept per timeline; four times what X itself lets one read."
    )

    @field_validator("redis_url")
    @classmethod
    def _names_a_redis(cls, url: SecretStr) -> SecretStr:
        return _redis(url)


class QueueSettings(Settings):
    """Where jobs wait for a fetcher."""

    broker_url: SecretStr = Field(
        SecretStr("amqp://guest:guest@127.0.0.1:5672/"),
        description="The broker that carries jobs: amqp:// or amqps:// for RabbitMQ, the nodes of a cluster "
        "with ; between; redis:// or rediss:// for Redis. The default is RabbitMQ as it comes, "
        "on this machine.",
    )

    @field_validator("broker_url")
    @classmethod
    def _names_a_broker(cls, url: SecretStr) -> SecretStr:
        return _with_scheme(url, "amqp", "amqps", "redis", "rediss")


class SealSettings(Settings):
    """What opens the credentials that people entrusted to us."""

    secret_keys: SecretStr = Field(
        SecretStr(""),
        validate_default=True,
        description="The master keys, 32 bytes in base64 each, between commas: the first seals, all open. "
        "Made by `roost keys new`; better given as ROOST_SECRET_KEYS_FILE. `roost up` makes its own.",
    )
    keys_url: SecretStr = Field(
        SecretStr(""),
        description="Another Redis for the accounts' data keys, left out of backups: then no backup opens "
        "the credential of an account that was forgotten. Without it they lie at ROOST_REDIS_URL.",
    )

    @field_validator("secret_keys")
    @classmethod
    def _are_keys(cls, text: SecretStr) -> SecretStr:
        MasterKeys.read(text.get_secret_value())
        return text

    @field_validator("keys_url")
    @classmethod
    def _names_a_redis_or_none(cls, url: SecretStr) -> SecretStr:
        return _redis(url) if url.get_secret_value() else url


class KeysSettings(StoreSettings, SealSettings):
    """What opening the stored credentials takes."""


class XSettings(Settings):
    """How X is asked."""

    x_api_url: str = Field(
        X_API_URL, description="Where X is asked; the default is X itself, a simulator stands elsewhere."
    )
    x_consumer_key: str = Field(
        "", description="Your X app's consumer key (API key). Without one `roost up` brings the simulator."
    )
    x_consumer_secret: SecretStr = Field(
        SecretStr(""),
        description="The secret of that consumer key; better given as ROOST_X_CONSUMER_SECRET_FILE.",
    )
    x_client_id: str = Field(
        "",
        description="Your X app's OAuth 2.0 client id: with it people sign in in a browser, "
        "and their tokens are refreshed.",
    )
    x_client_secret: SecretStr = Field(
        SecretStr(""),
        description="The secret of that client id; none if your X app is a public client. "
        "Better given as ROOST_X_CLIENT_SECRET_FILE.",
    )
    x_site_url: str = Field(
        "",
        description="Where people's browsers meet X; empty for X's own pages, a simulator stands elsewhere.",
    )
    x_timeout_seconds: float = Field(
        8.0,
        gt=0,
        description="Longest wait for one answer of X; a poll of several fetches must fit into its lease.",
    )

    @field_validator("x_api_url", "x_site_url")
    @classmethod
    def _names_a_site(cls, url: str, field: ValidationInfo) -> str:
        if not url and field.field_name == "x_site_url":
            return url
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("begins with http:// or https:// and names a host")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _key_and_secret_go_together(self) -> "XSettings":
        if self.x_consumer_key and not self.x_consumer_secret.get_secret_value():
            raise ValueError("ROOST_X_CONSUMER_SECRET: missing, while ROOST_X_CONSUMER_KEY is given")
        return self


class MoneySettings(Settings):
    """What reading posts costs, and how much of it is allowed; days and months are UTC's."""

    money_price_microdollars: Count = Field(
        5000, description="Price of one post read, in millionths of a dollar; half a cent is X's price."
    )
    money_daily_dollars: Dollars = Field(
        Decimal(0), description="Most dollars spent in a day, by all accounts together; 0 for no limit."
    )
    money_monthly_dollars: Dollars = Field(
        Decimal(0), description="Most dollars spent in a month, by all accounts together; 0 for no limit."
    )
    money_account_daily_dollars: Dollars = Field(
        Decimal(0), description="Most dollars spent in a day for one account; 0 for no limit."
    )


class ModeSettings(Settings):
    """How what reading costs is spent."""

    mode: Literal["archive", "fresh", "lazy"] = Field(
        "fresh",
        description="What accounts get that choose nothing: archive keeps everything, fresh polls what is "
        "read, inside the budget, lazy asks X only when somebody reads. Whoever sleeps when it is "
        "changed takes it up at their next read.",
    )


class CadenceSettings(Settings):
    """How often accounts are polled."""

    cadence_seconds: Seconds = Field(
        60,
        description="Mean time between two polls of an account that does not sleep; who reads more is polled "
        "more, others less.",
    )


class ClockSettings(Settings):
    """How fast time runs; anything but the defaults is a simulation."""

    clock_speed: float = Field(1.0, gt=0, description="Clock seconds per real second; 1 outside simulations.")
    clock_origin_at_ms: Amount = Field(
        0,
        description="Epoch milliseconds at which the clock agreed with real time; used by simulations only.",
    )


class LogSettings(Settings):
    """What is written about the work."""

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least serious line written; info is one line per unit of work."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto",
        description="json for machines, console for people; auto is console on a terminal, else json.",
    )


class LeaseSettings(Settings):
    """How long one fetcher may take over one account."""

    lease_seconds: Seconds = Field(
        60,
        description="Life of a lease; longer than any poll, short enough that a dead fetcher is not missed.",
    )


class HeartbeatSettings(Settings):
    """How a process that serves nothing shows that it lives."""

    heartbeat_path: Path | None = Field(
        None,
        description="File that scheduler and fetcher touch while their loop turns, for `roost alive`; "
        "none unless something probes it.",
    )


class MetricsSettings(Settings):
    """Where scheduler and fetcher show what they count; the gateway shows it at its own port."""

    metrics_port: MetricsPort = Field(
        9464,
        description="Port at which a scheduler or fetcher serves /metrics and /livez; the usual one of "
        "exporters. 0 for none; two on one machine need two. `roost up` takes free ones.",
    )
    metrics_host: str = Field(
        "127.0.0.1",
        description="Address that port is on; this machine only, for there is no password. A container's own "
        "network is 0.0.0.0.",
    )


class GatewayAddress(Settings):
    """Where the gateway listens."""

    api_host: str = Field(
        "127.0.0.1", description="Address the gateway listens on; the default is this machine only."
    )
    port: Port = Field(8080, description="Port the gateway listens on; 8080 needs no privileges.")


class SimulatorAddress(Settings):
    """Where the simulator listens."""

    simulator_host: str = Field(
        "127.0.0.1", description="Address the simulator of X listens on; this machine only."
    )
    simulator_port: Port = Field(8090, description="Port the simulator of X listens on.")


def _redis(url: SecretStr) -> SecretStr:
    cluster_url.read(url.get_secret_value())
    return _with_scheme(url, "redis", "rediss", "unix", *cluster_url.SCHEMES)


def _with_scheme(url: SecretStr, *schemes: str) -> SecretStr:
    if urlsplit(url.get_secret_value()).scheme not in schemes:
        raise ValueError(f"begins with {'://, '.join(schemes)}://")
    return url
