"""Ed25519 by the textbook (RFC 8032 section 5.1), to build what libraries never make."""

import hashlib
from typing import TypeAlias

Point: TypeAlias = tuple[int, int]

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
IDENTITY: Point = (0, 1)


def add(a: Point, b: Point) -> Point:
    (x1, y1), (x2, y2) = a, b
    k = D * x1 * x2 * y1 * y2
    return (x1 * y2 + x2 * y1) * pow(1 + k, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P


def multiply(point: Point, scalar: int) -> Point:
    result = IDENTITY
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point, scalar = add(point, point), scalar >> 1
    return result


def encode(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def decode(data: bytes) -> Point | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P:
        return None
    return (P - x if x & 1 != sign else x), y


def torsion() -> list[Point]:
    """The eight points of small order, multiples of one of order 8."""
    for y in range(2, 100):
        point = decode(y.to_bytes(32, "little"))
        generator = multiply(point, L) if point else IDENTITY
        if multiply(generator, 4) != IDENTITY:
            return [multiply(generator, k) for k in range(8)]
    raise AssertionError


def base() -> Point:
    point = decode(bytes.fromhex("58" + "66" * 31))
    assert point
    return point


def sign_with(r_point: Point, r: int, a_point: Point, a: int, message: bytes) -> tuple[bytes, bytes]:
    """(public key, signature) with any R and A: S = r + H(R, A, message)·a."""
    key, nonce = encode(a_point), encode(r_point)
    h = int.from_bytes(hashlib.sha512(nonce + key + message).digest(), "little")
    return key, nonce + ((r + h * a) % L).to_bytes(32, "little")
