"""The event models agree with the ledger's other readers of the same text, and with the JSON schema."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from ledger import events, quantity
from ledger.errors import Malformed
from ledger.events import EVENT_TYPES, common
from tests.core.examples import changed, example, found, places

TYPES = list(EVENT_TYPES)


def accepts(type: Any, text: str) -> bool:
    try:
        TypeAdapter(type).validate_python(text)
    except ValidationError:
        return False
    return True


def reads(parse: Any, text: str) -> bool:
    try:
        parse(text)
    except Malformed:
        return False
    return True


DIGITS = st.text("0123456789.", max_size=17)
SPELT = st.from_regex(r"[0-9]{1,13}(\.[0-9]{1,4})?", fullmatch=True)


@given(DIGITS | SPELT | st.sampled_from(["0", "0.0", "0.000", "0.001", "00", "1.", ".1", "1\n", "٣", "0.10"]))
def test_masses_are_those_of_quantity(text: str) -> None:
    assert accepts(common.Mass, text) == reads(quantity.parse_kg, text)


DATES = st.builds("{:04}-{:02}-{:02}".format, st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32))
FEBRUARY = st.builds(
    "{:04}-02-{:02}".format,
    st.integers(0, 9999) | st.integers(0, 99).map(lambda c: c * 100),
    st.integers(28, 30),
)
CLOCK = st.sampled_from(
    ["T00:00:00Z", "T23:59:59Z", "T24:00:00Z", "T12:60:00Z", "T12:00:60Z", "T1:00:00Z", "T12:00:00Z\n"]
)


@given(DATES | FEBRUARY, CLOCK)
def test_times_are_those_of_quantity(day: str, clock: str) -> None:
    assert accepts(common.Time, day + clock) == reads(quantity.parse_time, day + clock)


@given(DATES | FEBRUARY)
def test_days_of_periods_are_real(day: str) -> None:
    def real() -> bool:
        try:
            date.fromisoformat(day)
        except ValueError:
            return False
        return True

    assert accepts(common.Period, f"{day}/{day}") == real()


@given(
    st.text(max_size=12)
    | st.builds("{}:{}".format, st.text("abz09+.-AZ_", max_size=4), st.text(max_size=4))
    | st.builds("urn:{}".format, st.characters(max_codepoint=300))
    | st.integers(250, 260).map(lambda n: "urn:" + "a" * (n - 4))
)
def test_ids_are_those_of_quantity(text: str) -> None:
    assert accepts(common.Id, text) == reads(quantity.check_id, text)


@given(st.characters())
def test_text_shows_what_names_show(character: str) -> None:
    text = f"a{character}a"
    unseen = quantity._UNSEEN.search(text) is not None
    assert accepts(common.Text, text) == (not unseen)


SCHEMA = events.json_schema()
JUDGE = jsonschema_rs.Draft202012Validator(SCHEMA)


def test_the_schema_is_one() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema_rs.meta.validate(SCHEMA)
    assert {ref["$ref"].rsplit("/", 1)[1] for ref in SCHEMA["oneOf"]} == {
        one.__name__ for one in EVENT_TYPES.values()
    }
    assert '"default": null' not in json.dumps(SCHEMA)


@pytest.mark.parametrize("type", TYPES)
def test_the_schema_agrees_with_the_models(type: str) -> None:
    whole = example(type)
    JUDGE.validate(whole)
    for path in places(whole):
        for new in (None, 15, "", "\u202e", []):
            data = changed(whole, path, new)
            if JUDGE.is_valid(data):
                assert [
                    code for code, _ in found(data) if not code.startswith(("key.", "value.", "catalogue."))
                ] == [], (path, new)
            else:
                assert found(data), (path, new)


def test_every_model_is_strict_and_frozen() -> None:
    def models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
        yield base
        for below in base.__subclasses__():
            yield from models(below)

    names = {one.__name__ for one in models(common.Model)}
    assert {"Line", "Output", "Transform", "Catalogue", "Geo"} <= names
    for one in models(common.Model):
        assert one.model_config.items() >= {"strict": True, "frozen": True, "extra": "forbid"}.items()
