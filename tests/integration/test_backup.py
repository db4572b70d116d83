"""
A backup from before a forgetting, put back: it has the credential, and nothing that opens it.

Once that is recovered it has no such account.
"""

import httpx2
import pytest
import redis

from shared.domain.account import AccountId
from shared.sealing import MasterKeys
from shared.store import keys
from shared.store.accounts import Accounts
from shared.store.connection import connect
from shared.store.credentials import Credentials
from shared.store.datakeys import DataKeys
from tests.servers.process import until
from tests.servers.programs import SECRET_KEYS


@pytest.fixture
def gateway(programs, redis_db, keys_redis, simulator_url):
    url = programs.start_gateway(
        redis_url=redis_db,
        keys_url=keys_redis.url,
        x_api_url=simulator_url,
        x_client_id="roost-simulator-client",
        x_client_secret="roost-simulator-client-secret",
    )
    with httpx2.Client(base_url=url, timeout=30) as client:
        yield client


@pytest.fixture
def ada(gateway, simulator_url):
    with httpx2.Client(base_url=simulator_url, timeout=30) as x:
        person = x.post("/_sim/users", json={}).json()
    registered = gateway.post("/v1/registrations", json={"oauth2": person["oauth2"]}).json()
    return person | {"headers": {"authorization": f"Bearer {registered['token']}"}}


async def opened(redis_url, keys_url, account_id):
    """Open what is kept of an account's credential, with everything the operator has."""
    data, apart = connect(redis_url), connect(keys_url)
    sealed = await Accounts(data).find_sealed(account_id)
    assert sealed is not None
    found = await Credentials(data, DataKeys(apart, MasterKeys.read(SECRET_KEYS))).open(
        account_id, sealed, now_ms=0
    )
    await data.aclose()
    await apart.aclose()
    return found


async def test_an_old_backup_opens_no_credential_of_one_who_was_forgotten_and_they_are_again(
    gateway, ada, redis_db, keys_redis, recover
):
    account_id = AccountId(int(ada["id"]))
    assert await opened(redis_db, keys_redis.url, account_id) is not None
    with redis.Redis.from_url(redis_db) as client:
        backup = {key: (client.dump(key), max(0, client.pttl(key))) for key in client.scan_iter()}
        assert not any(b"datakey" in key for key in backup)

        receipt = gateway.delete("/v1/account", headers=ada["headers"])
        assert receipt.json()["revoked_at_x"] is True
        for key, (dumped, ttl_ms) in backup.items():
            client.restore(key, ttl_ms, dumped, replace=True)

    assert gateway.get("/v1/account", headers=ada["headers"]).status_code == 200
    assert await opened(redis_db, keys_redis.url, account_id) is None

    assert recover(keys_url=keys_redis.url).returncode == 0

    assert gateway.get("/v1/account", headers=ada["headers"]).status_code == 401
    with redis.Redis.from_url(redis_db) as client:
        assert not any(ada["id"].encode() in key for key in client.scan_iter())


def test_a_destroyed_data_key_leaves_the_file_of_its_redis_too(gateway, ada, keys_redis, tmp_path):
    with redis.Redis.from_url(keys_redis.url) as client:
        (wrapped,) = [client.get(key) for key in client.scan_iter(keys.data_key(AccountId(int(ada["id"]))))]
    assert is_on_disk(wrapped, tmp_path / "keys")

    gateway.delete("/v1/account", headers=ada["headers"])

    until(lambda: not is_on_disk(wrapped, tmp_path / "keys"))


def is_on_disk(needle, folder):
    return any(needle in path.read_bytes() for path in folder.rglob("*.aof"))
