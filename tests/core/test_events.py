"""The event models: strict, complete, and plain about what is wrong and where."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from ledger import events, quantity
from ledger.codes import CODES
from ledger.errors import Malformed
from ledger.events import EVENT_TYPES
from ledger.events.registry import brought
from tests.core.examples import changed, example, examples, found, payload, places

TYPES = list(EVENT_TYPES)
MAPS = ("refs", "identifiers", "marks", "materials", "processes", "additions")


def shown(path: tuple[Any, ...]) -> str:
    def step(part: Any) -> str:
        if isinstance(part, int):
            return f"[{part}]"
        return f".{part}" if part.isidentifier() else f"[{json.dumps(part)}]"

    return "$" + "".join(map(step, path))


@pytest.mark.parametrize("type", TYPES)
def test_every_type_has_a_complete_example(type: str) -> None:
    event = events.parse(payload(type))
    assert event.type == type
    assert isinstance(event, EVENT_TYPES[type])
    assert event.model_dump(by_alias=True, exclude_unset=True, mode="json") == examples()[type]
    assert events.errors(payload(type)) == []


@pytest.mark.parametrize("type", TYPES)
def test_no_value_may_be_null_and_no_object_may_hold_more(type: str) -> None:
    whole = example(type)
    objects: list[tuple[Any, ...]] = [()]
    for path in places(whole):
        if path[0] != "ext":
            assert shown(path) in [at for _, at in found(changed(whole, path, None))], path
            assert found(changed(whole, path, [[]])), path
        at = whole
        for step in path:
            at = at[step]
        if isinstance(at, dict):
            objects.append(path)
    for path in objects:
        if path and (path[-1] in ("jwk", "recovery_key", "operator_key") or "registrar_keys" in path):
            expected = ("key.member", shown(path))
        else:
            expected = ("event.unknown", shown((*path, "Not A Member")))
        problems = found(changed(whole, (*path, "Not A Member"), "x"))
        if path and path[-1] in MAPS:  # any name that is a word may stand in a map; this one is none
            expected = ("event.value", shown((*path, "Not A Member")))
        if path and path[-1] == "sources":  # a map whose names are the kinds of source
            expected = ("event.choice", expected[1])
        assert expected in problems, path


@pytest.mark.parametrize("type", TYPES)
def test_every_required_member_is_missed(type: str) -> None:
    for name, field in EVENT_TYPES[type].model_fields.items():
        if field.is_required():
            assert found(example(type, **{name: None}))[0] == ("event.missing", f"$.{field.alias or name}")


def test_ext_is_free() -> None:
    event = events.parse(payload("count", ext={"A B": [None, True, {"x": 1}]}))
    assert event.ext == {"A B": [None, True, {"x": 1}]}


def test_an_event_is_frozen_and_lists_are_tuples() -> None:
    event = events.parse(payload("transform"))
    with pytest.raises(ValidationError):
        event.id = "urn:x:y"
    assert isinstance(event, events.Transform)
    assert isinstance(event.inputs, tuple)


def test_masses_and_times_as_integers() -> None:
    event = events.parse(payload("transform"))
    assert isinstance(event, events.Transform)
    assert event.inputs[0].grams == 40_000_000
    assert event.additions is not None
    assert event.additions[0].grams == 120_500
    assert event.at == quantity.parse_time("2026-03-02T06:00:00Z")
    assert event.start == quantity.parse_time("2026-03-02T01:30:00Z")
    assert events.parse(payload("transform", from_=None)).start == event.at


def test_defaults() -> None:
    event = events.parse(payload("transform", energy=None, emissions=None, additions=None, unit=None))
    assert isinstance(event, events.Transform)
    last = event.outputs[-1]
    assert (event.additions, event.unit, last.item, last.pieces, last.marks, event.refs) == (
        None,
        None,
        False,
        None,
        {},
        {},
    )
    assert event.outputs[1].role == "product"
    shipped = events.parse(payload("ship", title=None))
    assert isinstance(shipped, events.Ship)
    assert (shipped.title, shipped.lines[0].as_, shipped.lines[1].as_) == (
        None,
        None,
        "urn:oreline:alma:slab:20417-2a",
    )


def test_names_of_events() -> None:
    event = events.parse(payload("receive"))
    assert isinstance(event, events.Receive)
    assert event.of.name == "https://smelter.example/ urn:oreline:alma:delivery:80012"


@pytest.mark.parametrize(
    ("data", "code", "path"),
    [
        (b"[]", "event.object", "$"),
        (b'"event"', "event.object", "$"),
        (b"{}", "event.missing", "$.type"),
        (b'{"type":"Ship"}', "event.type", "$.type"),
        (b'{"type":["ship"]}', "event.type", "$.type"),
        (b'{"type":null}', "event.type", "$.type"),
        (b'{"type":"ship","type":"ship"}', None, None),
        (b"{", None, None),
    ],
)
def test_what_is_no_event(data: bytes, code: str | None, path: str | None) -> None:
    with pytest.raises(Malformed) as raised:
        events.parse(data)
    (one,) = events.errors(data)
    assert (one.code, one.path, one.detail) == (raised.value.code, raised.value.path, raised.value.detail)
    assert one.code.startswith("json.") if code is None else (one.code, one.path) == (code, path)
    assert one.remedy == CODES[one.code].remedy


def test_no_more_errors_than_anyone_reads() -> None:
    """A stranger needs no key to send nonsense: the answer must not be a hundred times as long."""
    data = payload("ship", **{f"x{n}": 0 for n in range(4_000)})
    assert len(events.errors(data)) == 20


def test_all_errors_at_once_and_parse_raises_the_first() -> None:
    data = payload(
        "ship",
        lines=[{"lot": "urn:a:1", "kg": 5}, {"lot": "no id", "kg": "1,5", "As": "urn:a:2"}],
        title="maybe",
        to=None,
    )
    problems = events.errors(data)
    assert [(one.code, one.path) for one in problems] == [
        ("event.value", "$.lines[0].kg"),
        ("event.value", "$.lines[1].lot"),
        ("event.value", "$.lines[1].kg"),
        ("event.unknown", "$.lines[1].As"),
        ("event.missing", "$.to"),
        ("event.choice", "$.title"),
    ]
    assert problems[0].detail == (
        'must be a mass in kilograms such as "1250.5": text, above zero, at most 3 decimals; found 5'
    )
    assert problems[-1].detail == "must be 'passes' or 'stays'; found \"maybe\""
    with pytest.raises(Malformed) as raised:
        events.parse(data)
    assert (raised.value.code, raised.value.path) == ("event.value", "$.lines[0].kg")


LINE = {"lot": "urn:a:1", "kg": "1"}
OTHER = {"lot": "urn:a:2", "kg": "1"}
MADE = {**LINE, "material": "dross"}
GAS = {"scope": 1, "gas": "CO2", "kg": "0"}
FLUX = {"material": "flux", "kg": "1"}
TICKET = {"ticket": "1", "gross": "10", "tare": "9.999"}
ZERO = {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}


@pytest.mark.parametrize(
    ("type", "member", "value", "code", "inside"),
    [
        ("transform", "inputs", [], "event.size", ""),
        ("transform", "inputs", {}, "event.value", ""),
        ("transform", "inputs", [1], "event.value", "[0]"),
        ("transform", "inputs", [LINE, LINE], "event.lot_twice", "[1].lot"),
        ("transform", "outputs", [MADE, MADE], "event.lot_twice", "[1].lot"),
        ("transform", "outputs", [{**MADE, "pieces": 0}], "event.value", "[0].pieces"),
        ("transform", "outputs", [{**MADE, "pieces": 1}], None, ""),
        ("transform", "outputs", [{**MADE, "pieces": 1_000_001}], "event.value", "[0].pieces"),
        ("transform", "outputs", [{**MADE, "pieces": True}], "event.value", "[0].pieces"),
        ("transform", "outputs", [{**MADE, "item": 1}], "event.value", "[0].item"),
        ("transform", "outputs", [{**MADE, "marks": []}], "event.value", "[0].marks"),
        ("transform", "outputs", [{**MADE, "marks": {"a b": "1"}}], "event.value", '[0].marks["a b"]'),
        ("transform", "outputs", [{**MADE, "role": "loss"}], "event.choice", "[0].role"),
        ("transform", "energy", [], "event.size", ""),
        ("transform", "emissions", [GAS], None, ""),
        ("transform", "emissions", [{**GAS, "scope": "1"}], "event.value", "[0].scope"),
        ("transform", "emissions", [{**GAS, "scope": True}], "event.value", "[0].scope"),
        ("transform", "emissions", [{**GAS, "scope": 4}], "event.value", "[0].scope"),
        ("transform", "emissions", [{**GAS, "period": "2026-02-01/2026-01-31"}], "event.order", "[0].period"),
        ("transform", "additions", [FLUX, {**FLUX, "kg": "2"}], "event.twice", "[1].material"),
        ("ship", "lines", [LINE, {**LINE, "as": "urn:a:2"}], "event.lot_twice", "[1].lot"),
        ("ship", "lines", [{**LINE, "as": "urn:a:1"}], "event.lot_twice", "[0].as"),
        ("ship", "lines", [{**LINE, "as": "urn:a:2"}, OTHER], "event.lot_twice", "[0].as"),
        (
            "ship",
            "lines",
            [{**LINE, "as": "urn:a:3"}, {**OTHER, "as": "urn:a:3"}],
            "event.lot_twice",
            "[1].as",
        ),
        ("ship", "lines", [{"lot": f"urn:a:{i}", "kg": "1"} for i in range(1000)], None, ""),
        ("ship", "lines", [{"lot": f"urn:a:{i}", "kg": "1"} for i in range(1001)], "event.size", ""),
        ("ship", "refs", {f"r{i}": "x" for i in range(101)}, "event.size", ""),
        ("receive", "weighing", TICKET, None, ""),
        ("receive", "weighing", {**TICKET, "tare": "10"}, "event.order", ""),
        ("receive", "weighing", {"ticket": "1", "gross": "10"}, None, ""),
        ("receive", "weighing", {"ticket": "1", "tare": "10"}, None, ""),
        ("attest", "subject", {"party": "urn:a:b", "id": "urn:a:c"}, None, ""),
        ("attest", "subject", {"party": "urn:a:b"}, "event.missing", ".id"),
        ("attest", "subject", "x", "event.value", ""),
        ("attest", "subject", 1, "event.value", ""),
        ("party", "prefixes", [], None, ""),
        ("party", "prefixes", ["urn:a:", "urn:b:", "urn:a:"], "event.twice", "[2]"),
        ("party", "roles", [], "event.size", ""),
        ("party", "name", "a\u202eb", "value.name", ""),
        ("party", "name", "e\u0301", "value.name", ""),
        ("party", "name", "", "event.value", ""),
        ("site", "gln", "4012345000008", "event.value", ""),
        ("site", "gln", "401234500000", "event.value", ""),
        ("site", "geo", {"lat": "-90.0", "lon": "180.000000"}, None, ""),
        ("site", "geo", {"lat": "90.1", "lon": "0"}, "event.value", ".lat"),
        ("site", "geo", {"lat": "0", "lon": "180.1"}, "event.value", ".lon"),
        ("key", "proof", "A" * 85 + "B", "event.value", ""),
        ("key", "sites", [], "event.size", ""),
        ("key", "jwk", "x", "event.value", ""),
        ("key", "jwk", ZERO, "key.point", ".x"),
        ("revoke_key", "kid", "A" * 42 + "B", "event.value", ""),
        ("correct", "reason", "a\nb", "event.value", ""),
        ("correct", "reason", "x" * 500, None, ""),
        ("correct", "reason", "x" * 501, "event.value", ""),
        ("count", "ledger", "a+b", "event.value", ""),
        ("source", "moisture", "1.000000", None, ""),
        ("source", "moisture", "1.000001", "event.value", ""),
        ("charter", "rules", 0, "event.value", ""),
        ("charter", "rules", "1", "event.value", ""),
        ("charter", "registrar_keys", [], "event.size", ""),
        ("amend", "rules", 2, None, ""),
    ],
)
def test_form(type: str, member: str, value: Any, code: str | None, inside: str) -> None:
    expected = [(code, f"$.{member}{inside}")] if code else []
    assert found(example(type, **{member: value})) == expected


def test_the_keys_that_an_event_brings() -> None:
    charter = example("charter")
    jwks = [*charter["registrar_keys"], charter["recovery_key"], charter["operator_key"]]
    assert [key.jwk for key in brought(events.parse(payload("charter")))] == jwks
    assert list(brought(events.parse(payload("amend")))) == []
    assert [key.jwk for key in brought(events.parse(payload("amend", recovery_key=jwks[1])))] == [jwks[1]]
    assert [key.jwk for key in brought(events.parse(payload("key")))] == [example("key")["jwk"]]
    assert list(brought(events.parse(payload("count")))) == []


def test_an_amendment_changes_something() -> None:
    assert found(example("amend", name=None)) == [("event.empty", "$")]
    assert found(example("amend", name=None, rules=2)) == []


def test_registrar_keys_differ_and_are_at_most_eight() -> None:
    charter = example("charter")
    key = charter["registrar_keys"][0]
    charter["registrar_keys"] = [charter["recovery_key"], key, {**key, "kid": "another name"}]
    assert found(charter) == [("event.twice", "$.registrar_keys[2]")]
    charter["registrar_keys"] = [key] * 9
    assert found(charter) == [("event.size", "$.registrar_keys")]
    charter["registrar_keys"] = [{**key, "d": "secret"}]
    assert found(charter) == [("key.private", "$.registrar_keys[0].d")]


def test_a_secret_key_is_not_repeated_in_the_message() -> None:
    data = example("key")
    data["jwk"]["d"] = "very-secret"
    assert not [one for one in events.errors(json.dumps(data).encode()) if "very-secret" in one.detail]


def test_messages_are_short_and_ascii() -> None:
    (one,) = events.errors(payload("count", site="é" * 1000))
    assert one.detail.isascii()
    assert len(one.detail) < 250


def test_exports() -> None:
    assert all(hasattr(events, name) for name in events.__all__)
    assert {one.__name__ for one in EVENT_TYPES.values()} <= set(events.__all__)


@pytest.mark.parametrize("media_type", ["application/pdf", "image/svg+xml", "a/" + "b" * 64])
def test_media_types(media_type: str) -> None:
    evidence = [{"name": "survey", "sha256": "0" * 64, "media_type": media_type}]
    assert found(example("attest", evidence=evidence)) == []


@pytest.mark.parametrize("media_type", ["pdf", "Image/PNG", "text/plain; charset=utf-8", "a/" + "b" * 65])
def test_what_is_no_media_type(media_type: str) -> None:
    evidence = [{"name": "survey", "sha256": "0" * 64, "media_type": media_type}]
    assert found(example("attest", evidence=evidence)) == [("event.value", "$.evidence[0].media_type")]
