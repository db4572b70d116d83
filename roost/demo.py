"""
The simulator's people, registered, so that there is something to look at.

Their bearer tokens are kept beside the data: to start again is to be let in
again with the same ones. They open made-up timelines, nothing else.
"""

from pathlib import Path

import httpx2
import msgspec

from roost.fault import Fault


async def register_everybody(gateway: str, simulator: str, kept: Path) -> dict[str, str]:
    """
    Register each person of the simulator's world with the gateway.

    Shape:  username → bearer token of the gateway, in the simulator's order.
    Errors: Fault when the gateway refuses one.
    """
    known = _read(kept)
    tokens = {}
    async with httpx2.AsyncClient(timeout=30) as client:
        for person in (await client.get(f"{simulator}/_sim/users")).json()["users"]:
            token = known.get(person["username"], "")
            if not await _is_let_in(client, gateway, token):
                token = await _register(client, gateway, person["oauth1"])
            tokens[person["username"]] = token
    _write(kept, tokens)
    return tokens


async def _is_let_in(client: httpx2.AsyncClient, gateway: str, token: str) -> bool:
    if not token:
        return False
    answer = await client.get(f"{gateway}/v1/account", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code == 200


async def _register(client: httpx2.AsyncClient, gateway: str, oauth1: dict[str, str]) -> str:
    answer = await client.post(f"{gateway}/v1/registrations", json={"oauth1": oauth1})
    if answer.status_code not in {200, 201}:
        raise Fault(f"the gateway refuses a registration: {answer.status_code} {answer.text[:300]}")
    return str(answer.json()["token"])


def _read(kept: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(kept.read_bytes(), type=dict[str, str])
    except (FileNotFoundError, msgspec.DecodeError):  # never written, or half: they are registered anew
        return {}


def _write(kept: Path, tokens: dict[str, str]) -> None:
    kept.touch(mode=0o600)
    kept.write_bytes(msgspec.json.encode(tokens))
