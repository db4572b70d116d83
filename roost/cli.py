"""
The command line: one command per program, and `up` for all of them.

Programs are imported by the command that runs them, so that `roost --help` is
quick and a service does not carry the others. Settings come from the
environment only; there are no options that would be a second way to say it.
"""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from shared.settings import (
    ApiSettings,
    EmbeddedSettings,
    FetcherSettings,
    HeartbeatSettings,
    KeysSettings,
    RecoverSettings,
    SchedulerSettings,
    SimulatorSettings,
    load,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="""
    Roost keeps X home timelines: reads each once, inside X's limits, and serves it to its owner's apps.

    `roost up` runs the whole product on this machine, without X if no X keys are set.
    The other commands each run one part, for containers and for many machines.
    Settings are environment variables (or lines in .env): `roost settings` lists them.
    """,
)

#: How an instant is written, UTC.
INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def dollars(text: str) -> Decimal:
    """
    Read an amount of money.

    Errors: BadParameter when it is none, or below nothing: it would let more be spent than the limit.
    """
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite() or amount < 0:
        raise typer.BadParameter(f"{text} is no amount of dollars; one is written like 12.40")
    return amount


keys = typer.Typer(
    no_args_is_help=True,
    help="""
    Make and change the master keys that shut what people entrusted to us.

    To change them while everything runs: add a new key as the second of ROOST_SECRET_KEYS everywhere;
    then make it the first everywhere; then `roost keys rotate`; then take the old one away.
    """,
)
app.add_typer(keys, name="keys")


@app.command()
def up(
    *,
    lost_at: Annotated[
        datetime | None, typer.Option(formats=[INSTANT], help="First recover: a backup was put back.")
    ] = None,
) -> None:
    """Run everything on this machine: store, broker, services and, without X keys, the simulator."""
    from roost.embedded import run

    raise typer.Exit(run(load(EmbeddedSettings), lost_at.strftime(INSTANT) if lost_at else None))


@app.command()
def api() -> None:
    """Run the gateway: registrations and timelines over HTTP."""
    from services.api.main import run

    run(load(ApiSettings))


@app.command()
def scheduler() -> None:
    """Run a scheduler: sends jobs for the accounts that are due. Any number may run."""
    from services.scheduler.main import run

    run(load(SchedulerSettings))


@app.command()
def fetcher() -> None:
    """Run a fetcher: polls X for the accounts its jobs name. Any number may run."""
    from services.fetcher.main import run

    run(load(FetcherSettings))


@app.command()
def simulator() -> None:
    """Run the simulator of X, for trying Roost without X and for tests."""
    from simulator.main import run

    run(load(SimulatorSettings))


@app.command()
def settings(
    *,
    env: Annotated[bool, typer.Option("--env", help="Print them as an .env file to start from.")] = False,
) -> None:
    """List every setting, its default and why."""
    from roost import settings_text

    settings_text.show(as_env=env)


@app.command()
def metrics() -> None:
    """Print docs/metrics.md: every metric, what it means and what to do about it."""
    from roost import metrics_text

    typer.echo(metrics_text.page(), nl=False)


@app.command()
def alive() -> None:
    """Say by the exit status whether the scheduler or fetcher that touches ROOST_HEARTBEAT_PATH lives."""
    from shared.heartbeat import is_beating

    path = load(HeartbeatSettings).heartbeat_path
    raise typer.Exit(0 if path is not None and is_beating(path) else 1)


@app.command()
def recover(
    *,
    nothing_lost: Annotated[
        bool, typer.Option("--nothing-lost", help="Only make who read last due first.")
    ] = False,
    lost_at: Annotated[
        datetime | None,
        typer.Option(formats=[INSTANT], help="When Redis was lost, UTC; now, if not said."),
    ] = None,
    billed_today_dollars: Annotated[
        Decimal | None,
        typer.Option(parser=dollars, help="What X has billed this UTC day, as its console says."),
    ] = None,
    billed_month_dollars: Annotated[
        Decimal | None, typer.Option(parser=dollars, help="What X has billed this UTC month, likewise.")
    ] = None,
) -> None:
    """Make a Redis that was put back from a backup safe to go on with, before schedulers start."""
    from roost.recover import Told, run

    told = Told(nothing_lost, lost_at, billed_today_dollars, billed_month_dollars)
    raise typer.Exit(run(load(RecoverSettings), told))


@keys.command()
def new() -> None:
    """Print a new master key."""
    from shared.sealing import new_key, write_key

    typer.echo(write_key(new_key()))


@keys.command()
def init(path: Annotated[Path, typer.Argument(help="The file; its folder must be there.")]) -> None:
    """Write a new master key to a file that only its owner can read; one that is there stays."""
    from roost.keys import make_key_file

    made = make_key_file(path)
    typer.echo(
        f"A new master key is in {path}. Keep a copy, apart from the backups of Redis."
        if made
        else f"{path} is there, and stays as it is."
    )


@keys.command()
def rotate() -> None:
    """Wrap every account's data key by the first of ROOST_SECRET_KEYS; all goes on meanwhile."""
    from roost.keys import rotate as rotate_all

    raise typer.Exit(rotate_all(load(KeysSettings)))


def main() -> None:
    """Run the command given on the command line."""
    app()
