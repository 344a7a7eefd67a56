"""The log's side of C2SP tlog-witness: ask a witness for its cosignature of a checkpoint.

POST <url>/add-checkpoint             200  signature lines: the cosignatures
old <size it cosigned last>           409  <size>: that is what it cosigned last
<base64 hash> …                            anything else: it does not cosign, and the body may say why
(empty line)
<the checkpoint>
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import orjson

from ledger import b64, note
from ledger.errors import Malformed
from ledger.exchange import exchange
from ledger.note import Verifier

ATTEMPTS = 3  # the witness's size may be unknown, and another process of the log be asking, too
MAX_ANSWER = 64 * 1024  # octets: room for a dozen cosignatures of ML-DSA-44
MAX_REASON = 200  # characters of what a witness says that are told

Prove = Callable[[int, int], list[bytes]]

_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n", re.A)
_HEADERS = {"Content-Type": "text/plain; charset=utf-8"}
_MEANINGS = {
    400: "it takes the request for malformed",
    403: "it does not trust the log's key",
    404: "it does not know this log",
    422: "it refuses this checkpoint",
}


class Answer(NamedTuple):
    """``lines``: verified cosignature lines, newline included, by key. ``old``: the size to prove from next
    time, None where nothing was learned. ``reason``: why a key's line is lacking, "" if none is."""

    lines: Mapping[Verifier, str]
    old: int | None
    reason: str


def request_body(checkpoint: str, old: int, proof: Iterable[bytes]) -> bytes:
    """The body of an add-checkpoint request."""
    lines = [f"old {old}", *map(b64.encode_std, proof), "", checkpoint]
    return "\n".join(lines).encode()


def add_checkpoint(
    url: str, checkpoint: str, keys: Iterable[Verifier], old: int, prove: Prove, seconds: float
) -> Answer:
    """What the witness at ``url`` says to a signed checkpoint; cosignatures by ``keys`` count.

    ``old``: the size that it is believed to have cosigned last. Where it states another one, it is asked
    again from there. ``EnvironmentFault`` where it cannot be reached, or the proof not be made.
    """
    size = note.checkpoint_of(checkpoint).size
    old = min(old, size)
    for _ in range(ATTEMPTS):
        status, data = _ask(url, checkpoint, old, size, prove, seconds)
        stated = _stated(status, data)
        if stated is None or stated == old or stated > size:
            break
        old = stated
    if stated is not None:
        return Answer({}, min(stated, size), _conflict(stated, size))
    if status != 200:
        return Answer({}, None, _refusal(status, data))
    keys = tuple(keys)
    lines = cosignatures(checkpoint, data, keys)
    lacking = [key.name for key in keys if key not in lines]
    reason = f"its answer holds no cosignature by the key of {lacking[0]}" if lacking else ""
    return Answer(lines, size if lines else None, reason)


def _ask(url: str, checkpoint: str, old: int, size: int, prove: Prove, seconds: float) -> tuple[int, bytes]:
    body = request_body(checkpoint, old, prove(old, size) if 0 < old < size else ())
    target = f"{url.rstrip('/')}/add-checkpoint"
    return exchange(target, body, _HEADERS, seconds=seconds, most=MAX_ANSWER)


def _stated(status: int, data: bytes) -> int | None:
    """The size in an answer that states one."""
    found = _SIZE.fullmatch(data) if status == 409 else None
    return int(found[1]) if found else None


def cosignatures(checkpoint: str, data: bytes, keys: Iterable[Verifier]) -> dict[Verifier, str]:
    """The lines among ``data`` that are cosignatures of the checkpoint by ``keys``, the first of each key;
    everything else is ignored."""
    text = note.split(checkpoint)[0]
    found: dict[Verifier, str] = {}
    known = tuple(keys)
    for line in data.decode("utf-8", "replace").split("\n")[: note.MAX_SIGNATURES]:
        try:
            opened = note.open_note(f"{text}\n{line}\n", known)
        except Malformed:
            continue
        found.setdefault(opened.signatures[0].verifier, f"{line}\n")
    return found


def _conflict(stated: int, size: int) -> str:
    if stated > size:
        return f"it has cosigned {stated} entries, and is asked for {size}"
    if stated == size:
        return f"it has cosigned another checkpoint of {size} entries"
    return f"it asks for a proof from {stated} entries, and does not take it"


def _refusal(status: int, data: bytes) -> str:
    text = "".join(c if c.isprintable() else " " for c in _said(data)[:MAX_REASON])
    meaning = _MEANINGS.get(status, "it does not cosign")
    return f"{meaning} (status {status}{': ' + text if (text := text.strip()) else ''})"


def _said(data: bytes) -> str:
    """What an answer says in words: of a problem (RFC 9457) its detail, else all of it."""
    try:
        return str(orjson.loads(data)["detail"])
    except (ValueError, TypeError, KeyError, IndexError):
        return data.decode("utf-8", "replace")
