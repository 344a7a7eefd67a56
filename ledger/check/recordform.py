"""A record's byte form, read strictly: whoever signed a root may have signed nonsense."""

from functools import cache
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from ledger.register import KINDS, Key, Record, encode


def read(key: Key, text: str) -> Record:
    """The record of its byte form; ``ValueError`` where it is none of this kind, or is spelt otherwise."""
    at, *fields = _form(key.kind).validate_json(text, strict=True)
    record = Record(at, KINDS[key.kind](*fields))
    try:
        again = encode(record)
    except TypeError:  # integers that no record has: above 64 bits
        again = b""
    if at < 0 or again != text.encode():
        raise ValueError("not the byte form of a record")
    return record


@cache
def _form(kind: str) -> TypeAdapter[Any]:
    """The index and the fields, as one JSON array."""
    form: Any = tuple.__class_getitem__((int, *get_type_hints(KINDS[kind]).values()))
    return TypeAdapter(form)
