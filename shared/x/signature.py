"""
OAuth 1.0a: sign a request for the person who gave us a token, with authlib's parts.

authlib's own signer parses the request anew and refuses plain http except on
loopback. X is always asked over https; the simulator is not, also from one
container to another.
Source: RFC 5849, sections 3.4 and 3.5.1; docs.x.com, OAuth 1.0a, read 2026-11-22.
"""

import secrets
from collections.abc import Mapping

from authlib.oauth1.rfc5849.parameters import prepare_headers
from authlib.oauth1.rfc5849.signature import construct_base_string, hmac_sha1_signature


def sign(
    request: tuple[str, str],
    params: Mapping[str, str],
    consumer: tuple[str, str],
    token: tuple[str, str],
    now_s: int,
) -> str:
    """
    Make the Authorization header of a request; `consumer` and `token` are each a key and its secret.

    Shape: `request` is the method and the URL without its query; `params` is what its query or form holds,
           unescaped. Those that begin with `oauth_` go into the header. An empty token is left out.
    Units: `now_s` is epoch seconds.
    """
    oauth = [
        ("oauth_consumer_key", consumer[0]),
        ("oauth_nonce", secrets.token_hex(16)),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", str(now_s)),
        *([("oauth_token", token[0])] if token[0] else []),
        ("oauth_version", "1.0"),
    ]
    method, url = request
    base = construct_base_string(method, url, [*params.items(), *oauth])
    oauth.append(("oauth_signature", hmac_sha1_signature(base, consumer[1], token[1])))
    oauth += [(name, value) for name, value in params.items() if name.startswith("oauth_")]
    return str(prepare_headers(oauth, {})["Authorization"])
