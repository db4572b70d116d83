"""Signatures of callers are made here by oauthlib, which has no part in how they are checked."""

from urllib.parse import quote, quote_plus, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oauthlib import oauth1
from starlette.requests import Request

from services.api.faults import Fault
from services.api.signatures import is_signed_by, read_signed
from shared.store.signers import Signer

SITE = "https://roost.example:8443"
TOKEN = f"12-{'a' * 43}"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAME = TEXT.filter(lambda name: name and name != "realm" and not name.startswith("oauth_"))
SECRET = st.text("abcXYZ019-_", min_size=1, max_size=43)


@given(
    query=st.lists(st.tuples(NAME, TEXT)),
    nonce=TEXT.filter(str.strip),
    quoted=st.sampled_from([quote, quote_plus]),
)
def test_what_oauthlib_signs_holds_whatever_the_query_and_the_nonce(query, nonce, quoted):
    url = f"{SITE}/1.1/statuses/home_timeline.json?{urlencode(query, quote_via=quoted)}"
    assert _holds(url, _header(url, nonce=nonce))


@pytest.mark.parametrize("path", ["/", "/v1/a%20b", "/v1/a%2Fb", "/v1/a%3Fb", "/v1/a;b", "/v1/%C3%BC"])
def test_a_path_is_signed_as_it_was_written(path):
    assert _holds(SITE + path, _header(SITE + path))


@given(secret=SECRET.filter(lambda secret: secret != "theirs"))
def test_another_secret_makes_another_signature(secret):
    url = f"{SITE}/v1/timeline"
    assert not _holds(url, _header(url, secret=secret))


@pytest.mark.parametrize(
    "asked",
    [
        "/v1/timeline?max_results=3",
        "/v1/timeline?max_results=2&max_results=2",
        "/v1/timeline",
        "/v1/account?max_results=2",
        "/V1/timeline?max_results=2",
    ],
)
def test_a_signature_fits_nothing_else(asked):
    assert not _holds(SITE + asked, _header(f"{SITE}/v1/timeline?max_results=2"))


@pytest.mark.parametrize(
    "site", ["http://roost.example:8443", "https://roost.example", "https://other.example:8443"]
)
def test_a_signature_is_for_one_site(site):
    assert not _holds(f"{SITE}/v1/timeline", _header(f"{site}/v1/timeline"))


@pytest.mark.parametrize("host", ["", "[", "[::1"])
def test_a_host_that_is_none_is_no_address_and_hides_no_other(host):
    url = f"{SITE}/v1/timeline"
    request, words, signer = _read(url, _header(url))

    assert not is_signed_by(signer, request, words, [f"https://{host}"])
    assert is_signed_by(signer, request, words, [f"https://{host}", SITE])


@pytest.mark.parametrize("realm", ["", "roost", "a, b", "a=b"])
def test_a_realm_is_no_part_of_what_is_signed(realm):
    url = f"{SITE}/v1/timeline"
    assert _holds(url, _header(url, realm=realm))


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("OAuth ,,,", "no oauth_consumer_key"),
        ('OAuth oauth_consumer_key="', "no oauth_consumer_key"),
        ('OAuth oauth_consumer_key="k", oauth_nonce=""', "no oauth_nonce"),
        (f"OAuth {'a' * 3000}", "too long"),
    ],
)
def test_what_is_no_signature_is_said_in_a_sentence(header, said):
    with pytest.raises(Fault, match=said):
        read_signed(_request(f"{SITE}/v1/timeline", header))


@pytest.mark.parametrize("method", ["HMAC-SHA256", "PLAINTEXT", "RSA-SHA1"])
def test_only_hmac_sha1_is_taken(method):
    url = f"{SITE}/v1/timeline"
    header = _header(url).replace("HMAC-SHA1", method)

    with pytest.raises(Fault, match="HMAC-SHA1"):
        read_signed(_request(url, header))


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "Application/X-WWW-Form-URLencoded; charset=x"]
)
@pytest.mark.parametrize("body", [{"content-length": "9"}, {"transfer-encoding": "chunked"}])
def test_a_form_is_not_taken_signed(kind, body):
    url = f"{SITE}/v1/account/keys"
    with pytest.raises(Fault, match="JSON"):
        read_signed(_request(url, _header(url), kind, **body))


@pytest.mark.parametrize("body", [{}, {"content-length": "0"}])
def test_a_form_that_is_said_and_not_sent_is_none(body):
    url = f"{SITE}/1.1/statuses/home_timeline.json"  # so asks node-oauth, on which clients of 2016 stand
    words, claim = read_signed(_request(url, _header(url), "application/x-www-form-urlencoded", **body))

    assert claim is not None
    assert words["oauth_token"] == TOKEN


def _header(url, *, nonce="once", secret=None, realm=None):
    client = oauth1.Client("key", "ours", TOKEN, secret or "theirs", nonce=nonce, realm=realm)
    return client.sign(url)[1]["Authorization"]


def _holds(url, header):
    request, words, signer = _read(url, header)
    return is_signed_by(signer, request, words, [SITE])


def _read(url, header):
    request = _request(url, header)
    words, claim = read_signed(request)
    assert claim is not None
    assert claim.account_id == 12
    return request, words, Signer("key", TOKEN, "ours", "theirs")


def _request(url, header, kind="application/json", **body):
    parts = urlsplit(url)
    told = {"authorization": header, "content-type": kind, **body}
    headers = [(name.encode(), value.encode()) for name, value in told.items()]
    asked = {"method": "GET", "raw_path": parts.path.encode(), "query_string": parts.query.encode()}
    return Request({"type": "http", "headers": headers, **asked})
