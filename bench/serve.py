"""
Measurement 3: timeline pages per second of one gateway process.

Many people, whose timelines overlap as the simulator's do, each read their newest 50
tweets in turn: once with the gateway's memory of bodies that many people see, once
without it, as if no two readers ever came within two minutes. Then each asks again
with the tag of what they have, and is told that nothing has changed. Beside it a bare
ASGI app on the same server answers with the bytes and headers that the gateway
gave one of them. All are asked by wrk, over as many connections.
"""

import asyncio
import urllib.error
import urllib.request

import msgspec

from bench import wrk
from bench.bare_asgi import Answer
from bench.ground import Ground, answers, ground
from bench.stock import stock
from bench.table import Row, Spread, spread
from roost.ports import reserve_port

PEOPLE = 100
_PATH = "/v1/timeline?max_results=50"


def measure(runs: int, seconds: float) -> list[Row]:
    """Load the gateway and the bare app in turn."""
    if not wrk.found():
        return [Row("3  timeline pages/s", "not measured: apt-get install wrk")]
    with ground() as place:
        redis = place.redis()
        callers = [{"authorization": f"Bearer {each}"} for each in asyncio.run(stock(redis.url, PEOPLE))]
        gateway = _gateway(place, redis.url, api_cache_megabytes=64)
        forgetful = _gateway(place, redis.url, api_cache_megabytes=0)
        again = [{**each, "if-none-match": _ask(gateway, each).headers["etag"]} for each in callers]
        page, nothing = _ask(gateway, callers[0]), _ask(gateway, again[0])
        asked = [
            *((url, callers) for url in (gateway, forgetful, _bare(place, page))),
            *((url, again) for url in (gateway, _bare(place, nothing))),
        ]
        loads = [
            [wrk.load(url, headers, seconds, place.folder) for url, headers in asked] for _ in range(runs)
        ]
    return _rows(loads, len(page.body))


def _gateway(place: Ground, redis_url: str, **settings: object) -> str:
    port = reserve_port()
    url = f"http://127.0.0.1:{port}"
    gateway = place.roost(
        "api", port=port, redis_url=redis_url, x_api_url="http://127.0.0.1:9", calls_limit=10**9, **settings
    )
    gateway.wait_until(lambda: answers(f"{url}/livez"))
    return url + _PATH


def _bare(place: Ground, answer: Answer) -> str:
    port, file = reserve_port(), place.folder / f"answer-{answer.status}"
    file.write_bytes(msgspec.msgpack.encode(answer))
    app = place.program("-m", "bench.bare_asgi", port, file)
    url = f"http://127.0.0.1:{port}/"
    app.wait_until(lambda: _is_up(url))
    return url


def _is_up(url: str) -> bool:
    try:
        return _ask(url, {}).status in {200, 304}
    except OSError:
        return False


def _ask(url: str, headers: dict[str, str]) -> Answer:
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 (ours)
    try:
        answer = urllib.request.urlopen(request)  # noqa: S310 (ours, on this machine)
    except urllib.error.HTTPError as other:  # this client takes 304 for one
        answer = other
    with answer:
        told = {name.lower(): value for name, value in answer.headers.items() if name.lower() != "date"}
        return Answer(answer.status, told, answer.read())


def _rows(loads: list[list[wrk.Load]], size: int) -> list[Row]:
    ours, forgetful, theirs, again, empty = zip(*loads, strict=True)
    what = f"3  timeline pages/s, one process, 50 tweets ({size / 1000:.0f} kB)"
    p99s = (spread([each.p99_ms for each in one]) for one in (ours, theirs))
    return [
        _beside(what, ours, theirs, "≥ 0.25"),
        Row(f"   ms until answered, {wrk.CONNECTIONS} at once", _times(ours), _times(theirs)),
        Row("   p99 beside the bare one's", "", "", f"{_ratio(*p99s):.1f}", "< 5"),
        _beside("   pages/s without its memory of bodies", forgetful, theirs),
        _beside("   304s/s to who has the page already", again, empty, "≥ 0.3"),
    ]


def _beside(what: str, ours: tuple[wrk.Load, ...], theirs: tuple[wrk.Load, ...], aim: str = "") -> Row:
    roost, bare = (spread([each.per_second for each in one]) for one in (ours, theirs))
    return Row(what, str(roost), f"bare ASGI {bare}", f"{_ratio(roost, bare):.2f}", aim)


def _ratio(ours: Spread, theirs: Spread) -> float:
    return ours.middle / theirs.middle


def _times(loads: tuple[wrk.Load, ...]) -> str:
    p50, p99 = spread([each.p50_ms for each in loads]), spread([each.p99_ms for each in loads])
    return f"p50 {p50}\np99 {p99}"
