"""Which designs stand side by side, and how each is put together."""

from collections.abc import Callable
from dataclasses import dataclass

from bench.freshness.figures import Figures
from bench.freshness.oracle import Oracle
from bench.freshness.people import BEGINS_AT_MS, DAY_MINUTES, World
from bench.freshness.policies import Aimd, Even, Fixed, Learning, Paced, Policy, Roost, SqrtRate
from bench.freshness.purse import DailyCap, Priced, Purse
from bench.freshness.run import Mode, Run, Terms
from shared.domain.interest import read_rate
from shared.domain.price import start

#: Parts of "everyone every 60 seconds".
BUDGETS = (1.0, 0.5, 0.2, 0.1, 0.05)
#: X's windows for a home timeline: v2's, and v1.1's. Source: the study of freshness, section 1.
WIDE, NARROW = 180, 15


#: Puts policy and purse together for a world and a budget.
Make = Callable[[World, float], tuple[Policy, Purse]]


@dataclass(frozen=True, slots=True)
class Design:
    """A policy with its mode, what X's window holds, and how many pages it reads at a time."""

    name: str
    mode: Mode
    make: Make
    budgets: tuple[float, ...] = BUDGETS
    limit: int = WIDE
    pages: int = 8

    def run(self, world: World, budget: float) -> Figures:
        """Run it in the world."""
        policy, purse = self.make(world, budget)
        terms = Terms(self.mode, self.limit, self.pages)
        figures = Run(world, policy, purse, terms).go()
        figures.days = [spent / (budget * len(world.people) * DAY_MINUTES) for spent in figures.spent]
        return figures


def _fixed(world: World, budget: float) -> tuple[Policy, Purse]:
    return Fixed(world), DailyCap(cap=round(budget * len(world.people) * DAY_MINUTES))


def _knob(make: Callable[[World, Priced], Policy], weight: float) -> Make:
    """Let the price steer a rival's interval; it begins as if all accounts had this weight."""

    def put(world: World, budget: float) -> tuple[Policy, Purse]:
        purse = Priced(price=start(_rate(world, budget), [(weight, 0.0)] * len(world.people), BEGINS_AT_MS))
        return make(world, purse), purse

    return put


def _valued(make: Callable[[World, Priced], Policy]) -> Make:
    """Begin with the price that what is known of the accounts suggests."""

    def put(world: World, budget: float) -> tuple[Policy, Purse]:
        known = [(read_rate(each, BEGINS_AT_MS), each.tweet_rate) for each in Learning(world).interests]
        purse = Priced(price=start(_rate(world, budget), known, BEGINS_AT_MS))
        return make(world, purse), purse

    return put


def _rate(world: World, budget: float) -> float:
    return budget * len(world.people) / 60


DESIGNS = (
    Design("2016: every 60 s up to a cap", "none", _fixed),
    Design("even pacing", "none", _knob(Even, 1.0)),
    Design("AIMD", "behind", _knob(Aimd, 1 / 16)),
    Design("square root of the rate", "behind", _knob(SqrtRate, 0.5 / 60)),
    Design("Roost, served at once", "behind", _valued(Roost)),
    Design("Roost, read through", "before", _valued(Roost)),
    Design("oracle, served at once", "behind", _valued(Oracle)),
    Design("Roost, 15 requests a window", "before", lambda world, _: (Paced(world), Purse()), (1.0,), NARROW),
    Design("Roost, lazy", "before", lambda world, _: (Policy(world), Purse()), (1.0,), pages=1),
)
FIXED, EVEN, AIMD, SQRT, AT_ONCE, THROUGH, ORACLE, NARROWED, LAZY = (each.name for each in DESIGNS)
