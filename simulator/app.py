"""The simulator as an ASGI application: X's endpoints, and the control surface beside them."""

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from shared.clock import Clock
from simulator import recordings
from simulator.auth import Doorkeeper
from simulator.authorize import PATH as AUTHORIZE
from simulator.authorize import Authorize
from simulator.control import Control, refuse
from simulator.faults import Faults
from simulator.grants import Grants
from simulator.journal import Journal
from simulator.ledger import Ledger
from simulator.oauth2 import Client, OAuth2
from simulator.render import Renderer
from simulator.upstream import Simulation, Upstream
from simulator.windows import Windows
from simulator.world import World

if TYPE_CHECKING:
    from shared.settings import SimulatorSettings


def create_app(settings: "SimulatorSettings", clock: Clock) -> Starlette:
    """Make the application, with a world of its own."""
    simulation = simulate(settings, clock)
    x, control = Upstream(simulation), Control(simulation)
    client = Client(settings.x_client_id, settings.x_client_secret.get_secret_value())
    authorize, oauth2 = Authorize(simulation, client.id), OAuth2(simulation, client)
    return Starlette(
        routes=[
            Route("/2/users/me", x.me),
            Route("/2/users/{id}/timelines/reverse_chronological", x.home),
            Route("/2/tweets", x.lookup),
            Route(AUTHORIZE, authorize.ask, methods=["GET"]),
            Route(AUTHORIZE, authorize.decide, methods=["POST"]),
            Route("/2/oauth2/token", oauth2.token, methods=["POST"]),
            Route("/2/oauth2/revoke", oauth2.revoke, methods=["POST"]),
            Route("/_sim/users", control.list_users, methods=["GET"]),
            Route("/_sim/users", control.add_user, methods=["POST"]),
            Route("/_sim/users/{id}/tweets", control.add_tweets, methods=["POST"]),
            Route("/_sim/users/{id}/timeline", control.timeline),
            Route("/_sim/users/{id}/limit", control.limit, methods=["PUT"]),
            Route("/_sim/users/{id}/revoke", control.revoke, methods=["POST"]),
            Route("/_sim/users/{id}/expire", control.expire, methods=["POST"]),
            Route("/_sim/oauth", control.oauth),
            Route("/_sim/secrets", control.secrets),
            Route("/_sim/tweets/{id:int}", control.delete_tweet, methods=["DELETE"]),
            Route("/_sim/faults", control.fault, methods=["POST"]),
            Route("/_sim/faults", control.clear_faults, methods=["DELETE"]),
            Route("/_sim/recordings", control.load_recordings, methods=["POST"]),
            Route("/_sim/requests", control.requests),
            Route("/_sim/stats", control.stats),
        ],
        exception_handlers={ValueError: refuse, OSError: refuse, HTTPException: x.refuse},
    )


def simulate(settings: "SimulatorSettings", clock: Clock) -> Simulation:
    """Make the world and everything that keeps count of it."""
    access_token_ms = settings.simulator_access_token_seconds * 1000
    world = World(
        settings.simulator_seed, settings.simulator_users, clock.now_ms(), access_token_ms=access_token_ms
    )
    world.short_share = settings.simulator_short_share
    ledger = Ledger()
    grants = Grants(access_token_ms, ledger)
    doorkeeper = Doorkeeper(settings.x_consumer_key, settings.x_consumer_secret.get_secret_value(), grants)
    doorkeeper.admit(world.people.values())
    if settings.simulator_recordings is not None:
        recordings.load(world.shelf, next(iter(world.people.values())), settings.simulator_recordings)
    return Simulation(
        world=world,
        renderer=Renderer(world),
        doorkeeper=doorkeeper,
        grants=grants,
        ledger=ledger,
        windows=Windows((settings.simulator_window_limit, settings.simulator_window_seconds)),
        faults=Faults(),
        journal=Journal(),
        clock=clock,
        latency_ms=settings.simulator_latency_ms,
    )
