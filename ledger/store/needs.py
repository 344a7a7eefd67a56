"""Needs as bytes: an entry's needed indices, packed small.

Counted backwards from the entry itself, nearest first, each as its distance from the one before
(so 1 or more), each distance as unsigned LEB128: seven bits a byte, lowest first, the top bit set
on all but the last. Entry 300 that needs 2, 298 and 299 packs as distances 1, 1, 296: ``01 01 a8 02``.
"""

from collections.abc import Sequence


def pack(index: int, needs: Sequence[int]) -> bytes:
    """The bytes of the ascending ``needs`` of entry ``index``."""
    packed = bytearray()
    for need in reversed(needs):
        distance = index - need
        assert distance > 0, (index, needs)
        index = need
        while distance > 0x7F:
            packed.append(distance & 0x7F | 0x80)
            distance >>= 7
        packed.append(distance)
    return bytes(packed)


def unpack(index: int, packed: bytes) -> tuple[int, ...]:
    """The needs that these bytes say; ValueError if no ``pack`` made them."""
    needs = []
    distance = shift = 0
    for byte in packed:
        distance |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            index -= distance
            if distance == 0 or index < 0:
                raise ValueError("a need out of place")
            needs.append(index)
            distance = shift = 0
    if shift:
        raise ValueError("needs cut short")
    return tuple(reversed(needs))
