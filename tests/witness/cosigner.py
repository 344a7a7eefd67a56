"""A C2SP tlog-witness for tests, written from the specification: nothing of Oreline is imported.

It is honest unless ``behave`` is set: that gets a request's body and gives status and body of the answer,
or None to hang up. ``Cosigner.honest`` is what an honest one would answer, to be changed on the way.
"""

import base64
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Answer = tuple[int, bytes]
CLOCK = 1_772_430_000  # seconds since the epoch: when they cosign


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def both_roots(old: int, new: int, old_root: bytes, proof: list[bytes], whole: bool = True) -> list[bytes]:
    """The two roots of a consistency proof (RFC 6962, 2.1.2), which is used up from its end."""
    if old == new:
        found = old_root if whole else proof.pop()
        return [found, found]
    left = 1 << (new - 1).bit_length() - 1
    beside = proof.pop()
    if old <= left:
        first, second = both_roots(old, left, old_root, proof, whole)
        return [first, node(second, beside)]
    first, second = both_roots(old - left, new - left, old_root, proof, False)
    return [node(beside, first), node(beside, second)]


class Cosigner:
    """One witness, for one log whatever its name; it does not look at the log's signature."""

    def __init__(self, name: str, url: str = "") -> None:
        self.name = name
        self.url = url
        self.clock = CLOCK
        self.size = 0
        self.root = b""
        self.requests: list[bytes] = []
        self.behave: Callable[[bytes], Answer | None] | None = None
        self._lock = threading.Lock()
        self._key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())

    @property
    def vkey(self) -> str:
        """Its key as policies have it: type 4, an Ed25519 cosignature."""
        return f"{self.name}+{self._id().hex()}+{base64.b64encode(self._public()).decode()}"

    def answer(self, body: bytes) -> Answer | None:
        """What it says to a request."""
        self.requests.append(body)
        return self.honest(body) if self.behave is None else self.behave(body)

    def honest(self, body: bytes) -> Answer:
        """Check and cosign, one request at a time."""
        with self._lock:
            return self._checked(body)

    def _checked(self, body: bytes) -> Answer:
        head, _, checkpoint = body.decode().partition("\n\n")
        text = checkpoint.rpartition("\n\n")[0] + "\n"
        stated, *proof = head.split("\n")
        old = int(stated.removeprefix("old "))
        size, root = int(text.split("\n")[1]), base64.b64decode(text.split("\n")[2])
        if old > size:
            return 400, b""
        if old != self.size:
            return 409, b"%d\n" % self.size
        hashes = [base64.b64decode(line, validate=True) for line in proof]
        if old and (both_roots(old, size, self.root, hashes) != [self.root, root] or hashes):
            return 422, b"the roots differ"
        if not old and hashes:
            return 422, b"there is nothing to prove"
        self.size, self.root = size, root
        return 200, self.cosign(text)

    def cosign(self, text: str) -> bytes:
        """Its cosignature line under a note's text."""
        signature = self._key.sign(f"cosignature/v1\ntime {self.clock}\n{text}".encode())
        data = base64.b64encode(self._id() + self.clock.to_bytes(8, "big") + signature).decode()
        return f"— {self.name} {data}\n".encode()

    def _public(self) -> bytes:
        return b"\x04" + self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def _id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + self._public()).digest()[:4]


@contextmanager
def serving(*names: str) -> Iterator[list[Cosigner]]:
    """Witnesses of these names, each at a path of its own on one real server."""
    witnesses = {f"/{n}/add-checkpoint": Cosigner(name) for n, name in enumerate(names)}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found = witnesses[self.path].answer(body)
            if found is None:
                self.close_connection = True
                return
            self.send_response(found[0])
            if found[0] == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(found[1])

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Who hangs up is no error here."""

    with Server(("127.0.0.1", 0), Handler) as server:
        for path, witness in witnesses.items():
            witness.url = f"http://127.0.0.1:{server.server_port}{path.removesuffix('/add-checkpoint')}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield list(witnesses.values())
        finally:
            server.shutdown()
            thread.join()


def policy(witnesses: list[Cosigner], threshold: str = "all") -> str:
    """The text of a ``witnesses.policy`` with a quorum of them."""
    lines = [f"witness w{n} {witness.vkey} {witness.url}" for n, witness in enumerate(witnesses)]
    members = " ".join(f"w{n}" for n in range(len(witnesses)))
    return "".join(f"{line}\n" for line in [*lines, f"group g {threshold} {members}", "quorum g"])
