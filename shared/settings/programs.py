"""What each program asks for."""

from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from shared.environment import Settings, SettingsT, read
from shared.settings.concerns import (
    Amount,
    CadenceSettings,
    ClockSettings,
    Count,
    GatewayAddress,
    HeartbeatSettings,
    KeysSettings,
    LeaseSettings,
    LogSettings,
    MetricsSettings,
    ModeSettings,
    MoneySettings,
    QueueSettings,
    Seconds,
    Share,
    SimulatorAddress,
    StoreSettings,
    XSettings,
)


class ApiSettings(
    GatewayAddress, KeysSettings, XSettings, ModeSettings, MoneySettings, ClockSettings, LogSettings
):
    """What the gateway needs."""

    public_url: str = Field(
        "",
        description="Where people reach the gateway, like https://roost.example.org; needed for signing in "
        "unless they are on this machine. X must know this address with /login/callback after it.",
    )
    cors_origins: str = Field(
        "",
        description="Origins, between commas, whose pages may ask with tokens of their own, "
        "like https://app.example.org; none unless said.",
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks, between commas, whose X-Forwarded-For and -Proto are believed; "
        "nobody's unless said. Behind a proxy it must be said: tries are counted by address.",
    )
    session_days: Count = Field(
        30, description="Days without use after which somebody is to sign in, or an app to register, again."
    )
    api_cache_megabytes: Amount = Field(
        64,
        description="Memory for bodies that many people see, kept decoded for two minutes; 0 for none.",
    )
    modes_offered: str = Field(
        "fresh,lazy",
        description="Modes, between commas, that people may choose for their own account; archive is the "
        "dearest. None if empty.",
    )
    calls_limit: Count = Field(
        9000,
        description="Calls that one token may make in 15 minutes, told in x-rate-limit-… headers. Ten a "
        "second: no app of one person needs more, and one in a loop is told so.",
    )
    stream_heartbeat_seconds: Seconds = Field(
        15,
        description="A listener to a stream hears at least this often that it is there, and is looked at as "
        "often: less than the 30 s after which proxies take a silent connection for dead.",
    )
    stream_lifetime_seconds: Seconds = Field(
        3600,
        description="A stream lasts about this long, then its listener comes again: so that listeners spread "
        "over gateways that were added since.",
    )
    streams_per_account: Count = Field(
        10, description="Streams of one account that one gateway keeps open; a person has fewer devices."
    )
    fresh_seconds: Amount = Field(
        20,
        description="Age from which a read makes its account due now; below it X has hardly anything new.",
    )
    stale_seconds: Seconds = Field(
        180, description="Age from which an answer is called stale; three polls of the usual cadence."
    )

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, text: str) -> str:
        for each in listed(text):
            parts = urlsplit(each)
            if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query:
                raise ValueError("each is https:// and a host, and nothing after it")
        return text

    @field_validator("modes_offered")
    @classmethod
    def _are_modes(cls, text: str) -> str:
        for each in listed(text):
            if each not in {"archive", "fresh", "lazy"}:
                raise ValueError("each is archive, fresh or lazy")
        return text

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        for each in listed(text):
            try:
                ip_network(each)
            except ValueError:
                raise ValueError("each is an address or a network like 10.0.0.0/8") from None
        return text

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


def listed(text: str) -> list[str]:
    """Read what stands between commas."""
    return [each.strip() for each in text.split(",") if each.strip()]


class SchedulerSettings(
    HeartbeatSettings,
    MetricsSettings,
    LeaseSettings,
    StoreSettings,
    QueueSettings,
    CadenceSettings,
    ClockSettings,
    LogSettings,
):
    """What the scheduler needs."""

    requests_daily: Amount = Field(
        0,
        description="Most requests for timelines in a day, by all accounts together; 0 for none but what the "
        "cadence makes and X's windows bear.",
    )
    tick_ms: Count = Field(
        250, description="Milliseconds between ticks; a quarter second is not noticed in a timeline."
    )
    jobs_per_message: Count = Field(
        50, description="Most jobs in one message; a batch of 50 costs a worker a seventh of 50 messages."
    )
    queue_max_messages: Count = Field(
        500,
        le=5_000,
        description="Messages the queue may hold before nothing is claimed; a longer queue carries leases "
        "that run out unread. At most 5,000: RabbitMQ itself drops what is beyond twice that.",
    )
    claims_per_shard: Count = Field(
        100,
        le=1_000,
        description="Most accounts claimed from one shard a tick, so that no shard keeps Redis long.",
    )


class FetcherSettings(
    HeartbeatSettings,
    MetricsSettings,
    LeaseSettings,
    KeysSettings,
    QueueSettings,
    XSettings,
    ModeSettings,
    MoneySettings,
    CadenceSettings,
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
    dormant_days: Count = Field(
        7, description="Days without a read after which an account in mode fresh sleeps and costs nothing."
    )
    catch_up_tweets: Amount = Field(
        400,
        description="Most tweets read back for somebody who returns after that; what is older is read when "
        "they scroll to it.",
    )
    check_days: Amount = Field(
        1,
        description="Days before today whose tweets are looked up once a day, for X may have deleted some; "
        "each that is there is billed again. 0 looks for today's only, which is free.",
    )
    backfill_tweets: Amount = Field(
        800,
        description="Tweets read back when an account is registered; X's depth. X bills each one it returns.",
    )


class RecoverSettings(KeysSettings, MoneySettings, ClockSettings):
    """What `roost recover` needs."""


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
