"""A simulator in the test's own process, whose clock is moved by hand, so that days pass in moments."""

import asyncio
from contextlib import asynccontextmanager

import uvicorn

from roost.ports import reserve_port


@asynccontextmanager
async def serving(app):
    """Serve an application on loopback; tell its URL."""
    port = reserve_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task
