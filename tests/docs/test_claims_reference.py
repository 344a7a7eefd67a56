"""docs/reference/claims.md: the made parts are what the program makes; every member is explained."""

import re

import pytest

from ledger.claims.document import Claims, Part
from ledger.claims.fold import MODELS
from ledger.claims.method import DEFAULT
from tests.docs import claims_page as page

TEXT = page.PAGE.read_text("utf-8")
SECTIONS = dict(page.SECTION.findall(TEXT))


def test_the_page_is_what_the_program_makes_of_it() -> None:
    assert page.render(TEXT) == TEXT, "run: uv run python -m tests.docs.update"
    assert {*page.MAKERS, "members"} == {found[2] for found in page.PART.finditer(TEXT)}


@pytest.mark.parametrize("model", [*page.models()], ids=lambda model: model.__name__)
def test_every_member_is_explained(model: type[Part]) -> None:
    told = {name: meaning for name, _, meaning in page.ROW.findall(SECTIONS[model.__name__])}
    assert list(told) == list(model.model_fields)
    assert [name for name, meaning in told.items() if not meaning] == []


def test_the_models_of_custody_are_named_from_strongest_to_weakest() -> None:
    section = TEXT.partition("## Chain-of-custody models")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.M) == list(reversed(MODELS))


def test_the_example_document_is_one() -> None:
    (shown,) = re.findall(r"```json claims\n(.*?)```", TEXT, re.S)
    claims = Claims.model_validate_json(shown)
    assert claims.footprint[0].g_per_kg == -(-claims.footprint[0].ug // (1000 * claims.footprint[0].grams))
    assert sum(place.mg for place in claims.origins) == 1000 * claims.grams


def test_numbers_in_the_prose_are_the_methods() -> None:
    low, high = DEFAULT.smelting_kwh
    assert f"{low} to {high} kWh per kg" in " ".join(TEXT.split())
    assert {f"`{word}`" for word in DEFAULT.renewable} <= set(re.findall(r"`\w+`", TEXT))


def test_meanings_survive_and_everything_else_is_made_anew() -> None:
    meaning = "the lot's mass at birth"
    assert f"| `grams` | integer | {meaning}" in TEXT
    again = page.render(TEXT.replace("| `grams` | integer | the lot", "| `grams` | nonsense | the lot"))
    assert again == TEXT
