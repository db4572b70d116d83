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
from simulator.oauth1 import OAuth1
from simulator.oauth2 import Client, OAuth2
from simulator.render import Renderer
from simulator.signatures import Consumer
from simulator.signers import Signers
from simulator.upstream import Simulation, Upstream
from simulator.windows import Windows
from simulator.world import World

if TYPE_CHECKING:
    from shared.settings import SimulatorSettings


def create_app(settings: "SimulatorSettings", clock: Clock) -> Starlette:
    """Make the application, with a world of its own."""
    simulation = simulate(settings, clock)
    x = Upstream(simulation)
    return Starlette(
        routes=[
            Route("/2/users/me", x.me),
            Route("/2/users/{id}/timelines/reverse_chronological", x.home),
            Route("/2/tweets", x.lookup),
            *_oauth2(simulation, settings),
            *_oauth1(simulation, settings),
            *_control(simulation),
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
    grants, signers = Grants(access_token_ms, ledger), Signers(ledger)
    doorkeeper = Doorkeeper(_consumer(settings), grants, signers)
    doorkeeper.admit(world.people.values())
    if settings.simulator_recordings is not None:
        recordings.load(world.shelf, next(iter(world.people.values())), settings.simulator_recordings)
    return Simulation(
        world=world,
        renderer=Renderer(world),
        doorkeeper=doorkeeper,
        grants=grants,
        signers=signers,
        ledger=ledger,
        windows=Windows((settings.simulator_window_limit, settings.simulator_window_seconds)),
        faults=Faults(),
        journal=Journal(),
        clock=clock,
        latency_ms=settings.simulator_latency_ms,
    )


def _oauth2(simulation: Simulation, settings: "SimulatorSettings") -> list[Route]:
    client = Client(settings.x_client_id, settings.x_client_secret.get_secret_value())
    authorize, oauth2 = Authorize(simulation, client.id), OAuth2(simulation, client)
    return [
        Route(AUTHORIZE, authorize.ask, methods=["GET"]),
        Route(AUTHORIZE, authorize.decide, methods=["POST"]),
        Route("/2/oauth2/token", oauth2.token, methods=["POST"]),
        Route("/2/oauth2/revoke", oauth2.revoke, methods=["POST"]),
    ]


def _oauth1(simulation: Simulation, settings: "SimulatorSettings") -> list[Route]:
    oauth1 = OAuth1(simulation, _consumer(settings))
    return [
        Route("/oauth/request_token", oauth1.request_token, methods=["POST"]),
        Route("/oauth/authenticate", oauth1.ask, methods=["GET"]),
        Route("/oauth/authenticate", oauth1.decide, methods=["POST"]),
        Route("/oauth/authorize", oauth1.ask, methods=["GET"]),
        Route("/oauth/authorize", oauth1.decide, methods=["POST"]),
        Route("/oauth/access_token", oauth1.access_token, methods=["POST"]),
        Route("/1.1/oauth/invalidate_token.json", oauth1.invalidate_token, methods=["POST"]),
    ]


def _control(simulation: Simulation) -> list[Route]:
    control = Control(simulation)
    return [
        Route("/_sim/users", control.list_users, methods=["GET"]),
        Route("/_sim/users", control.add_user, methods=["POST"]),
        Route("/_sim/users/{id}/tweets", control.add_tweets, methods=["POST"]),
        Route("/_sim/users/{id}/timeline", control.timeline),
        Route("/_sim/users/{id}/limit", control.limit, methods=["PUT"]),
        Route("/_sim/users/{id}/revoke", control.revoke, methods=["POST"]),
        Route("/_sim/users/{id}/expire", control.expire, methods=["POST"]),
        Route("/_sim/tweets/{id:int}", control.delete_tweet, methods=["DELETE"]),
        Route("/_sim/faults", control.fault, methods=["POST"]),
        Route("/_sim/faults", control.clear_faults, methods=["DELETE"]),
        Route("/_sim/recordings", control.load_recordings, methods=["POST"]),
        Route("/_sim/requests", control.requests),
        Route("/_sim/stats", control.stats),
        Route("/_sim/oauth", control.oauth),
        Route("/_sim/secrets", control.secrets),
    ]


def _consumer(settings: "SimulatorSettings") -> Consumer:
    return Consumer(settings.x_consumer_key, settings.x_consumer_secret.get_secret_value())
