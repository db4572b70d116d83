"""
`roost up`: the whole product on one machine, as one command.

Valkey is store and broker, a second one keeps data keys; the three services are the very programs that run in
containers, told where Valkey is. Without keys of X the simulator stands in for
X, and its people are registered. Everything is checked before anything is
started; what was started is stopped in reverse, Valkey last, whatever happens.
"""

import asyncio
import signal
import sys
from typing import Any

import httpx2
from pydantic import SecretStr
from redis import RedisError

from roost import valkey
from roost.demo import register_everybody
from roost.family import Family
from roost.fault import Fault
from roost.folder import hold
from roost.keys import make_key_file
from roost.ports import must_be_free, reserve_port
from roost.screen import Screen
from shared.environment import with_settings
from shared.settings import X_API_URL, EmbeddedSettings, SimulatorSettings
from shared.store.connection import connect


def run(settings: EmbeddedSettings, lost_at: str | None = None) -> int:
    """
    Run everything until SIGINT or SIGTERM; `lost_at` says that a backup was put back, and since when.

    Shape: the exit status: 0 after a stop that was asked for, 1 after a fault.
    """
    return asyncio.run(_run(settings, Screen(), lost_at))


async def _run(settings: EmbeddedSettings, screen: Screen, lost_at: str | None) -> int:
    try:
        async with hold(settings.data_dir) as lock:
            _ports_must_be_free(settings)
            return await _live(Embedded(settings, screen, lock), lost_at)
    except Fault as fault:
        screen.say(str(fault))
        return 1


async def _live(embedded: "Embedded", lost_at: str | None) -> int:
    """Run it until a signal comes, then stop it; a second signal while it stops changes nothing."""
    working = asyncio.create_task(embedded.work(lost_at))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    try:
        await working
    except asyncio.CancelledError:
        return 0
    finally:
        await embedded.stop()
    return 0


class Embedded:
    """The product of one `roost up`."""

    def __init__(self, settings: EmbeddedSettings, screen: Screen, lock: int) -> None:
        self._settings = settings
        self._screen = screen
        self._family = Family(settings.data_dir / "log", keeps_open=lock)
        self._gateway = _url(settings.api_host, settings.port)
        self._simulator = _url(settings.simulator_host, settings.simulator_port)

    async def work(self, lost_at: str | None = None) -> None:
        """
        Start everything, after a recovery if Redis was lost, introduce it, and watch over it.

        Errors: Fault when one of its processes ends.
        """
        given = await self._start_stores()
        if lost_at:
            await self._recover(given, lost_at)
        if simulates(self._settings):
            given |= await self._start_simulator()
        await self._start_services(given)
        self._introduce(await self._register_everybody() if simulates(self._settings) else {})
        await self._family.watch()

    async def stop(self) -> None:
        """Stop everything, and say which process had to be killed."""
        self._screen.say("Stopping.")
        killed = await self._family.stop()
        self._screen.say("Stopped." + "".join(f" {name} did not stop and was killed." for name in killed))

    async def _start_stores(self) -> dict[str, object]:
        """Start Valkey, and another for data keys; what they held last time is there again."""
        key_file = self._settings.data_dir / "secret-keys"
        make_key_file(key_file)
        url = await self._start_store("valkey", "Valkey")
        keys_url = await self._start_store("keys", "Valkey for data keys")
        given = {"secret_keys_file": key_file.resolve(), "keys_url": f"{keys_url}/0"}
        return {"redis_url": f"{url}/0", "broker_url": f"{url}/1", **given}

    async def _start_store(self, name: str, what: str) -> str:
        folder, port = (self._settings.data_dir / name).resolve(), reserve_port()
        folder.mkdir(mode=0o700, exist_ok=True)
        password = valkey.password_in(folder)
        with self._screen.step(what) as said:
            await self._family.start(name, valkey.command(port, folder), with_settings())
            url = f"redis://:{password}@127.0.0.1:{port}"
            await self._family.until(lambda: _pings(f"{url}/0"), what)
            said.append(f"127.0.0.1:{port}, data in {folder}")
        return url

    async def _recover(self, given: dict[str, object], lost_at: str) -> None:
        """Call `roost recover`, which says itself what it does."""
        told = {name: given[name] for name in ("redis_url", "keys_url", "secret_keys_file")}
        words = ["-m", "roost", "recover", "--lost-at", lost_at]
        recovering = await asyncio.create_subprocess_exec(sys.executable, *words, env=with_settings(**told))
        if await recovering.wait():
            raise Fault("Nobody is polled before it is recovered.")

    async def _start_simulator(self) -> dict[str, object]:
        """Start the simulator, as X for the services."""
        with self._screen.step("Simulator of X, for want of keys of X") as said:
            app = SimulatorSettings.model_fields
            names = ("x_consumer_key", "x_consumer_secret", "x_client_id", "x_client_secret")
            given: dict[str, object] = {name: _plain(app[name].default) for name in names}
            await self._start("simulator", given)
            await self._family.until(lambda: _is_ok(f"{self._simulator}/_sim/users"), "the simulator")
            said.append(self._simulator)
        return {"x_api_url": self._simulator, "x_site_url": self._simulator, **given}

    async def _start_services(self, given: dict[str, object]) -> None:
        with self._screen.step("Scheduler, fetcher, gateway") as said:
            stores = {name: given[name] for name in ("redis_url", "broker_url")}
            await self._start("scheduler", stores | _own_metrics())
            await self._start("fetcher", given | _own_metrics())
            await self._start("api", given)
            await self._family.until(lambda: _is_ok(f"{self._gateway}/readyz"), "the gateway")
            said.append(f"ready at {self._gateway}")

    async def _register_everybody(self) -> dict[str, str]:
        with self._screen.step("People of the simulator") as said:
            kept = self._settings.data_dir / "demo.json"
            tokens = await register_everybody(self._gateway, self._simulator, kept)
            said.append(f"{len(tokens)} registered, their tokens in {kept}")
        return tokens

    async def _start(self, name: str, given: dict[str, object]) -> None:
        await self._family.start(name, [sys.executable, "-m", "roost", name], with_settings(**given))

    def _introduce(self, tokens: dict[str, str]) -> None:
        """Say where everything is and what to try."""
        say = self._screen.say
        say("\nRoost is up. Ctrl-C stops it.")
        say(f"  gateway    {self._gateway}")
        say(f"  sign in    {self._gateway}/login")
        say(f"  docs       {self._gateway}/docs")
        say(f"  metrics    {self._gateway}/metrics")
        if tokens:
            say(f"  simulator  {self._simulator}")
        say(f"  logs       {self._family.logs}/")
        say("\nTry:")
        if tokens:
            username, token = next(iter(tokens.items()))
            say(f"  # the timeline of @{username}, who is made up")
            say(f'  curl -H "Authorization: Bearer {token}" "{self._gateway}/v1/timeline?max_results=5"')
        else:
            registration = '{"oauth1": {"token": "…", "token_secret": "…"}}'
            say("  # the gateway gives a bearer token to whoever brings tokens of X")
            say(f"  curl --json '{registration}' {self._gateway}/v1/registrations")


def _own_metrics() -> dict[str, object]:
    """Give a program a port of its own for its metrics, for two are on this machine; its log says which."""
    return {"metrics_host": "127.0.0.1", "metrics_port": reserve_port()}


def simulates(settings: EmbeddedSettings) -> bool:
    """Tell whether the simulator stands in for X: nobody said which X, or who we are there."""
    return settings.x_api_url == X_API_URL and not (settings.x_consumer_key or settings.x_client_id)


def _ports_must_be_free(settings: EmbeddedSettings) -> None:
    must_be_free(settings.api_host, settings.port, "ROOST_PORT")
    if simulates(settings):
        must_be_free(settings.simulator_host, settings.simulator_port, "ROOST_SIMULATOR_PORT")
        if settings.port == settings.simulator_port:
            raise Fault(f"ROOST_SIMULATOR_PORT: {settings.port} is the gateway's, ROOST_PORT; set another")


def _plain(value: Any) -> str:
    return str(value.get_secret_value() if isinstance(value, SecretStr) else value)


def _url(host: str, port: int) -> str:
    """Name a server on this machine by an address one can go to."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 (nothing is bound here)
    return f"http://{reachable}:{port}"


async def _pings(url: str) -> bool:
    async with connect(url, connections=1) as client:
        try:
            return bool(await client.ping())
        except RedisError:  # not there yet, or still loading its data
            return False


async def _is_ok(url: str) -> bool:
    async with httpx2.AsyncClient(timeout=5) as client:
        try:
            return (await client.get(url)).status_code == 200
        except httpx2.HTTPError:  # not there yet
            return False
