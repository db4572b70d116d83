"""An app's calls that are about sign-in: what goes wrong with them, and what is noted of them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.responses import JSONResponse, Response

from simulator.journal import Entry
from simulator.people import Person
from simulator.spoil import spoil
from simulator.upstream import Simulation

#: No answer with a token in it is anybody else's business.
NOT_KEPT = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class Call:
    """What the journal may know of a call: whom it is about, and nothing that is secret."""

    endpoint: str
    person: Person | None
    params: dict[str, str] = field(default_factory=dict)


async def serve(simulation: Simulation, call: Call, answer: Callable[[], Response]) -> Response:
    """Answer a call: a fault with a status keeps it from being done, any other comes after it was."""
    await simulation.clock.sleep_ms(simulation.latency_ms)
    person_id = call.person.id if call.person else ""
    fault = simulation.faults.meet(person_id, call.endpoint)
    if fault is not None and fault.status is not None:
        reply: Response = JSONResponse(fault.problem(), fault.status)
    else:
        reply = answer()
    note(simulation, call, reply)
    return await spoil(reply, fault, simulation.clock)


def note(simulation: Simulation, call: Call, reply: Response) -> None:
    """Note a call and what it came to."""
    person_id = call.person.id if call.person else ""
    now_ms = simulation.clock.now_ms()
    simulation.journal.note(Entry(now_ms, person_id, call.endpoint, call.params, reply.status_code))
