"""A cluster is named by some of its nodes; what is wrong with the name is said."""

import pytest

from shared import cluster_url
from shared.cluster_url import ClusterUrl
from shared.store.connection import connect


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("redis+cluster://a", ClusterUrl([("a", 6379)], is_tls=False, username=None, password=None)),
        (
            "redis+cluster://a:1,b:2/",
            ClusterUrl([("a", 1), ("b", 2)], is_tls=False, username=None, password=None),
        ),
        (
            "rediss+cluster://:p%40ss@a:1,b/0",
            ClusterUrl([("a", 1), ("b", 6379)], is_tls=True, username=None, password="p@ss"),
        ),
        (
            "redis+cluster://me:pass@[::1]:7000,b",
            ClusterUrl([("::1", 7000), ("b", 6379)], is_tls=False, username="me", password="pass"),
        ),
        (
            "rediss+cluster://a?ssl_ca_certs=/run/ca.pem&ssl_certfile=/us%20.pem",
            ClusterUrl(
                [("a", 6379)],
                is_tls=True,
                username=None,
                password=None,
                tls_options={"ssl_ca_certs": "/run/ca.pem", "ssl_certfile": "/us .pem"},
            ),
        ),
        ("redis://a:1/2", None),
        ("unix:///run/redis.sock", None),
    ],
)
def test_a_url_is_read(url, read):
    assert cluster_url.read(url) == read


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis+cluster://", "at least one node"),
        ("redis+cluster://a,", "at least one node"),
        ("redis+cluster://a:1/3", "no databases"),
        ("redis+cluster://a:port", "port"),
        ("redis+cluster://a?ssl_ca_certs=/run/ca.pem", "has no options"),
        ("rediss+cluster://a?ssl_check_hostname=false", "has no options"),
        ("rediss+cluster://a?db=3", "has no options"),
    ],
)
def test_what_is_wrong_is_said(url, said):
    with pytest.raises(ValueError, match=said):
        cluster_url.read(url)


def test_a_password_is_not_shown():
    assert "secret" not in repr(cluster_url.read("redis+cluster://:secret@a"))


def test_who_is_trusted_reaches_the_connections():
    cluster = connect("rediss+cluster://127.0.0.1:1?ssl_ca_certs=/run/ca.pem")

    assert cluster.connection_kwargs["ssl_ca_certs"] == "/run/ca.pem"
