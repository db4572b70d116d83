"""Which ports are free."""

import random
import socket

from roost.fault import Fault

# Below the ports that the kernel gives to clients, one of which could take it before its server does.
_PORTS = range(20_000, 32_000)


def free_port() -> int:
    """Find a port of 127.0.0.1 that nothing listens on."""
    # The system's own randomness: two processes of one seed must not look in the same places.
    chance = random.SystemRandom()
    while True:
        port = chance.choice(_PORTS)
        if _why_not("127.0.0.1", port) is None:
            return port


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
