"""Signatures are checked by authlib, whose parts make them, and by oauthlib, which has no part in them."""

from urllib.parse import quote, unquote, urlencode

from authlib.oauth1.rfc5849.signature import generate_signature_base_string, hmac_sha1_signature
from authlib.oauth1.rfc5849.wrapper import OAuth1Request
from hypothesis import given
from hypothesis import strategies as st
from oauthlib import oauth1
from oauthlib.oauth1.rfc5849 import utils

from shared.x.signature import sign

URL = "https://api.x.com/2/users/12/timelines/reverse_chronological"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
#: What X's parameters are named; those of OAuth itself stand in the header, and so does `realm`.
NAME = TEXT.filter(lambda name: name and name != "realm" and not name.startswith("oauth_"))


@given(query=st.dictionaries(NAME, TEXT), secret=TEXT, token_secret=TEXT)
def test_authlib_takes_a_signature_of_any_query_with_any_secrets(query, secret, token_secret):
    header = sign(("GET", URL), query, ("key", secret), ("token", token_secret), 1_790_000_000)
    assert _verified(f"{URL}?{urlencode(query, quote_via=quote)}", header, secret, token_secret)


@given(query=st.dictionaries(NAME, TEXT), secret=TEXT, token_secret=TEXT)
def test_oauthlib_makes_the_same_signature(query, secret, token_secret):
    header = sign(("GET", URL), query, ("key", secret), ("token", token_secret), 1_790_000_000)
    ours = dict(utils.parse_authorization_header(header))
    signer = oauth1.Client(
        "key",
        secret,
        "token",
        token_secret,
        nonce=unquote(ours["oauth_nonce"]),
        timestamp=ours["oauth_timestamp"],
    )

    _, headers, _ = signer.sign(f"{URL}?{urlencode(query, quote_via=quote)}")

    theirs = dict(utils.parse_authorization_header(headers["Authorization"]))
    assert ours == theirs


def test_a_signature_fits_no_other_query():
    header = sign(("GET", URL), {"since_id": "1"}, ("key", "s"), ("token", "t"), 1_790_000_000)
    assert not _verified(f"{URL}?since_id=2", header, "s", "t")


def test_no_two_signatures_are_alike():
    one, other = (sign(("GET", URL), {}, ("key", "s"), ("token", "t"), 1_790_000_000) for _ in range(2))
    assert one != other


def _verified(url, header, secret, token_secret):
    request = OAuth1Request("GET", url, headers={"Authorization": header})
    assert request.token == "token"
    return request.signature == hmac_sha1_signature(
        generate_signature_base_string(request), secret, token_secret
    )
