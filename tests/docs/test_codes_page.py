"""docs/reference/codes.md has every code once, with the same words as ledger.codes, and an example for
each refusal of the rules."""

from ledger.codes import CODES
from tests.docs import codes_page as page

TEXT = page.PAGE.read_text("utf-8")


def test_the_page_is_what_the_tables_make_of_it() -> None:
    assert page.render(TEXT) == TEXT, "run: uv run python -m tests.docs.update"


def test_every_code_stands_there_once() -> None:
    assert sorted(code for code, _ in page.ROW.findall(TEXT)) == sorted(CODES)
    assert [table for _, table in page.PARTS if any(CODES[code] != table[code] for code in table)] == []


def test_every_refusal_of_the_rules_has_an_example() -> None:
    rows = page.rows(TEXT)
    assert [
        code for table in page.RULES for code in table if len(rows[code]) != 3 or len(rows[code][2]) < 10
    ] == []


def test_examples_survive_and_everything_else_is_made_anew() -> None:
    meddled = TEXT.replace("The mass is zero.", "Nonsense.").replace("`lot.item`", "`lot.thing`")
    again = page.render(meddled)
    assert "The mass is zero." in again
    assert "`lot.thing`" not in again
    assert page.rows(again)["lot.exists"] == page.rows(TEXT)["lot.exists"]
    assert page.rows(again)["lot.item"][2] == ""
