"""Pages are named where people reach the gateway: whoever goes on by them sends a token there."""

import httpx2


async def test_the_next_page_is_by_https_whatever_the_proxy_asks_by(gate, reader):
    headers = reader.headers | {"host": "gateway.internal:8000"}
    async with httpx2.AsyncClient(base_url=gate.plain, timeout=30) as proxy:
        answer = await proxy.get("/v1/timeline", params={"max_results": 2}, headers=headers)

    next_page = httpx2.URL(answer.links["next"]["url"])
    assert (next_page.scheme, next_page.netloc.decode(), next_page.path) == (
        "https",
        gate.host,
        "/v1/timeline",
    )
