"""Spoil an answer that is already made: what was done stays done, whatever the asker learns of it."""

from starlette.responses import Response

from shared.clock import Clock
from simulator.cut import CutResponse
from simulator.faults import Fault


async def spoil(reply: Response, fault: Fault | None, clock: Clock) -> Response:
    """Let an answer be late, cut short or lost, as a fault says."""
    if fault is None:
        return reply
    await clock.sleep_ms(fault.latency_ms)
    if fault.drop or fault.truncate:
        return CutResponse(reply, keep=len(reply.body) // 2 if fault.truncate else None)
    return reply
