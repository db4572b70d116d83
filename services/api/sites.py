"""Where callers reach this gateway: as its operator said, or else as they asked for it."""

from starlette.requests import Request

from services.api.gateway import Gateway


def site_of(request: Request) -> str:
    """Name where this gateway is reached, as far as is known."""
    gateway: Gateway = request.app.state.gateway
    return gateway.public_url or asked_at(request)


def asked_at(request: Request) -> str:
    """Name where a request says that it was sent, which a proxy may have changed."""
    return f"{request.scope['scheme']}://{request.headers.get('host', '')}"
