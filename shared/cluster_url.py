"""The form of the URL by which a Redis or Valkey Cluster is named."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

SCHEMES = ("redis+cluster", "rediss+cluster")
_PORT = 6379


@dataclass(frozen=True, slots=True)
class ClusterUrl:
    """The nodes that are asked first, and how; `is_tls` when by TLS."""

    nodes: list[tuple[str, int]]
    is_tls: bool
    username: str | None
    password: str | None = field(repr=False)


def read(url: str) -> ClusterUrl | None:
    """
    Read `redis+cluster://[user:password@]host[:port],host[:port]…`; None for the URL of one server.

    Errors: ValueError that says what is wrong.
    """
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        return None
    if parts.path not in {"", "/", "/0"}:
        raise ValueError("a cluster has no databases but 0: leave the path out")
    who, _, where = parts.netloc.rpartition("@")
    named = [urlsplit(f"//{each}") for each in where.split(",")]
    if not all(each.hostname for each in named):
        raise ValueError("names at least one node of the cluster: redis+cluster://host:port,host:port")
    user, _, password = who.partition(":")
    return ClusterUrl(
        [(each.hostname or "", each.port or _PORT) for each in named],
        parts.scheme == "rediss+cluster",
        unquote(user) or None,
        unquote(password) or None,
    )
