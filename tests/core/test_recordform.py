"""Records in their byte form: what is of no record is none, also deep in the fields that an event keeps."""

import pytest

from ledger.recordform import decode, read
from ledger.register import Event, Key, Record, encode

EVENT = Event("ship", "d", 7, "k", ("l",), (("l", 1),), (("hold", "l", ("p", 2**63 - 1, ("s", ()))),), ())


def test_an_event_comes_back_with_the_fields_it_replaced() -> None:
    data = encode(Record(3, EVENT))
    assert decode("event", data) == read(Key("event", "e"), data.decode()) == Record(3, EVENT)


@pytest.mark.parametrize(
    "field", [str(2**63), str(-(2**63)), str(2**70), "1.5", "null", '{"a":1}', "[[1e3]]"]
)
def test_a_field_that_no_record_has_is_refused(field: str) -> None:
    text = encode(Record(3, EVENT)).decode().replace(str(2**63 - 1), field)
    with pytest.raises(ValueError):
        read(Key("event", "e"), text)


def test_an_integer_is_below_2_63_in_magnitude() -> None:
    key = Key("month", "s smelting 2026-03")
    for grams in (1 - 2**63, 2**63 - 1):
        assert read(key, f"[3,{grams},0]").value.into == grams
    for grams in (-(2**63), 2**63):
        with pytest.raises(ValueError):
            read(key, f"[3,{grams},0]")
