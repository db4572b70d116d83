"""
Everything an operator may choose, read from the environment once, at start.

A setting is the environment variable `ROOST_` + its name in capitals, or a file
that `ROOST_…_FILE` names (how container platforms hand over secrets), or a line
in `.env` where the process starts; the environment wins over `.env`. Each
service has its own small class, so a process asks only for what it uses.
`.env.example` is generated from the descriptions here: each says why the
default is what it is.
"""

from shared.settings.concerns import (
    X_API_URL,
    ClockSettings,
    GatewayAddress,
    HeartbeatSettings,
    KeysSettings,
    LeaseSettings,
    LogSettings,
    MetricsSettings,
    MoneySettings,
    QueueSettings,
    SealSettings,
    SimulatorAddress,
    StoreSettings,
    XSettings,
)
from shared.settings.programs import (
    PROGRAMS,
    ApiSettings,
    EmbeddedSettings,
    FetcherSettings,
    RecoverSettings,
    SchedulerSettings,
    SimulatorSettings,
    listed,
    load,
)

__all__ = [
    "PROGRAMS",
    "X_API_URL",
    "ApiSettings",
    "ClockSettings",
    "EmbeddedSettings",
    "FetcherSettings",
    "GatewayAddress",
    "HeartbeatSettings",
    "KeysSettings",
    "LeaseSettings",
    "LogSettings",
    "MetricsSettings",
    "MoneySettings",
    "QueueSettings",
    "RecoverSettings",
    "SchedulerSettings",
    "SealSettings",
    "SimulatorAddress",
    "SimulatorSettings",
    "StoreSettings",
    "XSettings",
    "listed",
    "load",
]
