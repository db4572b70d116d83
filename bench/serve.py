"""
Measurement 3: timeline pages per second of one gateway process.

Many people, whose timelines overlap as the simulator's do, each read their newest 50
tweets in turn: once with the gateway's memory of bodies that many people see, once
without it, as if no two readers ever came within two minutes. Beside it a bare
ASGI app on the same server answers with the bytes and headers that the gateway
gave one of them. All are asked by wrk, over as many connections.
"""

import asyncio
import urllib.request

import msgspec

from bench import wrk
from bench.bare_asgi import Answer
from bench.ground import Ground, answers, ground
from bench.stock import stock
from bench.table import Row, spread
from roost.ports import free_port

PEOPLE = 100
_PATH = "/v1/timeline?max_results=50"


def measure(runs: int, seconds: float) -> list[Row]:
    """Load the gateway and the bare app in turn."""
    if not wrk.found():
        return [Row("3  timeline pages/s", "not measured: apt-get install wrk")]
    with ground() as place:
        redis = place.redis()
        tokens = [f"Bearer {each}" for each in asyncio.run(stock(redis.url, PEOPLE))]
        gateway = _gateway(place, redis.url, api_cache_megabytes=64)
        forgetful = _gateway(place, redis.url, api_cache_megabytes=0)
        answer = _ask(gateway, tokens[0])
        urls = (gateway, forgetful, _bare(place, answer))
        loads = [[wrk.load(url, tokens, seconds, place.folder) for url in urls] for _ in range(runs)]
    return _rows(loads, len(answer.body))


def _gateway(place: Ground, redis_url: str, **settings: object) -> str:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    gateway = place.roost("api", port=port, redis_url=redis_url, x_api_url="http://127.0.0.1:9", **settings)
    gateway.wait_until(lambda: answers(f"{url}/livez"))
    return url + _PATH


def _bare(place: Ground, answer: Answer) -> str:
    port, file = free_port(), place.folder / "answer"
    file.write_bytes(msgspec.msgpack.encode(answer))
    app = place.program("-m", "bench.bare_asgi", port, file)
    url = f"http://127.0.0.1:{port}/"
    app.wait_until(lambda: answers(url))
    return url


def _ask(url: str, authorization: str) -> Answer:
    request = urllib.request.Request(url, headers={"authorization": authorization})  # noqa: S310 (ours)
    with urllib.request.urlopen(request) as answer:  # noqa: S310 (ours, on this machine)
        headers = {name.lower(): value for name, value in answer.headers.items() if name.lower() != "date"}
        return Answer(headers, answer.read())


def _rows(loads: list[list[wrk.Load]], size: int) -> list[Row]:
    ours, forgetful, theirs = zip(*loads, strict=True)
    roost, cold, bare = (spread([each.per_second for each in one]) for one in (ours, forgetful, theirs))
    what = f"3  timeline pages/s, one process, 50 tweets ({size / 1000:.0f} kB)"
    return [
        Row(what, str(roost), f"bare ASGI {bare}", f"{roost.middle / bare.middle:.2f}", "≥ 0.15"),
        Row(f"   ms until answered, {wrk.CONNECTIONS} at once", _times(ours), _times(theirs)),
        Row(
            "   pages/s without its memory of bodies",
            str(cold),
            f"bare ASGI {bare}",
            f"{cold.middle / bare.middle:.2f}",
        ),
    ]


def _times(loads: tuple[wrk.Load, ...]) -> str:
    p50, p99 = spread([each.p50_ms for each in loads]), spread([each.p99_ms for each in loads])
    return f"p50 {p50}\np99 {p99}"
