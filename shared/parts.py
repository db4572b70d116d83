"""What more than one service makes of its settings, and sees to before it starts."""

import asyncio
import sys

import structlog

from shared.clock import Clock
from shared.domain.money import Budget
from shared.sealing import MasterKeys, UnknownKeyError
from shared.settings import KeysSettings, MoneySettings, SealSettings, XSettings
from shared.store.connection import Connection, StoreError, connect
from shared.store.datakeys import DataKeys, ElsewhereError
from shared.store.keys import KEY_MARK
from shared.x.upstream import App

#: A store that is not there after so long keeps the service from starting; whatever started it tries again.
PATIENCE_MS = 60_000
_WAIT_MS = 1_000


def make_app(settings: XSettings) -> App:
    """Make our app, as X knows it."""
    return App(
        settings.x_api_url,
        settings.x_consumer_key,
        settings.x_consumer_secret.get_secret_value(),
        settings.x_client_id,
        settings.x_client_secret.get_secret_value(),
        settings.x_site_url,
    )


def make_budget(settings: MoneySettings) -> Budget:
    """Make the money budget."""
    return Budget.in_dollars(
        settings.money_price_microdollars,
        daily=settings.money_daily_dollars,
        monthly=settings.money_monthly_dollars,
        account_daily=settings.money_account_daily_dollars,
    )


def make_data_keys(settings: SealSettings, redis: Connection) -> tuple[DataKeys, Connection]:
    """Make the store of data keys, and the connection it uses: to a Redis of its own if there is one."""
    url = settings.keys_url.get_secret_value()
    connection = connect(url, on_failure=redis.on_failure) if url else redis
    master = MasterKeys.read(settings.secret_keys.get_secret_value())
    return DataKeys(connection, master, apart=bool(url)), connection


def must_open(settings: KeysSettings) -> None:
    """
    See that the master keys are the right ones, as soon as the store answers.

    Errors: SystemExit 2 after one line on stderr.
    """
    asyncio.run(_must_open(settings))


async def _must_open(settings: KeysSettings) -> None:
    redis = connect(settings.redis_url.get_secret_value(), connections=2)
    data_keys, keys_redis = make_data_keys(settings, redis)
    try:
        await _check(data_keys, redis)
    except UnknownKeyError as fault:
        sys.stderr.write(
            f"ROOST_SECRET_KEYS: not the keys that the stored credentials are sealed with: {fault}\n"
        )
        raise SystemExit(2) from None
    except ElsewhereError as fault:
        sys.stderr.write(
            f"ROOST_KEYS_URL: {fault}. If that Redis was lost for good, delete {KEY_MARK} where "
            "ROOST_REDIS_URL points: everybody signs in again.\n"
        )
        raise SystemExit(2) from None
    except StoreError as fault:
        sys.stderr.write(
            f"ROOST_REDIS_URL or ROOST_KEYS_URL: no answer within {PATIENCE_MS // 1000} s "
            f"({type(fault).__name__})\n"
        )
        raise SystemExit(2) from None
    finally:
        await redis.aclose()
        await keys_redis.aclose()


async def _check(data_keys: DataKeys, redis: Connection) -> None:
    clock = Clock()
    deadline_ms = clock.now_ms() + PATIENCE_MS
    while True:
        try:
            return await data_keys.check(redis)
        except StoreError as fault:
            if clock.now_ms() > deadline_ms:
                raise
            structlog.get_logger().warning("store unavailable", fault=type(fault).__name__)
        await clock.sleep_ms(_WAIT_MS)
