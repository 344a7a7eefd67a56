"""docs/reference/codes.md has every code once, with the same words as ledger.codes, and an example for
each refusal of a statement."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from ledger import quantity, strictjson
from ledger.codes import CODES
from ledger.errors import Malformed
from tests.docs import codes_page as page

TEXT = page.PAGE.read_text("utf-8")
# What reads the text in the example of a code, and refuses it with that code.
READERS: dict[str, Callable[[Any], object]] = {
    **dict.fromkeys(
        ("json.syntax", "json.duplicate", "json.proto", "json.number", "json.range", "json.surrogate"),
        lambda text: strictjson.loads(text.encode()),
    ),
    "value.mass": quantity.parse_kg,
    "value.mass_zero": quantity.parse_kg,
    "value.time": quantity.parse_time,
    "value.date": quantity.parse_time,
    "value.instant": quantity.parse_instant,
    "value.id": quantity.check_id,
    "value.ratio": quantity.parse_ratio,
}


def test_the_page_is_what_the_tables_make_of_it() -> None:
    assert page.render(TEXT) == TEXT, "run: uv run python -m tests.docs.update"


def test_every_code_stands_there_once() -> None:
    assert sorted(code for code, _ in page.ROW.findall(TEXT)) == sorted(CODES)
    assert [table for _, table in page.PARTS if any(CODES[code] != table[code] for code in table)] == []


def test_every_refusal_of_a_statement_has_an_example() -> None:
    rows = page.rows(TEXT)
    assert [
        code for table in page.REFUSALS for code in table if len(rows[code]) != 3 or len(rows[code][2]) < 10
    ] == []


@pytest.mark.parametrize("code", READERS)
def test_what_stands_in_an_example_is_refused_with_that_code(code: str) -> None:
    texts = re.findall("`([^`]+)`", page.rows(TEXT)[code][2])
    assert texts
    for text in texts:
        with pytest.raises(Malformed) as refused:
            READERS[code](text)
        assert refused.value.code == code


def test_examples_survive_and_everything_else_is_made_anew() -> None:
    meddled = TEXT.replace("The mass is zero.", "Nonsense.").replace("`lot.item`", "`lot.thing`")
    again = page.render(meddled)
    assert "The mass is zero." in again
    assert "`lot.thing`" not in again
    assert page.rows(again)["lot.exists"] == page.rows(TEXT)["lot.exists"]
    assert page.rows(again)["lot.item"][2] == ""
