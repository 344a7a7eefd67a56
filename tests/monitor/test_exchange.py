"""What an answer may cost: who sends an octet now and then keeps nobody, and no answer is too long."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ledger.errors import EnvironmentFault
from ledger.exchange import exchange
from ledger.monitoring.source import HttpSource
from ledger.tiles import FULL_TILE, WIDTH

SECONDS = 0.3
PATIENCE = 20.0  # far more than any answer below may take

Peer = Callable[[socket.socket], None]


@contextmanager
def answering(peer: Peer, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """The URL of a server that treats its one connection as ``peer`` does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def run() -> None:
            connection, _ = listening.accept()
            with suppress(OSError), connection:
                wrapped = context.wrap_socket(connection, server_side=True) if context else connection
                wrapped.recv(65_536)
                peer(wrapped)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"{'https' if context else 'http'}://127.0.0.1:{listening.getsockname()[1]}/x"
        thread.join(PATIENCE)
        assert not thread.is_alive(), "it was still listened to"


def dripping(begin: bytes, octets: bytes) -> Peer:
    """Begins an answer, and goes on with it for as long as anybody listens."""

    def peer(connection: socket.socket) -> None:
        connection.sendall(begin)
        gone = threading.Event()
        while True:
            connection.sendall(octets)
            gone.wait(SECONDS / 10)

    return peer


def saying(answer: bytes) -> Peer:
    return lambda connection: connection.sendall(answer)


def fault(url: str, most: int = 1_000) -> str:
    with pytest.raises(EnvironmentFault) as caught:
        exchange(url, seconds=SECONDS, most=most)
    assert caught.value.code == "network.unreachable"
    return caught.value.detail


@pytest.mark.parametrize(
    ("begin", "octets"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 ", b"2"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
    ],
)
def test_who_drips_gains_no_time(begin: bytes, octets: bytes) -> None:
    with answering(dripping(begin, octets)) as url:
        assert "timed out" in fault(url)


def test_a_long_answer_is_not_read_to_its_end() -> None:
    with answering(dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10_000)) as url:
        assert "longer than 1,000" in fault(url)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff\xfejunk\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_answer(answer: bytes) -> None:
    with answering(saying(answer)) as url:
        fault(url)


def test_a_tile_has_its_hashes_and_no_more() -> None:
    tile = b"x" * FULL_TILE
    with answering(saying(b"HTTP/1.1 200 OK\r\n\r\n" + tile)) as url:
        assert HttpSource(url).tile(0, 0, WIDTH) == tile
    with answering(saying(b"HTTP/1.1 200 OK\r\n\r\nx" + tile)) as url:
        with pytest.raises(EnvironmentFault, match=f"longer than {FULL_TILE:,}") as caught:
            HttpSource(url).tile(0, 0, WIDTH)
        assert caught.value.code == "network.unreachable"


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    with answering(saying(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n")) as url:
        assert exchange(url, b"", seconds=PATIENCE, most=9) == (302, b"")


def test_an_encrypted_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    with answering(saying(b"HTTP/1.1 200 OK\r\n\r\ngood"), context) as url:
        fault(url)  # nobody vouches for it
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path)))
    context.load_cert_chain(tmp_path / "pem")
    with answering(saying(b"HTTP/1.1 200 OK\r\n\r\ngood"), context) as url:
        assert exchange(url, seconds=PATIENCE, most=9) == (200, b"good")
    with answering(dripping(b"HTTP/1.1 200 OK\r\nX: ", b"x"), context) as url:
        assert "timed out" in fault(url)


def certificate(folder: Path) -> Path:
    """A key and the certificate of 127.0.0.1 that it signs itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=36_500))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
