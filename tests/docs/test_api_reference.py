"""docs/reference/api.md tells of every route, parameter, status and metric; its examples have the form."""

import json
import re
from http import HTTPStatus
from typing import Any

import pytest

from api import models
from api.app import create_app
from api.metrics import METRICS
from api.serve import HOST, PORT
from tests.api.serving import ledger_of
from tests.house.tree import ROOT
from tests.world import World

TEXT = (ROOT / "docs" / "reference" / "api.md").read_text("utf-8")
SECTIONS = dict(zip(*[iter(re.split(r"^##+ (.+)$", TEXT, flags=re.M)[1:])] * 2, strict=True))
SPEC = create_app(ledger_of(World())).openapi()
ROUTES = {
    f"`{method.upper()} {path}`": route
    for path, ways in SPEC["paths"].items()
    for method, route in ways.items()
}


def rows(text: str) -> list[list[str]]:
    """The cells of the table's rows, its head left out."""
    found = [
        [cell.strip() for cell in row.split("|")[1:-1]] for row in text.splitlines() if row.startswith("|")
    ]
    return found[2:]


def test_every_route_has_a_section_in_order() -> None:
    assert [name for name in SECTIONS if name.startswith("`")] == list(ROUTES)


@pytest.mark.parametrize("name", ROUTES)
def test_every_parameter_and_status_is_told(name: str) -> None:
    route, text = ROUTES[name], SECTIONS[name]
    parameters = {f"`{p['name']}`": "yes" if p["required"] else "no" for p in route.get("parameters", [])}
    if name != "`GET /metrics`":
        assert {cells[0]: cells[1] for cells in rows(text)} == parameters
    answers = re.search(r"^Answers: (.+)$", text, flags=re.M)
    assert answers
    assert answers[1].split(", ") == sorted(route["responses"])


@pytest.mark.parametrize("name", ROUTES)
def test_the_description_for_programs_is_complete(name: str) -> None:
    route = ROUTES[name]
    assert route["summary"]
    assert route["description"]
    assert route["tags"]
    assert all(parameter["description"] for parameter in route.get("parameters", []))
    for status, answer in route["responses"].items():
        kinds = list(answer["content"])
        assert (kinds == ["application/problem+json"]) == (status != "200"), status
        assert all(content["schema"] for content in answer["content"].values())
        assert answer["description"]


def test_every_reference_leads_somewhere_and_nothing_is_left_over() -> None:
    found = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(SPEC)))
    assert found == set(SPEC["components"]["schemas"])
    nameless = [
        f"{name}.{member}"
        for name, schema in SPEC["components"]["schemas"].items()
        for member, form in schema["properties"].items()
        if not form
    ]
    assert not nameless


def test_every_status_is_explained() -> None:
    told = {int(cells[0]) for cells in rows(SECTIONS["What holds for every route"])}
    given = {int(status) for route in ROUTES.values() for status in route["responses"]} - {200}
    assert told == given | {HTTPStatus.METHOD_NOT_ALLOWED}


def test_every_metric_is_explained() -> None:
    told = {cells[0].strip("`"): cells[1] for cells in rows(SECTIONS["`GET /metrics`"])}
    assert told == {name: kind for name, (kind, _) in METRICS.items()}


def test_the_examples_have_the_form_shown() -> None:
    problem, posted = (
        json.loads(block) for block in re.findall(r"^```json\n(.+?)^```$", TEXT, flags=re.M | re.S)
    )
    models.Problem.model_validate(problem)
    models.Posted.model_validate(posted)


def test_the_address_is_the_default_one() -> None:
    addresses: set[Any] = set(re.findall(r"http://([^/`\s]+)", TEXT))
    assert addresses == {f"{HOST}:{PORT}"}
