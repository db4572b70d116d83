"""
OAuth 1.0a: sign a GET for the person who gave us a token.

Written out here, where authlib's signer parses the URL back and walks through any
method and body: it took as long as the request itself (bench 1).
Source: RFC 5849, sections 3.4 and 3.5.1.
"""

import base64
import hmac
import secrets
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote


def escape(text: str) -> str:
    """Escape text as RFC 3986 does: all but letters, digits and `-._~`."""
    return quote(text, safe="")


#: Of a query most is the same each time, and long.
escape_again = lru_cache(maxsize=256)(escape)


def sign(
    url: str, query: Mapping[str, str], consumer: tuple[str, str], token: tuple[str, str], now_s: int
) -> str:
    """
    Make the Authorization header of a GET; `consumer` and `token` are each a key and its secret.

    Shape: `url` without its query; `query` unescaped.
    Units: `now_s` is epoch seconds.
    """
    oauth = {
        "oauth_consumer_key": consumer[0],
        "oauth_nonce": secrets.token_hex(16),
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(now_s),
        "oauth_token": token[0],
        "oauth_version": "1.0",
    }
    pairs = sorted((escape_again(name), escape_again(value)) for name, value in {**query, **oauth}.items())
    text = "&".join(f"{name}={value}" for name, value in pairs)
    # Escaped once more; of what escaping leaves only these three change.
    text = text.replace("%", "%25").replace("=", "%3D").replace("&", "%26")
    key = f"{escape(consumer[1])}&{escape(token[1])}"
    digest = hmac.digest(key.encode(), f"GET&{escape(url)}&{text}".encode(), "sha1")
    oauth["oauth_signature"] = base64.b64encode(digest).decode()
    return "OAuth " + ", ".join(f'{name}="{escape(value)}"' for name, value in oauth.items())
