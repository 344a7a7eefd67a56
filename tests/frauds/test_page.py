"""docs/frauds.md is what the data make of it, and says of every known fraud what becomes of it."""

import re

import pytest

from cli.demo.frauds import Fraud, load
from tests.frauds import page

TEXT = page.PAGE.read_text("utf-8")
DESIGN = page.PAGE.with_name("design.md").read_text("utf-8")

# What rules, checks, audit or guard must catch; docs/frauds.md has the rest.
KNOWN = {
    "same lot sold to two buyers",
    "opening stock inflated to launder later purchases",
    "stock found again and again",
    "weight gained at every hop within tolerance",
    "losses always at the maximum, excess sold outside",
    "outside metal booked as collected scrap",
    "ore of an unlicensed pit",
    "heel overstated to hide mass",
    "press scrap sold as post-consumer",
    "prime metal cut up and called scrap",
    "remelted in a third country to change origin",
    "listed-region silicon or magnesium hidden as an addition",
    "one heat's low-carbon twin sold twice",
    "more metal than alumina allows",
    "lot used in transit",
    "hand-over with one signature",
    "item split in two",
    "mass hidden in rounding",
    "circular ancestry",
    "one serial on two panels",
    "toll owner's metal swapped",
    "weighbridge ticket used twice",
    '"exit: lost" to free capacity',
    "dispute to stall a rival",
    "merger to lose a bad history",
    "coal twin claimed hydro; one megawatt-hour at two smelters",
    "exclusive volumes sold elsewhere",
    "suspension kept from the ledger",
    "evidence file swapped later",
    "entry edited",
    "entry removed",
    "entry inserted",
    "entries swapped",
    "history rewritten with all hashes recomputed",
    "rolled back to an old copy, then continued",
    "fork shown to one buyer",
    "whole invented ledger",
    "statement replayed on another ledger",
    "key used after revocation",
    "back-dated by a key's thief",
    "thief's key registered for another party",
    "proof with an ancestor cut off",
    "correction or revocation stripped out of a proof",
    "another panel's proof relabelled",
    "proof with its own trust file",
    "stale checkpoint",
    "same event re-signed as a second one",
    "lot id squatted",
    "duplicate JSON names",
    "lone surrogates",
    "2^53+1",
    "NaN in ext",
    "small-order or mixed-order key",
    "second birth shown in a second proof",
    "catalogue loosened for one entry",
}


def test_the_page_is_what_the_data_make_of_it() -> None:
    assert page.render(TEXT) == TEXT, "run: uv run python -m tests.frauds.page"


def test_the_tables_are_made_anew_and_everything_else_survives() -> None:
    assert page.render(TEXT.replace("lot.receiver", "lot.nonsense") + "A remark.\n") == TEXT + "A remark.\n"


def test_every_fraud_stands_there_once() -> None:
    for fraud in load():
        assert TEXT.count(f"`{fraud.name}` |") == 1, fraud.name


def test_every_known_family_is_tried() -> None:
    families = {fraud.family for fraud in load()}
    assert KNOWN - families == set()
    assert all(f"*{family}*" in TEXT for family in families)


# -- the threat model of docs/design.md

HEADS = [
    "tries",
    "admission",
    "proof alone",
    "with root",
    "several proofs",
    "witness",
    "replaying witness",
    "audit",
    "monitor",
    "what is left",
]
SAYS = {
    "admission": {"admission"},
    "check 8": {"with root"},
    "check 2 (--seen)": {"several proofs"},
    "check 2 (--max-age)": {"proof alone"},
    "witness": {"witness"},
    "replaying witness": {"replaying witness"},
    "audit": {"audit"},
    "monitor": {"monitor"},
    "evidence": {"monitor"},
    "guard": {"audit"},
    "in vain": {"with root"},
}
CHECKS = {"proof alone", "with root", "several proofs", "witness", "replaying witness"}


def threats() -> list[dict[str, str]]:
    """The rows of all tables of the threat model, by their heads."""
    _, _, model = DESIGN.partition("## Threat model")
    rows = [line.strip("|").split("|") for line in model.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row] for row in rows]
    assert sum(row == HEADS for row in cells) == 6  # who might lie
    rest = [row for row in cells if row != HEADS and set(row[0]) != {"-"}]
    return [dict(zip(HEADS, row, strict=True)) for row in rest]


def named(row: dict[str, str]) -> list[str]:
    return re.findall(r"\(frauds\.md#([^)]+)\)", row["tries"])


@pytest.mark.parametrize("row", threats(), ids=lambda row: row["tries"][:40])
def test_the_threat_model_says_what_the_frauds_show(row: dict[str, str]) -> None:
    """Each fraud that a row names is one of the table, and is caught in a column that says so."""
    assert {row[head] for head in HEADS[1:-1]} <= {"yes", "part", "–"}
    known: dict[str, Fraud] = {fraud.name: fraud for fraud in load()}
    for name in named(row):
        columns = SAYS.get(known[name].caught_by, CHECKS)
        assert {row[column] for column in columns} & {"yes", "part"}, name


def test_what_nothing_catches_is_said() -> None:
    """A row without any column must say in words that nothing, or nobody but the poster, sees it."""
    blind = [row for row in threats() if {row[head] for head in HEADS[1:-1]} == {"–"}]
    assert blind
    assert all(re.search(r"\*\*(nothing|only the poster)", row["what is left"]) for row in blind)
    assert any("atoms" in row["tries"] for row in blind)


def test_most_frauds_on_root_and_witnesses_stand_in_the_threat_model() -> None:
    linked = {name for row in threats() for name in named(row)}
    watched = {"witness", "replaying witness", "monitor", "evidence", "guard", "in vain"}
    missing = {fraud.name for fraud in load() if fraud.caught_by in watched} - linked
    assert missing <= {"guard-sees-the-copy-go-on", "guard-is-deleted"}
