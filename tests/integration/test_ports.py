"""Ports that are reserved, and ports that are free."""

import socket

import pytest

from roost.fault import Fault
from roost.ports import must_be_free, reserve_port


def test_a_reserved_port_is_given_to_nobody_else():
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", reserve_port()))


def test_a_server_listens_on_the_port_that_is_reserved_for_it_and_again_after_it_was_down():
    port = reserve_port()
    for host in ("127.0.0.1", "", "127.0.0.1"):
        must_be_free(host, port, "ROOST_PORT")
        with socket.create_server((host, port)) as server, socket.create_connection(("127.0.0.1", port)):
            server.accept()[0].close()


def test_nobody_answers_at_a_port_that_is_only_reserved():
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", reserve_port()))


def test_a_port_that_is_served_is_not_free():
    port = reserve_port()
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(Fault, match="ROOST_PORT: cannot listen on"),
    ):
        must_be_free("127.0.0.1", port, "ROOST_PORT")
