"""Ports of this machine: reserved for servers of ours, or free for them."""

import random
import socket
import sys

from roost.fault import Fault

# Below the ports that the kernel gives to clients, one of which could take it before its server does.
_PORTS = range(20_000, 32_000)


def reserve_port() -> int:
    """
    Take a port of 127.0.0.1 for a server that is yet to be started.

    While this process lives nobody else is given it: not before the server listens, nor while it is
    down to be started again (Linux only: elsewhere a server could not share it with its reservation).
    """
    # The system's own randomness: two processes of one seed must not look in the same places.
    chance = random.SystemRandom()
    while not _is_reserved(port := chance.choice(_PORTS)):
        pass
    return port


def _is_reserved(port: int) -> bool:
    """Try to bind a port alone; then let one that says SO_REUSEADDR, as servers do, listen on it."""
    with socket.socket() as holder:
        try:
            holder.bind(("127.0.0.1", port))
        except OSError:
            return False
        if sys.platform == "linux":
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            holder.detach()  # closed by the kernel, when this process ends
    return True


def must_be_free(host: str, port: int, variable: str) -> None:
    """
    See to it that a program will be able to listen there.

    Errors: Fault, naming the variable to change, when it is not.
    """
    if reason := _why_not(host, port):
        raise Fault(f"{variable}: cannot listen on {host} port {port}: {reason}; set another")


def _why_not(host: str, port: int) -> str | None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As servers do: what lingers from a connection that was closed is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as fault:
            return fault.strerror or str(fault)
    return None
