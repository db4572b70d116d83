"""TLS before a server that speaks plainly, as its proxy would take it off; and who vouches for it."""

import asyncio
import ssl
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shared.clock import Clock

HOST = "localhost"


class Authority:
    """One who vouches for servers; `path` is the certificate that those who trust it are given."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, folder.name)])
        self.path = folder / "authority.pem"
        certificate = self._signed(self._name, self._key, x509.BasicConstraints(ca=True, path_length=0))
        self.path.write_bytes(certificate.public_bytes(Encoding.PEM))

    def vouch(self, host: str) -> ssl.SSLContext:
        """Make what a server shows that is to be believed to be `host`."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        certificate = self._signed(x509.Name([]), key, names)
        shown = self._folder / f"{host}.pem"
        shown.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + certificate.public_bytes(Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(shown)
        return context

    def _signed(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, says: x509.ExtensionType):
        now = datetime.fromtimestamp(Clock().now_ms() / 1000, UTC)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(says, critical=True)
            .add_extension(identifier, critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )


@dataclass
class Tunnel:
    """Where the plain server is reached by TLS, and how many have got through to it."""

    plain: str
    port: int = 0
    carried: list[asyncio.Task] = field(default_factory=list)

    def url(self, trusted: Path) -> str:
        """Name the server as an operator would who trusts this authority only."""
        parts = urlsplit(self.plain)
        login = parts.netloc.rpartition("@")[0]
        place = f"{parts.scheme}s://{login}{'@' if login else ''}{HOST}:{self.port}{parts.path}"
        if parts.scheme == "amqp":
            options = {"ca_certs": str(trusted)}
            return f"{place}?ssl_options={quote(repr(options))}"
        return f"{place}?ssl_ca_certs={quote(str(trusted))}"

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until either side ends it."""
        self.carried.append(asyncio.current_task())
        parts = urlsplit(self.plain)
        server_reader, server_writer = await asyncio.open_connection(parts.hostname, parts.port)
        await asyncio.gather(_pour(reader, server_writer), _pour(server_reader, writer))


@asynccontextmanager
async def tunnel(plain: str, shown: ssl.SSLContext, port: int = 0):
    """Stand before the server at `plain` with this certificate."""
    made = Tunnel(plain)
    async with await asyncio.start_server(made.carry, "127.0.0.1", port, ssl=shown) as server:
        made.port = server.sockets[0].getsockname()[1]
        yield made
        server.close()
        await asyncio.gather(*made.carried, return_exceptions=True)  # some were cut off


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, ssl.SSLError):  # either side may end it as it likes
        while some := await reader.read(65_536):
            writer.write(some)
            await writer.drain()
    with suppress(ConnectionError, ssl.SSLError):
        writer.close()
        await writer.wait_closed()
