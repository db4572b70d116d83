"""The form of the URL by which a Redis or Valkey Cluster is named."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

SCHEMES = ("redis+cluster", "rediss+cluster")
_PORT = 6379
#: What TLS may be told: who vouches for the nodes, and what we show them; as in the URL of one server.
_TLS_OPTIONS = frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"})


@dataclass(frozen=True, slots=True)
class ClusterUrl:
    """The nodes that are asked first, and how; `is_tls` when by TLS."""

    nodes: list[tuple[str, int]]
    is_tls: bool
    username: str | None
    password: str | None = field(repr=False)
    tls_options: dict[str, str] = field(default_factory=dict)


def read(url: str) -> ClusterUrl | None:
    """
    Read `redis+cluster://[user:password@]host[:port],host[:port]…[?ssl_ca_certs=…]`; None for one server's.

    Errors: ValueError that says what is wrong.
    """
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        return None
    if parts.path not in {"", "/", "/0"}:
        raise ValueError("a cluster has no databases but 0: leave the path out")
    is_tls = parts.scheme == "rediss+cluster"
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if options.keys() - (_TLS_OPTIONS if is_tls else set()):
        raise ValueError(
            f"a cluster has no options but, with rediss+cluster, {', '.join(sorted(_TLS_OPTIONS))}"
        )
    who, _, where = parts.netloc.rpartition("@")
    named = [urlsplit(f"//{each}") for each in where.split(",")]
    if not all(each.hostname for each in named):
        raise ValueError("names at least one node of the cluster: redis+cluster://host:port,host:port")
    user, _, password = who.partition(":")
    return ClusterUrl(
        [(each.hostname or "", each.port or _PORT) for each in named],
        is_tls,
        unquote(user) or None,
        unquote(password) or None,
        options,
    )
