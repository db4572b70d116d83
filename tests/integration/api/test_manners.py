"""How the gateway behaves beside its answers: methods, paths, ends of connections, its own end."""

import socket

import pytest

from roost.ports import reserve_port
from tests.servers.process import until
from tests.servers.programs import is_ok

TAKEN = {
    "/v1/registrations": "POST",
    "/v1/timeline": "GET",
    "/v1/account": "DELETE, GET",
    "/v1/account/pause": "DELETE, PUT",
    "/2/users/me": "GET",
}


@pytest.mark.parametrize(("path", "methods"), TAKEN.items())
async def test_a_wrong_method_is_told_every_right_one(gateway, path, methods):
    answer = await gateway.request("PATCH", path)

    assert answer.status_code == 405
    assert answer.headers["allow"] == methods


async def test_a_path_with_a_slash_too_many_is_not_there(gateway, ada):
    answer = await gateway.get("/v1/timeline/", headers=ada.headers)

    assert answer.status_code == 404


def test_a_caller_who_hangs_up_is_no_fault_of_ours_and_a_stop_is_clean(programs, redis_db):
    port = reserve_port()
    gateway = programs.start("api", port=port, redis_url=redis_db)
    gateway.wait_until(lambda: is_ok(f"http://127.0.0.1:{port}/readyz"))

    with socket.create_connection(("127.0.0.1", port)) as caller:
        caller.sendall(b"POST /v1/registrations HTTP/1.1\r\nhost: roost\r\ncontent-length: 9\r\n\r\n{")
    until(lambda: '"/v1/registrations"' in gateway.output())

    assert gateway.stop() == 0
    assert '"level":"error"' not in gateway.output()
