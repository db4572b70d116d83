"""What browsers are told, who may ask from other sites, and whose word on addresses is believed."""

import httpx2
import pytest

from services.api.tries import ADDRESS_FAILURES

PAGE = "https://app.example.org"


@pytest.fixture
async def gateway_with(programs, redis_db, simulator_url):
    """Start a gateway with settings of its own; give a client of it."""
    clients = []

    def start(**settings):
        url = programs.start_gateway(redis_url=redis_db, x_api_url=simulator_url, **settings)
        clients.append(httpx2.AsyncClient(base_url=url, timeout=30))
        return clients[-1]

    yield start
    for client in clients:
        await client.aclose()


@pytest.mark.parametrize(
    "path", ["/", "/v1/timeline", "/2/users/1/timelines/reverse_chronological", "/livez", "/docs", "/nothing"]
)
async def test_every_answer_says_that_it_is_for_nobody_elses_page(gateway, path):
    headers = (await gateway.get(path)).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert len(headers.get_list("content-security-policy")) == 1
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "access-control-allow-origin" not in headers


async def test_our_pages_run_no_script_that_stands_in_them(gateway):
    page = await gateway.get("/")

    assert "unsafe-inline" not in page.headers["content-security-policy"]
    assert "<script>" not in page.text
    assert "style=" not in page.text


async def test_one_who_came_by_https_comes_by_https_again(gateway_with, gateway):
    https = gateway_with(public_url="https://roost.example.org")

    assert "max-age=" in (await https.get("/livez")).headers["strict-transport-security"]
    assert "strict-transport-security" not in (await gateway.get("/livez")).headers


async def test_where_people_come_by_https_the_cookie_goes_nowhere_else(gateway_with):
    https = gateway_with(public_url="https://roost.example.org", x_client_id="an-app")

    cookie = (await https.get("/login")).headers["set-cookie"]

    assert "; Secure" in cookie


async def test_pages_of_other_sites_may_ask_if_their_site_is_named(gateway_with, gateway):
    sharing = gateway_with(cors_origins=f"{PAGE}, https://other.example.org")
    asked = {
        "origin": PAGE,
        "access-control-request-method": "GET",
        "access-control-request-headers": "authorization",
    }

    allowed = await sharing.options("/v1/timeline", headers=asked)
    refused = await sharing.options("/v1/timeline", headers=asked | {"origin": "https://evil.example.org"})
    read = await sharing.get("/v1/timeline", headers={"origin": PAGE})

    assert allowed.headers["access-control-allow-origin"] == PAGE
    assert "access-control-allow-credentials" not in allowed.headers
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers
    assert read.headers["access-control-allow-origin"] == PAGE
    assert "Roost-As-Of".lower() in read.headers["access-control-expose-headers"]
    assert (await gateway.options("/v1/timeline", headers=asked)).status_code == 405


@pytest.mark.parametrize("path", ["/v1/timeline", "/2/users/me", "/1.1/statuses/home_timeline.json"])
async def test_such_a_page_may_read_every_header_that_is_described(gateway_with, path):
    sharing = gateway_with(cors_origins=PAGE)
    described = (await sharing.get("/openapi.json")).json()["paths"][path]["get"]["responses"].values()

    answer = await sharing.get(path, headers={"origin": PAGE})

    told = {name.lower() for each in described for name in each.get("headers", ())} - {"vary"}
    assert told <= set(answer.headers["access-control-expose-headers"].split(", "))


async def guess(client, address, times):
    """Show so many wrong tokens, as if from this address; tell how the last was answered."""
    headers = {"authorization": "Bearer wrong", "x-forwarded-for": address}
    return [(await client.get("/v1/timeline", headers=headers)).status_code for _ in range(times)][-1]


async def test_nobody_gets_another_address_by_saying_so(gateway_with):
    unproxied = gateway_with()

    for number in range(ADDRESS_FAILURES + 1):
        await guess(unproxied, f"198.51.100.{number}", 1)

    assert await guess(unproxied, "203.0.113.9", 1) == 429


@pytest.mark.parametrize("proxies", ["127.0.0.1", "10.0.0.0/8, 127.0.0.0/8"])
async def test_a_trusted_proxy_says_who_asks(gateway_with, proxies):
    proxied = gateway_with(trusted_proxies=proxies)

    assert await guess(proxied, "198.51.100.7", ADDRESS_FAILURES + 2) == 429
    assert await guess(proxied, "203.0.113.9", 1) == 401
    assert await guess(proxied, "203.0.113.66, 198.51.100.7", 1) == 429, (
        "only the last word is the proxy's own"
    )
