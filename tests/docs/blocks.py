"""What the named fences of docs/reference hold: values, keys and statements. The rest: blocks_log.py.

A fence is named by its second word: ```` ```text leaves ````. Those in ``BLOCKS`` are made here by the
program itself; ``python`` fences are written by hand, and run by the tests.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from ledger import b64, entry, quantity, statement, strictjson
from ledger.errors import Malformed
from ledger.keys import PublicKey, possession_message
from tests.core import ed25519_reference as curve
from tests.docs import example as ex
from tests.docs.example import example, private_key

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PAGES = [
    REFERENCE / "formats.md",
    *sorted((REFERENCE / "formats").glob("*.md")),
    REFERENCE / "rules.md",
]
FENCE = re.compile(r"^```(\w+)(?: ([\w-]+))?\n(.*?)^```$", re.M | re.S)
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

BLOCKS: dict[str, Callable[[], str]] = {}


def block(make: Callable[[], str]) -> Callable[[], str]:
    """Register the maker of the fence of its own name."""
    BLOCKS[make.__name__.rstrip("_").replace("_", "-")] = make
    return make


def lines(*rows: object) -> str:
    """Each on a line."""
    return "".join(f"{row}\n" for row in rows)


def said(check: Callable[..., object], *inputs: object) -> object:
    """What a parser makes of its input, or its code."""
    try:
        return check(*inputs)
    except Malformed as wrong:
        return wrong.code


# -- values


@block
def strict_json() -> str:
    texts = [
        '{"kg":"17400","n":[0,-1,9007199254740991],"ok":true,"none":null}',
        ' {"a" : 1} ',
        '"\\ud83d\\ude00"',
        "[" * 32 + "]" * 32,
        "[" * 33 + "]" * 33,
        '{"a":1}{}',
        "{'a':1}",
        '{"a":1,"\\u0061":2}',
        '{"__proto__":1}',
        "1.0",
        "1e3",
        "-0",
        "NaN",
        "01",
        "9007199254740992",
        '"\\ud83d"',
    ]

    def of(text: str) -> object:
        found = said(strictjson.loads, text.encode())
        return found if isinstance(found, str) and found.startswith("json.") else "ok"

    return lines(*(f"{of(text)}\t{text}" for text in texts))


@block
def values() -> str:
    parsers = {
        "mass": (
            quantity.parse_kg,
            ["17400", "1.5", "1.500", "0.001", "999999999999.999", "0", "01", ".5", "1,5"],
        ),
        "ratio": (quantity.parse_ratio, ["1.889", "0", "0.000001", "1.0000001", "-1"]),
        "time": (
            quantity.parse_time,
            ["2026-03-02T06:00:00Z", "0001-01-01T00:00:00Z", "2026-02-29T06:00:00Z", "2026-03-02T06:00:60Z"],
        ),
        "instant": (quantity.parse_instant, ["2026-03-02T06:00:00.123Z", "2026-03-02T06:00:00Z"]),
    }
    return lines(
        *(f"{name} {text} {said(parse, text)}" for name, (parse, texts) in parsers.items() for text in texts)
    )


@block
def unseen() -> str:
    ranges: list[list[int]] = []
    for code in range(0x110000):
        if quantity._UNSEEN.match(chr(code)):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    shown = [f"U+{low:04X}" + (f"-U+{high:04X}" if high > low else "") for low, high in ranges]
    return lines(*(" ".join(shown[at : at + 6]) for at in range(0, len(shown), 6)))


@block
def apportion_examples() -> str:
    cases: list[tuple[int, dict[str, int]]] = [
        (10, {"a": 1, "b": 1, "c": 1}),
        (5, {"a": 7, "b": 9}),
        (1, {"a": 1, "b": 1, "c": 1000}),
        (2, {"a": 1, "b": 1, "c": 1, "d": 1}),
        (0, {"a": 3, "b": 0}),
        (999_999_999_999_999, {"mine x": 123_456_789_012_345, "unknown purchase": 1}),
    ]
    return lines(
        *(
            json.dumps(
                [total, list(map(list, weights.items())), quantity.apportion(total, list(weights.items()))]
            )
            for total, weights in cases
        )
    )


# -- keys and signatures


@block
def kid() -> str:
    key = private_key("mine").public
    return lines(json.dumps(key.jwk), key.jwk_text, key.kid)


@block
def example_keys() -> str:
    return lines(*(f"{name} {private_key(name).public.jwk_text}" for name in ex.SEEDS))


@block
def small_order_y() -> str:
    return lines(*sorted({f"{y:064x}" for _, y in curve.torsion()}))


def _vectors() -> Iterator[tuple[str, bytes, bytes | None, bytes]]:
    """(kind, public key, message, signature); without a message where the key itself is refused."""
    message = b"oreline"
    secret = int.from_bytes(hashlib.sha256(b"oreline example: vectors").digest(), "little") % curve.L
    point, nonce = curve.multiply(curve.base(), secret), 7
    good_r = curve.multiply(curve.base(), nonce)
    key, good = curve.sign_with(good_r, nonce, point, secret, message)
    s = int.from_bytes(good[32:], "little")
    yield "Ed25519", key, message, good
    yield "Ed25519", key, message, good[:32] + (s + curve.L).to_bytes(32, "little")
    for small in (curve.IDENTITY, curve.torsion()[1]):
        yield "Ed25519", key, message, curve.sign_with(small, 0, point, secret, message)[1]
    mixed = curve.add(good_r, curve.torsion()[1])
    yield "Ed25519", key, message, curve.sign_with(mixed, nonce, point, secret, message)[1]
    yield "Ed25519", key, message, (curve.P + 3).to_bytes(32, "little") + good[32:]
    for wrong in curve.torsion()[:3]:
        yield "Ed25519", curve.encode(wrong), None, b""
    yield "Ed25519", curve.encode(curve.add(point, curve.torsion()[1])), None, b""
    yield "Ed25519", (curve.P + 1).to_bytes(32, "little"), None, b""
    p256 = private_key("mine")
    raw, found = p256.public.raw, p256.sign(message)
    other = P256_ORDER - int.from_bytes(found[32:], "big")
    yield "P-256", raw, message, found
    yield "P-256", raw, message, found[:32] + other.to_bytes(32, "big")
    yield "P-256", raw, message, bytes(32) + found[32:]
    yield "P-256", raw, message, found[:32] + bytes(32)
    yield "P-256", raw, message, found[:32] + P256_ORDER.to_bytes(32, "big")
    yield "P-256", raw[:-1] + bytes([raw[-1] ^ 1]), None, b""


def public_key(kind: str, raw: bytes) -> PublicKey:
    """The key of its octets; ``Malformed`` where it is none."""
    if kind == "Ed25519":
        return PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": b64.encode(raw)})
    x, y = b64.encode(raw[1:33]), b64.encode(raw[33:])
    return PublicKey.from_jwk({"kty": "EC", "crv": "P-256", "x": x, "y": y})


@block
def signatures() -> str:
    rows = []
    for kind, raw, message, signature in _vectors():
        if message is None:
            assert said(public_key, kind, raw) == "key.point"
            rows.append(f"no {kind} {raw.hex()} - -")
        else:
            verdict = "ok" if public_key(kind, raw).verify(signature, message) else "no"
            rows.append(f"{verdict} {kind} {raw.hex()} {message.hex()} {signature.hex()}")
    return lines(*rows)


# -- statements


def of_entry(index: int) -> statement.Statement:
    """The statement of an entry of the example."""
    return statement.parse(entry.decode(example().entries[index]).statement)


@block
def header() -> str:
    return lines(b64.decode(of_entry(4).text.split(".")[0]).decode())


@block
def payload() -> str:
    return lines(of_entry(4).payload.decode())


@block
def statement_() -> str:
    return lines(of_entry(4).text)


@block
def digest() -> str:
    return lines(of_entry(4).digest)


@block
def possession() -> str:
    return possession_message(ex.LEDGER, ex.MINE, private_key("mine").public.kid).decode()


@block
def possession_proof() -> str:
    return lines(json.loads(of_entry(2).payload)["proof"])
