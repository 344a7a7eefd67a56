"""A record's byte form, read strictly: a store may be damaged, and whoever signed a root may have signed
nonsense.
"""

from functools import cache
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from ledger.register import KINDS, Key, Record, encode


def decode(kind: str, data: bytes) -> Record:
    """The record of its byte form; ``ValueError`` where it is none of this kind."""
    at, *fields = _form(kind).validate_json(data, strict=True)
    return Record(at, KINDS[kind](*fields))


def read(key: Key, text: str) -> Record:
    """The same; ``ValueError`` also where it is spelt otherwise than ``encode`` does."""
    data = text.encode()
    record = decode(key.kind, data)
    try:
        again = encode(record)
    except TypeError:  # integers that no record has: above 64 bits
        again = b""
    if record.at < 0 or again != data:
        raise ValueError("not the byte form of a record")
    return record


@cache
def _form(kind: str) -> TypeAdapter[Any]:
    """The index and the fields, as one JSON array."""
    hints = get_type_hints(KINDS[kind], include_extras=True)
    form: Any = tuple.__class_getitem__((int, *hints.values()))
    return TypeAdapter(form)
