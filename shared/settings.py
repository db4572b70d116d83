"""
Everything an operator may choose, read from the environment once, at start.

A setting is the environment variable `ROOST_` + its name in capitals, or a file
that `ROOST_…_FILE` names (how container platforms hand over secrets), or a line
in `.env` where the process starts; the environment wins over `.env`. Each
service has its own small class, so a process asks only for what it uses.
`.env.example` is generated from the descriptions here: each says why the
default is what it is.
"""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator

from shared.environment import Settings, SettingsT, read
from shared.sealing import MasterKeys

X_API_URL = "https://api.x.com"

Port = Annotated[int, Field(ge=1, le=65535)]
Count = Annotated[int, Field(ge=1)]
Amount = Annotated[int, Field(ge=0)]
Seconds = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class StoreSettings(Settings):
    """Where timelines are kept, and how much of them."""

    redis_url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:6379/0"),
        description="Redis or Valkey, where everything is kept: redis://, rediss:// or unix://. "
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
        return _with_scheme(url, "redis", "rediss", "unix")


class QueueSettings(Settings):
    """Where jobs wait for a fetcher."""

    broker_url: SecretStr = Field(
        SecretStr("amqp://guest:guest@127.0.0.1:5672/"),
        description="The broker that carries jobs: amqp:// or amqps:// for RabbitMQ, "
        "redis:// or rediss:// for Redis. The default is RabbitMQ as it comes, on this machine.",
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
        return _with_scheme(url, "redis", "rediss", "unix") if url.get_secret_value() else url


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


class ApiSettings(GatewayAddress, KeysSettings, XSettings, ClockSettings, LogSettings):
    """What the gateway needs."""

    public_url: str = Field(
        "",
        description="Where people reach the gateway, like https://roost.example.org; needed for signing in "
        "unless they are on this machine. X must know this address with /login/callback after it.",
    )
    session_days: Count = Field(30, description="Days a bearer token of the gateway is good for.")
    api_cache_megabytes: Amount = Field(
        64,
        description="Memory for bodies that many people see, kept decoded for two minutes; 0 for none.",
    )
    stale_seconds: Seconds = Field(
        180, description="Age from which an answer is called stale; three polls of the usual cadence."
    )

    @field_validator("public_url")
    @classmethod
    def _is_safe(cls, url: str) -> str:
        parts = urlsplit(url)
        is_local = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"}
        if url and not is_local and not (parts.scheme == "https" and parts.hostname):
            raise ValueError("begins with https://; http:// is for this machine only")
        if parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise ValueError("is an address without a path")
        return url.rstrip("/")


class SchedulerSettings(
    HeartbeatSettings, LeaseSettings, StoreSettings, QueueSettings, ClockSettings, LogSettings
):
    """What the scheduler needs."""

    tick_ms: Count = Field(
        250, description="Milliseconds between ticks; a quarter second is not noticed in a timeline."
    )
    jobs_per_message: Count = Field(
        50, description="Most jobs in one message; a batch of 50 costs a worker a seventh of 50 messages."
    )
    queue_max_messages: Count = Field(
        500,
        description="Messages the queue may hold before nothing is claimed; a longer queue carries leases "
        "that run out unread. RabbitMQ itself drops what is beyond 10,000.",
    )
    claims_per_shard: Count = Field(
        100, description="Most accounts claimed from one shard a tick, so that no shard keeps Redis long."
    )


class FetcherSettings(
    HeartbeatSettings,
    LeaseSettings,
    KeysSettings,
    QueueSettings,
    XSettings,
    ClockSettings,
    LogSettings,
):
    """What a fetcher needs."""

    fetcher_threads: Count = Field(
        8, description="Messages in hand at once; each waits on the one event loop."
    )
    fetcher_concurrency: Count = Field(100, description="Polls in hand at once, all messages together.")
    pages_per_poll: Count = Field(
        10, description="Most pages fetched in one poll; ten pages of 100 pass X's depth of 800."
    )
    page_size: int = Field(100, ge=1, le=100, description="Tweets asked for in one fetch; 100 is X's most.")
    overlap_seconds: Amount = Field(
        60, description="How far before the newest tweet seen a poll asks, for X shows some tweets late."
    )
    cadence_seconds: Seconds = Field(
        60, description="Usual time between two polls of an account, as windows allow."
    )
    backfill_tweets: Amount = Field(
        800,
        description="Tweets read back when an account is registered; X's depth. X bills each one it returns.",
    )


class SimulatorSettings(SimulatorAddress, ClockSettings, LogSettings):
    """What the simulator of X needs."""

    simulator_seed: int = Field(1, description="The simulated world; the same seed is the same world.")
    simulator_users: Amount = Field(5, description="People in the simulated world from the start.")
    simulator_latency_ms: Amount = Field(0, description="How long the simulator waits before it answers.")
    simulator_window_limit: Amount = Field(
        15, description="Home timeline requests per person and window; the least X gave."
    )
    simulator_window_seconds: Seconds = Field(
        900, description="Length of the simulator's windows; X's are 15 minutes."
    )
    simulator_short_share: Share = Field(
        0.1, description="Share of the pages that are short though more follows; X sends such now and then."
    )
    simulator_recordings: Path | None = Field(
        None,
        description="A file or folder of recorded pages to let into the simulated world; none by default.",
    )
    x_consumer_key: str = Field(
        "roost-simulator", description="Consumer key of the one app that the simulator knows."
    )
    x_consumer_secret: SecretStr = Field(
        SecretStr("roost-simulator-secret"), description="The secret of the app that the simulator knows."
    )
    x_client_id: str = Field(
        "roost-simulator-client", description="OAuth 2.0 client id of the one app that the simulator knows."
    )
    x_client_secret: SecretStr = Field(
        SecretStr("roost-simulator-client-secret"),
        description="The secret of that client; empty for a public client, as an app on a phone is.",
    )
    simulator_access_token_seconds: Seconds = Field(
        7200, description="Life of the simulator's OAuth 2.0 access tokens; X gives them two hours."
    )


class EmbeddedSettings(GatewayAddress, SimulatorAddress, XSettings, LogSettings):
    """What `roost up`, the whole product on one machine, needs."""

    data_dir: Path = Field(
        Path("var"), description="Folder where `roost up` keeps its data and logs; the working folder's var."
    )


PROGRAMS: tuple[type[Settings], ...] = (
    EmbeddedSettings,
    ApiSettings,
    SchedulerSettings,
    FetcherSettings,
    KeysSettings,
    SimulatorSettings,
)


def load(settings_class: type[SettingsT]) -> SettingsT:
    """
    Read the settings of one program from its environment.

    Errors: SystemExit 2 after one line on stderr for each fault, naming its variable.
    """
    return read(settings_class, known={name for program in PROGRAMS for name in program.model_fields})


def _with_scheme(url: SecretStr, *schemes: str) -> SecretStr:
    if urlsplit(url.get_secret_value()).scheme not in schemes:
        raise ValueError(f"begins with {'://, '.join(schemes)}://")
    return url
