"""
Answers as their reader takes them: compressed if that is said and pays, and not at all if nothing changed.

zstd at its quickest costs a tenth of what gzip does and is taken where both are.
"""

import re
import zlib
from functools import lru_cache

import zstandard
from starlette.requests import Request
from starlette.responses import Response

#: Below this, what compressing saves is less than its headers.
_WORTH_BYTES = 1024
_ZSTD_LEVEL = 3
_GZIP_LEVEL = 1
_CODING = re.compile(r"\s*([a-z*]+)\s*(?:;\s*q\s*=\s*([0-9.]+)\s*)?", re.IGNORECASE)
#: Whoever keeps an answer keeps it for this reader alone.
VARY = "accept-encoding, authorization, cookie"
_JSON = "application/json; charset=utf-8"


def answer(request: Request, body: bytes, headers: dict[str, str], media_type: str = _JSON) -> Response:
    """Answer with this body; a tag in `headers` is made one for the way in which it is compressed."""
    coding = _taken(request.headers.get("accept-encoding", "")) if len(body) >= _WORTH_BYTES else None
    headers["vary"] = VARY
    if coding is None:
        return Response(body, headers=headers, media_type=media_type)
    headers["content-encoding"] = coding
    if "etag" in headers:
        headers["etag"] = f'{headers["etag"][:-1]}-{coding}"'
    return Response(_compress(body, coding), headers=headers, media_type=media_type)


@lru_cache(maxsize=256)
def _taken(accepted: str) -> str | None:
    """Choose how to compress for a reader who accepts these codings; None for not at all."""
    if len(accepted) > 200:
        return None
    matches = (_CODING.fullmatch(each) for each in accepted.split(","))
    codings = {match[1].lower(): _quality(match[2]) for match in matches if match}
    return next((coding for coding in ("zstd", "gzip") if codings.get(coding, 0) > 0), None)


def _quality(written: str | None) -> float:
    try:
        return 1.0 if written is None else float(written)
    except ValueError:
        return 0.0


def _compress(body: bytes, coding: str) -> bytes:
    if coding == "zstd":
        return _zstd().compress(body)
    made = zlib.compressobj(_GZIP_LEVEL, wbits=31)
    return made.compress(body) + made.flush()


@lru_cache(maxsize=1)
def _zstd() -> zstandard.ZstdCompressor:
    return zstandard.ZstdCompressor(level=_ZSTD_LEVEL)  # it is used by one thread, that of the event loop
