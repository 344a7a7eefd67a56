"""docs/reference/events.md tells of every type and member; its examples are complete."""

import json
import re
from typing import Any

import pytest
from pydantic import BaseModel

from ledger import events
from ledger.events import EVENT_TYPES, catalogue, common
from tests.core.examples import PAGE, examples

TEXT = PAGE.read_text("utf-8")
SECTIONS = dict(zip(*[iter(re.split(r"^##+ (.+)$", TEXT, flags=re.M)[1:])] * 2, strict=True))
PARTS = re.split(r"^\*(\w+)\*: ", SECTIONS["Parts that several types use"], flags=re.M)
TYPED = [(name, model) for name, model in EVENT_TYPES.items()]


def table(text: str) -> dict[str, bool]:
    """Members of the first table with a column ``required``."""
    rows = [
        [cell.strip() for cell in row.split("|")[1:-1]] for row in text.splitlines() if row.startswith("|")
    ]
    found: dict[str, bool] = {}
    for names, _, required, _ in rows[2:]:
        assert required in ("yes", "no"), names
        found |= {name.strip("` "): required == "yes" for name in names.split(",")}
    return found


def members(model: type[BaseModel], without: type[BaseModel]) -> dict[str, bool]:
    known = without.model_fields
    fields = {name: field for name, field in model.model_fields.items() if name not in known}
    return {field.alias or name: field.is_required() for name, field in fields.items() if name != "type"}


def parts(model: Any) -> set[type[BaseModel]]:
    """The models inside a model's schema, by the names of their definitions."""
    names = re.findall(r"#/\$defs/(\w+)", json.dumps(model.model_json_schema()))
    models = (one for one in every(common.Model) if one.__module__.startswith("ledger.events"))
    return {one for one in models if one.__name__ in names}


def every(base: type[BaseModel]) -> set[type[BaseModel]]:
    return {base}.union(*map(every, base.__subclasses__()))


def test_every_type_has_a_section_in_order() -> None:
    assert [name for name in SECTIONS if name in EVENT_TYPES] == list(EVENT_TYPES)
    assert list(examples()) == list(EVENT_TYPES)


@pytest.mark.parametrize(("name", "model"), TYPED)
def test_every_member_stands_in_its_table(name: str, model: type[BaseModel]) -> None:
    assert table(SECTIONS[name]) == members(model, common.Common)


def test_the_common_members() -> None:
    assert table(SECTIONS["Members of every event"]) == {**members(common.Common, BaseModel), "type": True}


def test_the_parts() -> None:
    line, output, evidence, energy, emission = PARTS[2::2]
    assert PARTS[1::2] == ["line", "output", "evidence", "energy", "emission"]
    assert table(line) == members(common.Line, BaseModel)
    assert table(output) == members(common.Output, common.Line)
    assert table(evidence) == members(common.Evidence, BaseModel)
    assert table(energy) == members(common.Energy, BaseModel)
    assert table(emission) == members(common.Emission, BaseModel)


def test_the_catalogue() -> None:
    whole, process = SECTIONS["The catalogue"].split("A process:")
    assert table(whole) == members(catalogue.Catalogue, BaseModel)
    assert table(process) == members(catalogue.ProcessEntry, BaseModel)


@pytest.mark.parametrize(("name", "model"), TYPED)
def test_members_of_members_are_named(name: str, model: type[BaseModel]) -> None:
    for part in parts(model):
        section = SECTIONS["The catalogue"] if part.__module__ == catalogue.__name__ else SECTIONS[name]
        if part in (common.Emission, common.Energy, common.Evidence, common.Line, common.Output):
            section = SECTIONS["Parts that several types use"]
        if part is common.EventRef:
            section = SECTIONS["Values"].replace('"', "`")
        for member in members(part, common.Line if issubclass(part, common.Line) else BaseModel):
            assert f"`{member}`" in section, (part, member)


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_example_parses(name: str) -> None:
    assert events.errors(json.dumps(examples()[name]).encode()) == []


def test_the_examples_show_every_member() -> None:
    shown = set(re.findall(r'"(\w+)":', "".join(re.findall(r"```json\n(.*?)```", TEXT, re.S))))
    for model in every(common.Model):
        if model.__module__.startswith("ledger.events"):
            wanted = set(members(model, BaseModel))
            assert wanted - {"status", "replaces", "successor", "ext"} <= shown, model


def test_the_mappings_name_every_type() -> None:
    for section in ("In the words of EPCIS 2.0", "From SAP movement types"):
        words = set(re.findall(r"`(\w+)`", SECTIONS[section]))
        custody = {"source", "transform", "ship", "receive", "transfer", "exit", "count", "correct"}
        assert custody <= words, section
    for movement in (101, 122, 261, 531, 309, 701, 702, 541, 601):
        assert f"| {movement} " in SECTIONS["From SAP movement types"], movement
