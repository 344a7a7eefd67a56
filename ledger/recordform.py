"""A record's byte form, read strictly: a store may be damaged, and whoever signed a root may have signed
nonsense.
"""

from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, Field, TypeAdapter

from ledger.register import KINDS, Key, Record, encode

_INT = Annotated[int, Field(gt=-(2**63), lt=2**63)]  # below 2^63 in magnitude


def _field(value: Any) -> Any:
    """A field of a record that is of any kind, as the ``undo`` of an event holds them."""
    if isinstance(value, list):
        return tuple(map(_field, value))
    if isinstance(value, str) or (isinstance(value, int) and abs(value) < 2**63):
        return value
    raise ValueError("no field of a record")


_ANY = Annotated[Any, AfterValidator(_field)]


def decode(kind: str, data: bytes) -> Record:
    """The record of its byte form; ``ValueError`` where it is none of this kind."""
    at, *fields = _form(kind).validate_json(data, strict=True)
    return Record(at, KINDS[kind](*fields))


def read(key: Key, text: str) -> Record:
    """The same; ``ValueError`` also where it is spelt otherwise than ``encode`` does."""
    data = text.encode()
    record = decode(key.kind, data)
    if record.at < 0 or encode(record) != data:
        raise ValueError("not the byte form of a record")
    return record


@cache
def _form(kind: str) -> TypeAdapter[Any]:
    """The index and the fields, as one JSON array."""
    hints = get_type_hints(KINDS[kind])
    form: Any = tuple.__class_getitem__(tuple(map(_strict, (int, *hints.values()))))
    return TypeAdapter(form)


def _strict(hint: Any) -> Any:
    """The type of a field, its integers of 64 bits. ``Any`` is a field of whatever kind."""
    if get_origin(hint) is tuple:
        return tuple.__class_getitem__(tuple(map(_strict, get_args(hint))))
    if hint is Any:
        return _ANY
    return _INT if hint is int else hint
