"""A cluster is named by some of its nodes; what is wrong with the name is said."""

import pytest

from shared import cluster_url
from shared.cluster_url import ClusterUrl


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
    ],
)
def test_what_is_wrong_is_said(url, said):
    with pytest.raises(ValueError, match=said):
        cluster_url.read(url)


def test_a_password_is_not_shown():
    assert "secret" not in repr(cluster_url.read("redis+cluster://:secret@a"))
